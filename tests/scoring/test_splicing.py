import math

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from official_cases import Golden
from toy_genes import TOY_WINDOW, one_exon_genes, strand_tracks, toy_variant

from vep_cli.errors import UsageError
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring import masks as masks_module
from vep_cli.scoring.scorer import Scores
from vep_cli.scoring.splicing import GeneMaskSplicingScorer

SITES = GeneMaskSplicingScorer(requested_output=OutputType.SPLICE_SITES)
USAGE = GeneMaskSplicingScorer(requested_output=OutputType.SPLICE_SITE_USAGE)
USAGE_TRACKS = strand_tracks(OutputType.SPLICE_SITE_USAGE, "+-.")
SITE_TRACKS = strand_tracks(OutputType.SPLICE_SITES, "++--")

compute_on_device = jax.jit(GeneMaskSplicingScorer.compute, static_argnums=0)


def run(
    scorer: GeneMaskSplicingScorer,
    annotation: Annotation,
    asked: Variant,
    alleles: tuple[np.ndarray, np.ndarray],
    tracks: tuple[Track, ...],
    interval: Interval = TOY_WINDOW,
) -> Scores:
    masks = scorer.masks(asked, interval, annotation)
    reference, alternate = ({scorer.output_type: allele} for allele in alleles)
    values = compute_on_device(scorer, reference, alternate, dict(masks.arrays))
    return scorer.label(jax.device_get(values), masks.rows, tracks)


@pytest.mark.parametrize(("kind", "scorer"), [("splicing", SITES), ("splicing_usage", USAGE)])
def test_official_scores(golden: Golden, kind: str, scorer: GeneMaskSplicingScorer) -> None:
    suffix, tracks = (
        ("_splice_sites", SITE_TRACKS)
        if scorer is SITES
        else ("", golden.tracks(OutputType.SPLICE_SITE_USAGE))
    )
    alleles = golden.arrays[f"gene/ref{suffix}"], golden.arrays[f"gene/alt{suffix}"]
    cases = golden.of_kind(kind)
    assert len(cases) == 8
    for case in cases:
        scores = run(scorer, golden.annotation, case["variant"], alleles, tracks, golden.interval)
        assert [row.gene.gene_id for row in scores.rows] == case["genes"]
        expected = golden.arrays[f"{case['name']}/score"]
        np.testing.assert_allclose(scores.raw, expected, rtol=1e-6, err_msg=case["name"])


def test_gene_bodies_have_the_official_lengths(golden: Golden) -> None:
    for case in golden.of_kind("splicing"):
        masks = SITES.masks(case["variant"], golden.interval, golden.annotation)
        expected = golden.arrays[f"{case['name']}/mask_len"]
        assert masks.arrays["length"][: len(masks.rows)].tolist() == expected.tolist()


def test_largest_change_on_paper() -> None:
    # Gene 1002..1007. ALT - REF is 5 at index 1 (before the gene), -3 at 4 and 2 at 6: 3 wins.
    reference, alternate = np.zeros((2, 10, 3), np.float32)
    reference[4], alternate[4], alternate[1], alternate[6] = 7, 4, 5, 2
    asked = toy_variant(1005, "A", "C")
    scores = run(USAGE, one_exon_genes((1002, 1008, "-")), asked, (reference, alternate), USAGE_TRACKS)
    np.testing.assert_array_equal(scores.raw, [[math.nan, 3, 3]])
    assert scores.reference.tolist() == [[7.0] * 3]
    assert scores.alternate.tolist() == [[4.0] * 3]


def test_logarithms_find_another_base_than_differences() -> None:
    # Of the probabilities, 0.9 -> 0.6 changes most, by 0.3; of their logarithms 0.05 -> 0 does:
    # ln(0.06 / 0.01) = 1.79 against ln(0.91 / 0.61) = 0.40.
    reference, alternate = np.zeros((2, 10, 3), np.float32)
    reference[4], alternate[4] = 0.9, 0.6
    reference[6] = 0.05
    genes, asked = one_exon_genes((1002, 1008, "-")), toy_variant(1005, "A", "C")
    logarithms = GeneMaskSplicingScorer(requested_output=OutputType.SPLICE_SITES, is_log=True)
    tracks = strand_tracks(OutputType.SPLICE_SITES, "+--")
    scores = run(logarithms, genes, asked, (reference, alternate), tracks)
    np.testing.assert_allclose(scores.raw, [[math.nan, math.log(6), math.log(6)]], rtol=1e-5)
    np.testing.assert_allclose(scores.reference, [[0.05] * 3])
    assert logarithms.name == "SPLICE_SITES_LOG"


