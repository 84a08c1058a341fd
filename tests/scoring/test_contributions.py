import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.genome.alleles import Allele, AlleleStatus
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.genome.vcf_record import parse_record
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.center_mask import CenterMaskScorer
from vep_cli.scoring.contributions import BASES, Contributions, Gathering
from vep_cli.scoring.scored_record import ScoredAllele, ScoredRecord
from vep_cli.scoring.scorer import RowLabel, Scorer, Scores

STRETCH = Interval(chromosome="chr1", start=100, end=103)
LETTERS = "GAT"
SIGNED, UNSIGNED, LEVEL = (
    CenterMaskScorer(requested_output=OutputType.ATAC, width=501, aggregation=one)
    for one in (Aggregation.DIFF_MEAN, Aggregation.L2_DIFF, Aggregation.ACTIVE_SUM)
)
TRACKS = tuple(
    Track(organism="human", output_type=OutputType.ATAC, index=n, name=f"track {n}") for n in range(2)
)


def scored(place: int, effects: dict[str, list[float]], scorer: Scorer = SIGNED) -> ScoredRecord:
    """A record with the scores of the changes of one base: per base that comes in, those of the tracks."""
    line = f"chr1\t{101 + place}\t.\t{LETTERS[place]}\t{','.join(effects)}\t.\t.\t."
    alleles = []
    for base, raw in effects.items():
        variant = Variant(
            chromosome="chr1", position=101 + place, reference_bases=LETTERS[place], alternate_bases=base
        )
        matrix = np.array([raw], np.float32)
        scores = Scores(
            scorer=scorer, rows=(RowLabel(),), tracks=TRACKS, raw=matrix, reference=matrix, alternate=matrix
        )
        allele = Allele(text=base, status=AlleleStatus.PASS, variant=variant)
        alleles.append(ScoredAllele(allele=allele, interval=STRETCH, scores=(scores,)))
    return ScoredRecord(record=parse_record(line, line_number=1), alleles=tuple(alleles))


def gathered(*records: ScoredRecord, panels: int = 9) -> tuple[Contributions, ...]:
    gathering = Gathering(STRETCH, LETTERS, panels)
    for record in records:
        gathering.add(record)
    return gathering.strongest()


def test_a_base_whose_changes_lower_the_score_contributes_more_than_nothing() -> None:
    # G at the first place: -3, -1 and 1 on the second track, whose mean is -1; nothing of the others.
    (one,) = gathered(scored(0, {"A": [0.0, -3.0], "C": [0.5, -1.0], "T": [0.0, 1.0]}))
    assert one.track is TRACKS[1]
    assert one.bases == LETTERS
    np.testing.assert_array_equal(one.effects[0], np.array([-3, -1, np.nan, 1], np.float32))
    np.testing.assert_array_equal(one.of_bases, np.array([1, np.nan, np.nan]))


def test_sizes_have_no_sign_to_turn() -> None:
    (one,) = gathered(scored(2, {"A": [3.0, 0.0], "C": [0.0, 0.0], "G": [0.0, 0.0]}, UNSIGNED))
    np.testing.assert_array_equal(one.of_bases, np.array([np.nan, np.nan, 1]))


def test_levels_compare_nothing() -> None:
    assert gathered(scored(0, {"A": [3.0, 1.0]}, LEVEL)) == ()


def test_missing_scores_are_left_out_of_the_mean() -> None:
    (one,) = gathered(scored(1, {"C": [float("nan"), 0.0], "G": [-2.0, 0.0], "T": [-4.0, 0.0]}))
    assert one.track is TRACKS[0]
    assert one.of_bases[1] == 3


def test_scorers_keep_their_order_and_as_many_are_returned_as_are_wanted() -> None:
    records = [scored(0, {"A": [-1.0, 0.0]}), scored(0, {"A": [9.0, 0.0]}, UNSIGNED)]
    assert [one.scorer for one in gathered(*records)] == [SIGNED, UNSIGNED]
    assert [one.scorer for one in gathered(*records, panels=1)] == [SIGNED]
    assert gathered(*records, panels=0) == ()


def test_nothing_of_size_is_no_contribution() -> None:
    assert gathered(scored(0, {"A": [0.0, float("nan")]})) == ()


@given(st.lists(st.floats(-5, 5, width=32), min_size=3, max_size=3))
def test_contributions_are_the_mean_of_three_with_the_other_sign(changes: list[float]) -> None:
    others = [base for base in BASES if base != LETTERS[0]]
    found = gathered(scored(0, {base: [value, 0.0] for base, value in zip(others, changes, strict=True)}))
    if any(changes):
        assert found[0].of_bases[0] == pytest.approx(-np.mean(changes), abs=1e-5)
        turned = dataclasses.replace(found[0], scorer=UNSIGNED)
        assert turned.of_bases[0] == -found[0].of_bases[0]
    else:
        assert found == ()
