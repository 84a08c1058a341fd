import pytest

from vep_cli.errors import UsageError
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable
from vep_cli.scoring.choice import choose_scorers

ATAC, RNA_SEQ, SPLICE_SITES = OutputType.ATAC, OutputType.RNA_SEQ, OutputType.SPLICE_SITES


def test_recommended_scorers_of_the_chosen_outputs() -> None:
    choice = choose_scorers("human", outputs=frozenset({RNA_SEQ, ATAC}), has_annotation=True)
    assert [scorer.name for scorer in choice.scorers] == ["ATAC", "RNA_SEQ", "RNA_SEQ_ACTIVE", "ATAC_ACTIVE"]
    assert choice.left_out == {}
    assert choice.outputs == (ATAC, RNA_SEQ)


def test_without_genes_their_scorers_are_named_and_left_out() -> None:
    choice = choose_scorers("human", outputs=frozenset({RNA_SEQ, ATAC}), has_annotation=False)
    assert [scorer.name for scorer in choice.scorers] == ["ATAC", "ATAC_ACTIVE"]
    assert set(choice.left_out) == {"RNA_SEQ", "RNA_SEQ_ACTIVE"}
    assert all("--gtf" in reason for reason in choice.left_out.values())


def test_nothing_to_score_is_an_error() -> None:
    with pytest.raises(UsageError, match="RNA_SEQ without genes") as caught:
        choose_scorers("human", outputs=frozenset({RNA_SEQ}), has_annotation=False)
    assert "--gtf" in str(caught.value.remedy)
    with pytest.raises(UsageError, match="no scorer reads"):
        choose_scorers("human", outputs=frozenset(), has_annotation=True)


def test_tracks_that_no_scorer_reads_are_not_predicted() -> None:
    tracks = tuple(
        Track(organism="human", output_type=output, index=0, name=str(output))
        for output in (ATAC, SPLICE_SITES, RNA_SEQ)
    )
    choice = choose_scorers("human", outputs=frozenset({RNA_SEQ, ATAC}), has_annotation=False)
    assert choice.read_by_a_scorer(TrackTable(tracks)).tracks == tracks[:1]
