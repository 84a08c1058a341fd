from typing import Any

import pytest

from vep_cli.errors import UsageError
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable
from vep_cli.scoring.choice import choose_scorers

ATAC, RNA_SEQ, SPLICE_SITES = OutputType.ATAC, OutputType.RNA_SEQ, OutputType.SPLICE_SITES
JUNCTIONS = OutputType.SPLICE_JUNCTIONS
SITES = PolyadenylationSites(start={})


def test_recommended_scorers_of_the_chosen_outputs() -> None:
    outputs = frozenset({RNA_SEQ, ATAC})
    choice = choose_scorers("human", outputs=outputs, has_annotation=True, polyadenylation_sites=SITES)
    names = [scorer.name for scorer in choice.scorers]
    assert names == ["ATAC", "RNA_SEQ", "RNA_SEQ_ACTIVE", "POLYADENYLATION", "ATAC_ACTIVE"]
    assert choice.left_out == {}
    assert choice.outputs == (ATAC, RNA_SEQ)


def test_without_genes_their_scorers_are_named_and_left_out() -> None:
    choice = choose_scorers("human", outputs=frozenset({RNA_SEQ, ATAC}), has_annotation=False)
    assert [scorer.name for scorer in choice.scorers] == ["ATAC", "ATAC_ACTIVE"]
    assert set(choice.left_out) == {"RNA_SEQ", "RNA_SEQ_ACTIVE", "POLYADENYLATION"}
    assert all("--gtf" in reason for reason in choice.left_out.values())


def test_polyadenylation_needs_a_table_and_is_for_human() -> None:
    choice = choose_scorers("human", outputs=frozenset({RNA_SEQ}), has_annotation=True)
    assert "POLYADENYLATION" not in [scorer.name for scorer in choice.scorers]
    assert "--polya" in choice.left_out["POLYADENYLATION"]
    mouse = choose_scorers("mouse", outputs=frozenset({RNA_SEQ}), has_annotation=True)
    assert mouse.left_out == {}
    with_table = choose_scorers(
        "mouse", outputs=frozenset({RNA_SEQ}), has_annotation=True, polyadenylation_sites=SITES
    )
    assert with_table.scorers == mouse.scorers
    assert "human" in with_table.left_out["POLYADENYLATION"]


def test_splice_junctions_are_not_averaged_over_models() -> None:
    outputs = frozenset({ATAC, JUNCTIONS})
    one = choose_scorers("human", outputs=outputs, has_annotation=True)
    several = choose_scorers("human", outputs=outputs, has_annotation=True, is_ensemble=True)
    assert [scorer.name for scorer in one.scorers] == ["ATAC", "SPLICE_JUNCTIONS", "ATAC_ACTIVE"]
    assert [scorer.name for scorer in several.scorers] == ["ATAC", "ATAC_ACTIVE"]
    assert "several" in several.left_out["SPLICE_JUNCTIONS"]
    assert JUNCTIONS not in several.outputs


def test_scorers_that_are_asked_for_are_used_and_no_others() -> None:
    names = ["rna_seq", "ATAC:2001:DIFF_MEAN", "RNA_SEQ", "ATAC:DIFF_MEAN:2001", "ATAC"]
    choice = choose_scorers(
        "human", outputs=frozenset({ATAC, RNA_SEQ, SPLICE_SITES}), has_annotation=True, names=names
    )
    # Two spellings of one scorer are one.
    assert [scorer.name for scorer in choice.scorers] == ["RNA_SEQ", "ATAC:2001:DIFF_MEAN", "ATAC"]
    assert choice.left_out == {}
    assert choice.outputs == (ATAC, RNA_SEQ)


def test_mouse_has_eighteen_scorers_by_name_too() -> None:
    outputs = frozenset(OutputType)
    every = choose_scorers("mouse", outputs=outputs, has_annotation=True)
    assert len(every.scorers) == 18
    names = [scorer.name for scorer in every.scorers]
    assert choose_scorers("mouse", outputs=outputs, has_annotation=True, names=names) == every


@pytest.mark.parametrize(
    ("name", "changes", "message", "remedy"),
    [
        ("RNA_SEQ", {"has_annotation": False}, "scorer RNA_SEQ_ACTIVE needs a gene annotation", "--gtf"),
        ("POLYADENYLATION", {"polyadenylation_sites": None}, "table of polyadenylation sites", "--polya"),
        ("POLYADENYLATION", {"organism": "mouse"}, "POLYADENYLATION is for human only", "--scorer"),
        ("SPLICE_JUNCTIONS", {"is_ensemble": True}, "averaged over several --weights", "one --weights"),
        ("ATAC", {}, "scorer ATAC reads ATAC, of which no track is chosen", "vep tracks"),
        ("ATAC:2001", {}, "scorer ATAC:2001:DIFF_LOG2_SUM reads ATAC", "vep tracks"),
        ("ATAK", {}, "no scorer is named 'ATAK'", "ATAC"),
    ],
)
def test_a_scorer_that_is_asked_for_and_cannot_be_used_is_an_error(
    name: str, changes: dict[str, Any], message: str, remedy: str
) -> None:
    usable: dict[str, Any] = {
        "organism": "human",
        "outputs": frozenset({RNA_SEQ, JUNCTIONS}),
        "has_annotation": True,
        "polyadenylation_sites": SITES,
    }
    with pytest.raises(UsageError, match=message) as caught:
        choose_scorers(**{**usable, **changes}, names=["RNA_SEQ_ACTIVE", name])
    assert remedy in str(caught.value.remedy)


def test_nothing_to_score_is_an_error() -> None:
    with pytest.raises(
        UsageError, match=r"of RNA_SEQ can be used: RNA_SEQ needs a gene annotation \(--gtf\)"
    ):
        choose_scorers("human", outputs=frozenset({RNA_SEQ}), has_annotation=False)
    with pytest.raises(UsageError, match=r"can be used(?m:$)"):
        choose_scorers("human", outputs=frozenset(), has_annotation=True)


def test_tracks_that_no_scorer_reads_are_not_predicted() -> None:
    tracks = tuple(
        Track(organism="human", output_type=output, index=0, name=str(output))
        for output in (ATAC, SPLICE_SITES, RNA_SEQ)
    )
    choice = choose_scorers("human", outputs=frozenset({RNA_SEQ, ATAC}), has_annotation=False)
    assert choice.read_by_a_scorer(TrackTable(tracks)).tracks == tracks[:1]
