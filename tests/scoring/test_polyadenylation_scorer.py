import math

import jax
import numpy as np
import pytest
from official_cases import DATA, Golden
from toy_genes import one_exon_genes, strand_tracks, toy_variant

from vep_cli.errors import UsageError
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.interval import Interval
from vep_cli.genome.polyadenylation import PolyadenylationSites, read_polyadenylation_sites
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring import masks as masks_module
from vep_cli.scoring import polyadenylation as polyadenylation_module
from vep_cli.scoring.polyadenylation import PolyadenylationScorer
from vep_cli.scoring.scorer import Scores

TRACKS = strand_tracks(OutputType.RNA_SEQ, "+-.")
WINDOW = Interval(chromosome="chr1", start=1000, end=4000)
SNV = toy_variant(1500, "A", "C")

compute_on_device = jax.jit(PolyadenylationScorer.compute, static_argnums=0)


def scorer_of(sites: list[int], strand: str = "+") -> PolyadenylationScorer:
    return PolyadenylationScorer(
        sites=PolyadenylationSites(start={("G0", strand): np.array(sites, np.int64)})
    )


def run(
    scorer: PolyadenylationScorer,
    annotation: Annotation,
    asked: Variant,
    alleles: tuple[np.ndarray, np.ndarray],
    tracks: tuple[Track, ...] = TRACKS,
    interval: Interval = WINDOW,
) -> Scores:
    masks = scorer.masks(asked, interval, annotation)
    reference, alternate = ({scorer.output_type: allele} for allele in alleles)
    values = compute_on_device(scorer, reference, alternate, dict(masks.arrays))
    return scorer.label(jax.device_get(values), masks.rows, tracks)


@pytest.fixture(scope="module")
def official_scorer() -> PolyadenylationScorer:
    return PolyadenylationScorer(sites=read_polyadenylation_sites(DATA / "unit_polya.tsv"))


def test_official_scores(golden: Golden, official_scorer: PolyadenylationScorer) -> None:
    cases = golden.of_kind("polya")
    assert len(cases) == 6
    alleles = golden.arrays["gene/ref"], golden.arrays["gene/alt"]
    tracks = golden.tracks(OutputType.RNA_SEQ)
    for case in cases:
        scores = run(official_scorer, golden.annotation, case["variant"], alleles, tracks, golden.interval)
        assert [row.gene.gene_id for row in scores.rows] == case["genes"]
        assert [row.polyadenylation_site_count for row in scores.rows] == case["num_pas"]
        assert [row.polyadenylation_distance for row in scores.rows] == case["min_dist"]
        expected = golden.arrays[f"{case['name']}/score"]
        np.testing.assert_allclose(scores.raw, expected, rtol=1e-5, atol=1e-6, err_msg=case["name"])


ONES = np.ones((3000, 3), np.float32)


def test_shift_on_paper() -> None:
    # The sites' windows are 1601..2000 and 2601..3000; ALT doubles the first and halves the second.
    # |log2((2 / 1) / (0.5 / 1))| = 2, and the windows' 800 bases hold 800 and 800 + 200 reads.
    alternate = ONES.copy()
    alternate[601:1001], alternate[1601:2001] = 2, 0.5
    scores = run(scorer_of([2000, 3000]), one_exon_genes((1400, 3100, "+")), SNV, (ONES, alternate))
    np.testing.assert_allclose(scores.raw, [[2.0] * 3], rtol=1e-6)
    assert scores.reference.tolist() == [[800.0] * 3]
    assert scores.alternate.tolist() == [[1000.0] * 3]


def test_windows_lie_behind_the_site_on_the_minus_strand() -> None:
    # 2000..2399 and 3000..3399, so that doubling index 1000 alone makes 401 of 400.
    alternate = ONES.copy()
    alternate[1000] = 2
    gene = one_exon_genes((1400, 3600, "-"))
    scores = run(scorer_of([2000, 3000], "-"), gene, SNV, (ONES, alternate))
    np.testing.assert_allclose(scores.raw, [[math.log2(401 / 400)] * 3], rtol=1e-4)


def test_the_largest_split_counts_in_the_order_of_the_table() -> None:
    # Ratios 1, 4, 1 in the table's order: 1 against 2.5, and 2.5 against 1.
    alternate = ONES.copy()
    alternate[1601:2001] = 4
    annotation = one_exon_genes((1400, 3600, "+"))
    scores = run(scorer_of([2000, 3000, 3500]), annotation, SNV, (ONES, alternate))
    np.testing.assert_allclose(scores.raw, [[math.log2(2.5)] * 3], rtol=1e-6)
    # Ratios 4, 1, 1: 4 against 1.
    scores = run(scorer_of([3000, 2000, 3500]), annotation, SNV, (ONES, alternate))
    np.testing.assert_allclose(scores.raw, [[2.0] * 3], rtol=1e-6)


