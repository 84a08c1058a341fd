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
from vep_cli.scoring.gene_mask import GeneMaskScorer, GeneStatistic
from vep_cli.scoring.scorer import Scores

LFC = GeneMaskScorer(requested_output=OutputType.RNA_SEQ, statistic=GeneStatistic.LFC)
ACTIVE = GeneMaskScorer(requested_output=OutputType.RNA_SEQ, statistic=GeneStatistic.ACTIVE)
TRACKS = strand_tracks(OutputType.RNA_SEQ, "+-.")

compute_on_device = jax.jit(GeneMaskScorer.compute, static_argnums=0)


def run(
    scorer: GeneMaskScorer,
    annotation: Annotation,
    asked: Variant,
    alleles: tuple[np.ndarray, np.ndarray],
    tracks: tuple[Track, ...] = TRACKS,
    interval: Interval = TOY_WINDOW,
) -> Scores:
    masks = scorer.masks(asked, interval, annotation)
    reference, alternate = ({scorer.output_type: allele} for allele in alleles)
    values = compute_on_device(scorer, reference, alternate, dict(masks.arrays))
    return scorer.label(jax.device_get(values), masks.rows, tracks)


@pytest.mark.parametrize("kind", ["lfc", "active"])
def test_official_scores(golden: Golden, kind: str) -> None:
    scorer = LFC if kind == "lfc" else ACTIVE
    cases = golden.of_kind(kind)
    assert len(cases) >= 6
    alleles = golden.arrays["gene/ref"], golden.arrays["gene/alt"]
    tracks = golden.tracks(OutputType.RNA_SEQ)
    for case in cases:
        scores = run(scorer, golden.annotation, case["variant"], alleles, tracks, golden.interval)
        assert [row.gene.gene_id for row in scores.rows] == case["genes"]
        expected = golden.arrays[f"{case['name']}/score"]
        np.testing.assert_allclose(scores.raw, expected, rtol=2e-6, atol=1e-6, err_msg=case["name"])


def test_exon_masks_are_the_official_ones(golden: Golden) -> None:
    arrays = LFC.masks(toy_variant(1200, "A", "C"), golden.interval, golden.annotation).arrays
    painted = np.zeros_like(golden.arrays["gene/exon_mask"])
    blocks, places = np.nonzero(arrays["positions"] != masks_module.NOWHERE)
    painted[arrays["positions"][blocks, places], arrays["row_of_block"][blocks]] = True
    np.testing.assert_array_equal(painted, golden.arrays["gene/exon_mask"])


RAMP = np.repeat(np.arange(10, dtype=np.float32)[:, None], 3, axis=1)


def test_log_fold_change_on_paper() -> None:
    # Exon 1002..1005 reads 2, 3, 4: mean 3. ALT is twice REF: mean 6.
    scores = run(LFC, one_exon_genes((1002, 1005, "+")), toy_variant(1004, "A", "C"), (RAMP, 2 * RAMP))
    change = math.log(6.001) - math.log(3.001)
    np.testing.assert_allclose(scores.raw, [[change, math.nan, change]], rtol=1e-6)
    assert scores.reference.tolist() == [[3.0, 3.0, 3.0]]
    assert scores.alternate.tolist() == [[6.0, 6.0, 6.0]]


def test_insertion_on_paper() -> None:
    # A at index 3 becomes ATT: ALT reads 2, max(3, 4, 5), 6 over the exon, mean 13 / 3.
    scores = run(ACTIVE, one_exon_genes((1002, 1005, "-")), toy_variant(1004, "A", "ATT"), (RAMP, RAMP))
    np.testing.assert_allclose(scores.raw, [[math.nan, 13 / 3, 13 / 3]], rtol=1e-6)
    assert scores.reference.tolist() == [[3.0, 3.0, 3.0]]


def test_deletion_on_paper() -> None:
    # ATT at index 3 becomes A: ALT reads 2, 3, 0 over the exon; REF's mean 3 is the larger.
    scores = run(ACTIVE, one_exon_genes((1002, 1005, ".")), toy_variant(1004, "ATT", "A"), (RAMP, RAMP))
    np.testing.assert_allclose(scores.alternate, [[5 / 3] * 3], rtol=1e-6)
    np.testing.assert_array_equal(scores.raw, [[math.nan, math.nan, 3.0]])


def test_gene_without_exon_bases_in_the_window_is_nan() -> None:
    # The '-' gene ends where the window starts: its TSS counts as inside, its exon is not.
    scores = run(LFC, one_exon_genes((990, 1000, "-")), toy_variant(1004, "A", "C"), (RAMP, RAMP))
    np.testing.assert_array_equal(scores.raw, [[math.nan] * 3])


def test_window_without_genes_has_no_rows() -> None:
    scores = run(LFC, one_exon_genes((10, 20, "+")), toy_variant(1004, "A", "C"), (RAMP, RAMP))
    assert scores.raw.shape == (0, 3)


