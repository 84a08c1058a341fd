import dataclasses
import math

import jax
import numpy as np
import pytest
from official_cases import Golden
from toy_genes import TOY_WINDOW, one_exon_genes, strand_tracks

from vep_cli.errors import UsageError
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.interval import Interval
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.interval_scorer import GeneIntervalScorer, IntervalAggregation, IntervalScores

TRACKS = strand_tracks(OutputType.RNA_SEQ, "+-.")

compute_on_device = jax.jit(GeneIntervalScorer.compute, static_argnums=0)


def make_scorer(
    output: str = "RNA_SEQ", width: int | None = None, aggregation: str = "MEAN"
) -> GeneIntervalScorer:
    return GeneIntervalScorer(
        requested_output=OutputType(output), width=width, aggregation=IntervalAggregation(aggregation)
    )


def run(
    scorer: GeneIntervalScorer,
    annotation: Annotation,
    values: np.ndarray,
    tracks: tuple[Track, ...] = TRACKS,
    interval: Interval = TOY_WINDOW,
) -> IntervalScores:
    masks = scorer.masks(interval, annotation)
    scores = compute_on_device(scorer, {scorer.requested_output: values}, dict(masks.arrays))
    return scorer.label(jax.device_get(scores), masks.rows, tracks)


def test_official_scores(golden: Golden) -> None:
    cases = golden.of_kind("interval")
    assert len(cases) == 5
    for case in cases:
        _, output, width, aggregation = case["name"].split("/")
        scorer = make_scorer(output, None if width == "None" else int(width), aggregation)
        values = golden.arrays["cm/ref_128bp" if output == "CHIP_TF" else "gene/ref"]
        masks = scorer.masks(golden.interval, golden.annotation)
        lengths = golden.arrays[f"{case['name']}/mask_len"]
        assert masks.arrays["length"][: len(masks.rows)].tolist() == lengths.tolist()
        tracks = golden.tracks(scorer.requested_output)
        scores = run(scorer, golden.annotation, values, tracks, golden.interval)
        assert [row.gene.gene_id for row in scores.rows] == case["genes"]
        expected = golden.arrays[f"{case['name']}/score"]
        np.testing.assert_allclose(scores.raw, expected, rtol=2e-6, err_msg=case["name"])


RAMP = np.repeat(np.arange(10, dtype=np.float32)[:, None], 3, axis=1)


@pytest.mark.parametrize(("aggregation", "expected"), [("MEAN", 3.0), ("SUM", 9.0)])
def test_aggregation_on_paper(aggregation: str, expected: float) -> None:
    # The exon reads 2, 3, 4, on tracks of either strand.
    scorer = make_scorer(aggregation=aggregation)
    assert run(scorer, one_exon_genes((1002, 1005, "+")), RAMP).raw.tolist() == [[expected] * 3]


def test_only_the_width_round_the_centre_counts() -> None:
    # Five bases round 1005 are 1002..1006: the first gene starts before them, the second ends behind.
    annotation = one_exon_genes((1001, 1005, "+"), (1005, 1010, "+"))
    scores = run(make_scorer(width=5), annotation, RAMP)
    assert [row.gene.gene_id for row in scores.rows] == ["G1.1"]
    assert scores.raw.tolist() == [[5.5] * 3]


def test_bins_that_hold_any_base_count_once() -> None:
    # Bases 100..129 and 200..260 touch bins 0 and 1, and 1 and 2, of 128 bp.
    window = Interval(chromosome="chr1", start=0, end=512)
    annotation = one_exon_genes((100, 130, "+"))
    annotation = dataclasses.replace(
        annotation,
        exon_transcript=np.array([0, 0]),
        exon_start=np.array([100, 200]),
        exon_end=np.array([130, 261]),
    )
    values = np.array([[1], [10], [100], [1000]], np.float32)
    tracks = strand_tracks(OutputType.CHIP_TF, ".")
    scorer = make_scorer("CHIP_TF", None, "SUM")
    assert run(scorer, annotation, values, tracks, window).raw.tolist() == [[111]]
    # An exon that ends with its bin, at 256, does not touch the next one.
    annotation = dataclasses.replace(annotation, exon_end=np.array([130, 256]))
    assert run(scorer, annotation, values, tracks, window).raw.tolist() == [[11]]


def test_mean_of_no_exon_bases_is_nan() -> None:
    annotation = one_exon_genes((990, 1000, "-"))
    np.testing.assert_array_equal(run(make_scorer(), annotation, RAMP).raw, [[math.nan] * 3])


def test_only_the_classes_of_the_tracks_are_reported() -> None:
    scorer = make_scorer("SPLICE_SITES", None, "SUM")
    tracks = strand_tracks(OutputType.SPLICE_SITES, "++--")[2:]
    values = np.arange(50, dtype=np.float32).reshape(10, 5)
    assert run(scorer, one_exon_genes((1000, 1001, "-"), (1000, 1002, "-")), values, tracks).raw.tolist() == [
        [2, 3],
        [9, 11],
    ]


def test_default_is_the_official_one() -> None:
    name = "GeneMaskScorer(requested_output=RNA_SEQ, width=200001, aggregation_type=MEAN)"
    assert GeneIntervalScorer().official_name == name


@pytest.mark.parametrize(
    ("interval", "message"),
    [
        (TOY_WINDOW, "narrower than the scorer's 200001 bp"),
        (Interval(chromosome="chr1", start=0, end=300_000, strand="-"), "'-' strand"),
    ],
)
def test_intervals_that_cannot_be_scored_are_refused(interval: Interval, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        GeneIntervalScorer().masks(interval, one_exon_genes((1000, 1010, "+")))


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
        dataclasses.replace(GeneIntervalScorer(), **changes)