def test_only_the_classes_of_the_tracks_are_reported() -> None:
    # Five classes are predicted; the '-' ones, columns 2 and 3, were asked for.
    reference, alternate = np.zeros((2, 10, 5), np.float32)
    alternate[3] = [0.1, 0.2, 0.3, 0.4, 0.5]
    asked, gene = toy_variant(1005, "A", "C"), one_exon_genes((1002, 1008, "-"))
    scores = run(SITES, gene, asked, (reference, alternate), SITE_TRACKS[2:])
    np.testing.assert_array_equal(scores.raw, np.array([[0.3, 0.4]], np.float32))
    assert [track.index for track in scores.tracks] == [2, 3]


def test_gene_beyond_the_window_is_nan() -> None:
    # Outside the window, at 1020, lies a gene; the other one reaches into it.
    annotation = one_exon_genes((1015, 1030, "+"), (1005, 1025, "+"))
    asked = toy_variant(1021, "A", "C")
    ones, zeros = np.ones((10, 3), np.float32), np.zeros((10, 3), np.float32)
    scores = run(USAGE, annotation, asked, (zeros, ones), USAGE_TRACKS)
    np.testing.assert_array_equal(scores.raw, [[math.nan] * 3, [1, math.nan, 1]])


def test_variant_between_genes_has_no_rows() -> None:
    masks = USAGE.masks(toy_variant(1009, "A", "C"), TOY_WINDOW, one_exon_genes((1002, 1005, "+")))
    assert masks.rows == ()


def test_equal_alleles_differ_by_zero(golden: Golden) -> None:
    reference = golden.arrays["gene/ref"][:, :3]
    asked = toy_variant(1200, "A", "C")
    scores = run(USAGE, golden.annotation, asked, (reference, reference), USAGE_TRACKS, golden.interval)
    assert set(scores.raw[np.isfinite(scores.raw)].tolist()) == {0.0}


def test_permuting_tracks_permutes_scores(golden: Golden) -> None:
    alleles = golden.arrays["gene/ref"][:, :3], golden.arrays["gene/alt"][:, :3]
    asked, order = toy_variant(1301, "A", "ACC"), [2, 0, 1]
    scores = run(USAGE, golden.annotation, asked, alleles, USAGE_TRACKS, golden.interval)
    permuted = run(
        USAGE,
        golden.annotation,
        asked,
        tuple(allele[:, order] for allele in alleles),
        tuple(USAGE_TRACKS[place] for place in order),
        golden.interval,
    )
    np.testing.assert_array_equal(permuted.raw, scores.raw[:, order])


def test_padding_never_changes_a_score(golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    alleles = golden.arrays["gene/ref"][:, :3], golden.arrays["gene/alt"][:, :3]
    asked = toy_variant(1301, "A", "ACCGG")
    scores = run(USAGE, golden.annotation, asked, alleles, USAGE_TRACKS, golden.interval)
    real_bucket = masks_module.bucket
    monkeypatch.setattr(
        masks_module, "bucket", lambda size, smallest: 4 * real_bucket(size, smallest=smallest)
    )
    more_padding = run(USAGE, golden.annotation, asked, alleles, USAGE_TRACKS, golden.interval)
    np.testing.assert_array_equal(more_padding.raw, scores.raw)
    np.testing.assert_array_equal(more_padding.reference, scores.reference)


@settings(max_examples=15, deadline=None)
@given(st.integers(1000, 1999), st.integers(1, 1000), st.integers(0, 2**32 - 1))
def test_equals_the_maximum_over_the_gene(start: int, length: int, seed: int) -> None:
    window = Interval(chromosome="chr1", start=1000, end=2000)
    reference, alternate = np.random.default_rng(seed).random((2, 1000, 3), np.float32)
    asked = toy_variant(start + 1, "A", "C")
    annotation = one_exon_genes((start, start + length, "+"))
    scores = run(USAGE, annotation, asked, (reference, alternate), USAGE_TRACKS, window)
    change = np.abs(alternate - reference)[start - 1000 : start - 1000 + length].max(axis=0)
    np.testing.assert_array_equal(scores.raw[0, [0, 2]], change[[0, 2]])
    np.testing.assert_array_equal(np.abs(scores.alternate - scores.reference)[0], change)


def test_annotation_is_required() -> None:
    with pytest.raises(UsageError, match="SPLICE_SITES needs a gene annotation"):
        SITES.masks(toy_variant(1004, "A", "C"), TOY_WINDOW, None)


def test_names() -> None:
    assert USAGE.name == "SPLICE_SITE_USAGE"
    assert USAGE.official_name == "GeneMaskSplicingScorer(requested_output=SPLICE_SITE_USAGE, width=None)"
    assert USAGE.is_difference
    assert USAGE.needs_annotation
    assert not USAGE.is_signed


def test_outputs_that_do_not_tell_splice_sites_are_refused() -> None:
    with pytest.raises(ValueError, match="splice sites"):
        GeneMaskSplicingScorer(requested_output=OutputType.RNA_SEQ)
