import dataclasses

import jax
import numpy as np
import pytest
from official_cases import Golden

from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.center_mask import CenterMaskScorer
from vep_cli.scoring.scorer import Scores

compute_on_device = jax.jit(CenterMaskScorer.compute, static_argnums=0)


def make_scorer(
    output: str = "ATAC", width: int | None = 501, aggregation: str = "DIFF_LOG2_SUM"
) -> CenterMaskScorer:
    return CenterMaskScorer(
        requested_output=OutputType(output),
        width=width,
        aggregation=Aggregation(aggregation),
    )


def run(
    golden: Golden, scorer: CenterMaskScorer, reference: np.ndarray, alternate: np.ndarray, variant: Variant
) -> Scores:
    masks = scorer.masks(variant, golden.interval, None)
    output = scorer.output_type
    values = compute_on_device(scorer, {output: reference}, {output: alternate}, dict(masks.arrays))
    return scorer.label(jax.device_get(values), masks.rows, golden.tracks(output))


def official(golden: Golden, output: OutputType) -> tuple[np.ndarray, np.ndarray]:
    return tuple(golden.arrays[f"cm/{allele}_{output.resolution}bp"] for allele in ("ref", "alt"))


def test_official_scores(golden: Golden) -> None:
    cases = golden.of_kind("center_mask")
    assert {case["aggregation"] for case in cases} == set(Aggregation)
    for case in cases:
        scorer = make_scorer(case["output"], case["width"], case["aggregation"])
        scores = run(golden, scorer, *official(golden, scorer.output_type), case["variant"])
        expected = golden.arrays[f"{case['name']}/score"]
        # Differences of float32 sums are as good as the sums.
        rounding = 1e-6 * np.abs(scores.reference[0]) + 1e-6
        error = np.abs(scores.raw[0] - expected)
        np.testing.assert_array_equal(np.isnan(error), np.isnan(expected))
        assert (np.isnan(error) | (error <= rounding)).all(), case["name"]


SNV = Variant(chromosome="chr1", position=1200, reference_bases="A", alternate_bases="C")


def test_sum_on_paper(golden: Golden) -> None:
    # Index 199 is the variant's; 501 bp round it are cut to 0..449. REF is 1 everywhere, ALT 3:
    # log2(1 + 3 * 450) - log2(1 + 450) = log2(1351 / 451)
    reference, alternate = np.ones((512, 6), np.float32), np.full((512, 6), 3, np.float32)
    scores = run(golden, make_scorer(), reference, alternate, SNV)
    np.testing.assert_allclose(scores.raw, np.full((1, 6), np.log2(1351 / 451)), rtol=1e-6)
    np.testing.assert_array_equal(scores.reference, np.full((1, 6), 450))
    np.testing.assert_array_equal(scores.alternate, np.full((1, 6), 1350))
    assert [row.gene for row in scores.rows] == [None]


@pytest.mark.parametrize("aggregation", [item for item in Aggregation if not item.name.startswith("ACTIVE")])
def test_equal_alleles_differ_by_zero(golden: Golden, aggregation: Aggregation) -> None:
    reference, _ = official(golden, OutputType.ATAC)
    scores = run(golden, make_scorer(aggregation=aggregation), reference, reference, SNV)
    assert scores.raw.tolist() == [[0.0] * 6]


@pytest.mark.parametrize("aggregation", list(Aggregation))
def test_permuting_tracks_permutes_scores(golden: Golden, aggregation: Aggregation) -> None:
    reference, alternate = official(golden, OutputType.ATAC)
    order = [3, 1, 5, 0, 2, 4]
    scorer = make_scorer(aggregation=aggregation)
    scores = run(golden, scorer, reference, alternate, SNV)
    permuted = run(golden, scorer, reference[:, order], alternate[:, order], SNV)
    np.testing.assert_allclose(permuted.raw, scores.raw[:, order], rtol=1e-6)


def test_padding_does_not_change_scores(golden: Golden) -> None:
    # A wider mask of the same bins, padded, must add nothing: near the start 2001 bp are cut to 0..511.
    reference, alternate = official(golden, OutputType.ATAC)
    for aggregation in Aggregation:
        padded = run(golden, make_scorer("ATAC", 3001, aggregation), reference, alternate, SNV)
        whole = run(golden, make_scorer("ATAC", None, aggregation), reference, alternate, SNV)
        np.testing.assert_allclose(padded.raw, whole.raw, rtol=1e-6)


def test_mask_of_a_megabase_window_is_small() -> None:
    window = Interval(chromosome="chr1", start=0, end=1 << 20)
    masks = make_scorer("CHIP_HISTONE", 2001).masks(SNV, window, None)
    assert {name: array.shape for name, array in masks.arrays.items()} == {"positions": (1, 16)}


@pytest.mark.parametrize(
    ("scorer", "name", "signed"),
    [
        (make_scorer(), "ATAC", True),
        (make_scorer("CHIP_HISTONE", 2001, "ACTIVE_SUM"), "CHIP_HISTONE_ACTIVE", False),
        (make_scorer("CHIP_HISTONE", 501), "CHIP_HISTONE:501:DIFF_LOG2_SUM", True),
        (make_scorer("CAGE", None, "L2_DIFF"), "CAGE:none:L2_DIFF", False),
        # Not the names of the gene scorers.
        (make_scorer("RNA_SEQ", 501), "RNA_SEQ:501:DIFF_LOG2_SUM", True),
        (make_scorer("RNA_SEQ", None, "ACTIVE_SUM"), "RNA_SEQ:none:ACTIVE_SUM", False),
    ],
)
def test_names(scorer: CenterMaskScorer, name: str, signed: bool) -> None:
    assert scorer.name == name
    assert scorer.is_signed is signed
    assert not scorer.needs_annotation


@pytest.mark.parametrize("aggregation", list(Aggregation))
def test_is_difference(golden: Golden, aggregation: Aggregation) -> None:
    scorer = make_scorer(aggregation=aggregation)
    assert scorer.is_difference is not aggregation.startswith("ACTIVE")
    reference, _ = official(golden, OutputType.ATAC)
    scores = run(golden, scorer, reference, reference, SNV)
    assert (not scores.raw.any()) is scorer.is_difference


def test_official_name_has_every_setting() -> None:
    assert (
        make_scorer("ATAC", None, "L2_DIFF").official_name
        == "CenterMaskScorer(requested_output=ATAC, width=None, aggregation_type=L2_DIFF)"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"requested_output": OutputType.CONTACT_MAPS}, "per bin"),
        ({"requested_output": OutputType.SPLICE_JUNCTIONS}, "per bin"),
        ({"width": 0}, "self.width=0"),
    ],
)
def test_settings_without_a_meaning_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(make_scorer(), **changes)