def test_equal_alleles_differ_by_zero(golden: Golden) -> None:
    reference = np.abs(golden.arrays["gene/ref"][:, :3])
    snv = toy_variant(1200, "A", "C")
    scores = run(LFC, golden.annotation, snv, (reference, reference), TRACKS, golden.interval)
    assert set(scores.raw[np.isfinite(scores.raw)].tolist()) == {0.0}


def test_permuting_tracks_permutes_scores(golden: Golden) -> None:
    alleles = golden.arrays["gene/ref"][:, :3], golden.arrays["gene/alt"][:, :3]
    asked, order = toy_variant(1301, "A", "ACC"), [2, 0, 1]
    scores = run(LFC, golden.annotation, asked, alleles, TRACKS, golden.interval)
    permuted = run(
        LFC,
        golden.annotation,
        asked,
        tuple(allele[:, order] for allele in alleles),
        tuple(TRACKS[place] for place in order),
        golden.interval,
    )
    np.testing.assert_allclose(permuted.raw, scores.raw[:, order], rtol=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 9), st.integers(1, 4), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_equals_means_over_aligned_arrays(
    offset: int, reference_length: int, alternate_length: int, seed: int
) -> None:
    """Gathered positions give what a mask over the whole aligned array gives."""
    asked = toy_variant(1000 + offset, "A" * reference_length, "A" * alternate_length)
    reference, alternate = np.random.default_rng(seed).random((2, 10, 3), np.float32)
    scores = run(ACTIVE, one_exon_genes((1003, 1008, "+")), asked, (reference, alternate))
    everywhere = run(
        ACTIVE,
        one_exon_genes(*((base, base + 1, "+") for base in range(1000, 1010))),
        asked,
        (reference, alternate),
    )
    np.testing.assert_allclose(scores.alternate[0], everywhere.alternate[3:8].mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(scores.reference[0], reference[3:8].mean(axis=0), rtol=1e-6)


def test_padding_never_changes_a_score(golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    alleles = golden.arrays["gene/ref"][:, :3], golden.arrays["gene/alt"][:, :3]
    asked = toy_variant(1301, "A", "ACCGG")
    scores = run(LFC, golden.annotation, asked, alleles, TRACKS, golden.interval)
    real_bucket = masks_module.bucket
    monkeypatch.setattr(
        masks_module, "bucket", lambda size, smallest: 4 * real_bucket(size, smallest=smallest)
    )
    more_padding = run(LFC, golden.annotation, asked, alleles, TRACKS, golden.interval)
    masks = LFC.masks(asked, golden.interval, golden.annotation)
    assert masks.arrays["length"].shape == (64,)
    np.testing.assert_allclose(more_padding.raw, scores.raw, rtol=1e-6)


def test_many_positions_keep_float32_accuracy() -> None:
    # 120,000 exon bases of one gene; the change in the mean is 1 in 1000.
    window = Interval(chromosome="chr1", start=0, end=131072)
    reference = np.exp(np.random.default_rng(3).normal(0, 2, (131072, 3))).astype(np.float32)
    alternate = (reference * 1.001).astype(np.float32)
    gene = one_exon_genes((1000, 121000, "+"))
    scores = run(LFC, gene, toy_variant(500, "A", "C"), (reference, alternate), TRACKS, window)
    means = (allele[1000:121000].mean(axis=0, dtype=np.float64) for allele in (reference, alternate))
    expected = -np.subtract(*(np.log(mean + 1e-3) for mean in means))
    np.testing.assert_allclose(scores.raw[0, [0, 2]], expected[[0, 2]], atol=1e-6)


def test_annotation_is_required() -> None:
    with pytest.raises(UsageError, match="RNA_SEQ needs a gene annotation"):
        LFC.masks(toy_variant(1004, "A", "C"), TOY_WINDOW, None)


@pytest.mark.parametrize(
    ("scorer", "name", "official_name", "signed"),
    [
        (LFC, "RNA_SEQ", "GeneMaskLFCScorer(requested_output=RNA_SEQ)", True),
        (ACTIVE, "RNA_SEQ_ACTIVE", "GeneMaskActiveScorer(requested_output=RNA_SEQ)", False),
        (
            GeneMaskScorer(requested_output=OutputType.ATAC, statistic=GeneStatistic.ACTIVE),
            "ATAC_GENE_ACTIVE",
            "GeneMaskActiveScorer(requested_output=ATAC)",
            False,
        ),
    ],
)
def test_names(scorer: GeneMaskScorer, name: str, official_name: str, signed: bool) -> None:
    assert (scorer.name, scorer.official_name, scorer.is_signed) == (name, official_name, signed)
    assert scorer.needs_annotation


def test_only_the_fold_change_is_a_difference() -> None:
    assert LFC.is_difference
    assert not ACTIVE.is_difference


@pytest.mark.parametrize("output", [OutputType.CHIP_TF, OutputType.CONTACT_MAPS, OutputType.SPLICE_JUNCTIONS])
def test_outputs_that_are_not_per_base_pair_are_refused(output: OutputType) -> None:
    with pytest.raises(ValueError, match="per base pair"):
        GeneMaskScorer(requested_output=output, statistic=GeneStatistic.LFC)