def test_windows_are_clipped() -> None:
    # 1000..1100 and 2601..3000: the first holds 101 bases.
    scores = run(scorer_of([1100, 3000]), one_exon_genes((1000, 3100, "+")), SNV, (ONES, ONES))
    assert scores.reference.tolist() == [[501.0] * 3]


@pytest.mark.parametrize(
    "sites",
    [
        [],
        [2000],
        [2000, 3000, 900],  # two of three begin inside
        [2000, 3000, 3999],  # two of three end before the window does
        [2000, 900, 901, 902, 903],
    ],
)
def test_genes_with_too_few_sites_inside_have_no_row(sites: list[int]) -> None:
    assert scorer_of(sites).masks(SNV, WINDOW, one_exon_genes((1400, 3100, "+"))).rows == ()


def test_one_site_of_five_may_lie_outside() -> None:
    masks = scorer_of([900, 1500, 2000, 2500, 3000]).masks(SNV, WINDOW, one_exon_genes((800, 3100, "+")))
    assert [row.gene.gene_id for row in masks.rows] == ["G0.1"]
    assert np.count_nonzero(masks.arrays["length"]) == 4


def test_sites_of_the_other_strand_are_not_the_genes() -> None:
    masks = scorer_of([2000, 3000], "-").masks(SNV, WINDOW, one_exon_genes((1400, 3100, "+")))
    assert masks.rows == ()


def test_site_without_coverage_counts_as_lost() -> None:
    # Ratios 0 / 0 and 1: |log2(0)| is not finite, and scores 0.
    reference = ONES.copy()
    reference[601:1001] = 0
    scores = run(scorer_of([2000, 3000]), one_exon_genes((1400, 3100, "+")), SNV, (reference, reference))
    assert scores.raw.tolist() == [[0.0] * 3]


@pytest.mark.parametrize("count", [2, 3, 7, 11])
def test_equal_alleles_differ_by_zero(count: int) -> None:
    reference = np.exp(np.random.default_rng(count).normal(0, 2, (3000, 3))).astype(np.float32)
    sites = np.linspace(1600, 3500, count).astype(int).tolist()
    scores = run(scorer_of(sites), one_exon_genes((1400, 3600, "+")), SNV, (reference, reference))
    assert scores.raw.tolist() == [[0.0] * 3]


def test_permuting_tracks_permutes_scores(golden: Golden, official_scorer: PolyadenylationScorer) -> None:
    alleles = golden.arrays["gene/ref"][:, :3], golden.arrays["gene/alt"][:, :3]
    asked, order = toy_variant(1301, "A", "ACC"), [2, 0, 1]
    scores = run(official_scorer, golden.annotation, asked, alleles, TRACKS, golden.interval)
    permuted = run(
        official_scorer,
        golden.annotation,
        asked,
        tuple(allele[:, order] for allele in alleles),
        tuple(TRACKS[place] for place in order),
        golden.interval,
    )
    assert np.isfinite(scores.raw).all()
    np.testing.assert_allclose(permuted.raw, scores.raw[:, order], rtol=1e-5)


def test_padding_never_changes_a_score(
    golden: Golden, official_scorer: PolyadenylationScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    alleles = golden.arrays["gene/ref"][:, :3], golden.arrays["gene/alt"][:, :3]
    asked = toy_variant(1301, "A", "ACCGG")
    scores = run(official_scorer, golden.annotation, asked, alleles, TRACKS, golden.interval)
    real_bucket = masks_module.bucket
    for module in (masks_module, polyadenylation_module):
        monkeypatch.setattr(module, "bucket", lambda size, smallest: 4 * real_bucket(size, smallest=smallest))
    more_padding = run(official_scorer, golden.annotation, asked, alleles, TRACKS, golden.interval)
    np.testing.assert_allclose(more_padding.raw, scores.raw, rtol=1e-5)


def test_annotation_is_required() -> None:
    with pytest.raises(UsageError, match="POLYADENYLATION needs a gene annotation"):
        scorer_of([]).masks(SNV, WINDOW, None)


def test_names() -> None:
    scorer = scorer_of([])
    assert (scorer.name, scorer.official_name) == ("POLYADENYLATION", "PolyadenylationScorer()")
    assert scorer.is_difference
    assert scorer.needs_annotation
    assert not scorer.is_signed
