import math

import jax
import numpy as np
import pytest
from official_cases import Golden
from toy_genes import TOY_WINDOW, one_exon_genes, strand_tracks, toy_variant

from vep_cli.errors import UsageError
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.scoring import splice_junctions as splice_junctions_module
from vep_cli.scoring.scorer import Scores
from vep_cli.scoring.splice_junctions import JunctionPredictions, SpliceJunctionScorer

SCORER = SpliceJunctionScorer()
TRACKS = strand_tracks(OutputType.SPLICE_JUNCTIONS, "...")
SNV = toy_variant(1005, "A", "C")

compute_on_device = jax.jit(SpliceJunctionScorer.compute, static_argnums=0)


def run(
    annotation: Annotation,
    asked: Variant,
    alleles: tuple[np.ndarray, np.ndarray],
    sites: np.ndarray,
    interval: Interval = TOY_WINDOW,
) -> Scores:
    masks = SCORER.masks(asked, interval, annotation)
    reference, alternate = (
        {SCORER.output_type: JunctionPredictions(sites=sites, counts=counts)} for counts in alleles
    )
    values = compute_on_device(SCORER, reference, alternate, dict(masks.arrays))
    return SCORER.label(jax.device_get(values), masks.rows, TRACKS)


def by_junction(scores: Scores) -> dict[tuple[str, int, int], list[float]]:
    return {
        (row.gene.gene_id, row.junction.start, row.junction.end): values.tolist()
        for row, values in zip(scores.rows, scores.raw, strict=True)
    }


def test_official_scores(golden: Golden) -> None:
    # Where no intron is inside a gene the official code fails; here there is nothing to report.
    cases = golden.of_kind("splice_junction")
    assert len(cases) == 5
    alleles = golden.arrays["junction/ref"], golden.arrays["junction/alt"]
    for case in cases:
        expected = golden.arrays.get(f"{case['name']}/score", np.zeros((0, 3)))
        keys = zip(case.get("gene_id", ()), case.get("start", ()), case.get("end", ()), strict=True)
        found = by_junction(
            run(
                golden.annotation,
                case["variant"],
                alleles,
                golden.arrays["junction/positions"],
                golden.interval,
            )
        )
        expected_by_junction = dict(zip(keys, expected.tolist(), strict=True))
        assert found.keys() == expected_by_junction.keys(), case["name"]
        for junction, values in expected_by_junction.items():
            np.testing.assert_allclose(found[junction], values, rtol=2**-10, err_msg=case["name"])


# Donors on '+' at 1 and 2, acceptors at 5 and 8; none on '-'.
SITES = np.array([[1, 2], [5, 8], [-1, -1], [-1, -1]], np.int32)


def counts(*of_junctions: tuple[int, int, list[float]]) -> np.ndarray:
    """One read everywhere but at these (donor, acceptor, counts in three tissues) on '+'."""
    filled = np.ones((2, 2, 6), np.float32)
    for donor, acceptor, values in of_junctions:
        filled[donor, acceptor, :3] = values
    return filled


GENE = one_exon_genes((1000, 1010, "+"), gene_type="protein_coding")


def test_introns_that_change_most_on_paper() -> None:
    # Donor 1 to acceptor 5 is the intron 2..5, end exclusive: it wins tissues 0 and 2. Donor 2
    # to acceptor 8 wins tissue 1.
    alternate = counts((0, 0, [math.e, 1, math.e**2]), (1, 1, [1, 1 / math.e, 1]), (0, 1, [2, 2, 2]))
    scores = run(GENE, SNV, (counts(), alternate), SITES)
    found = by_junction(scores)
    assert list(found) == [("G0.1", 1002, 1005), ("G0.1", 1003, 1008)]
    np.testing.assert_allclose(scores.raw, [[1, 0, 2], [0, 1, 0]], atol=1e-3)
    np.testing.assert_allclose(scores.alternate, [[math.e, 1, math.e**2], [1, 1 / math.e, 1]], rtol=1e-6)
    assert scores.reference.tolist() == [[1, 1, 1], [1, 1, 1]]
    assert [row.junction.strand for row in scores.rows] == ["+", "+"]


def test_minus_strand_introns_end_at_the_donor() -> None:
    # Donor 8, acceptor 3: the intron is 4..8; the acceptor behind the donor makes none.
    sites = np.array([[-1, -1], [-1, -1], [8, -1], [3, 9]], np.int32)
    alternate = np.ones((2, 2, 6), np.float32)
    alternate[0, 0, 3:] = math.e
    alternate[0, 1, 3:] = 100
    gene = one_exon_genes((1000, 1010, "-"), gene_type="protein_coding")
    scores = run(gene, SNV, (np.ones_like(alternate), alternate), sites)
    assert list(by_junction(scores)) == [("G0.1", 1004, 1008)]
    np.testing.assert_allclose(scores.raw, [[1, 1, 1]], rtol=1e-3)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (1001, 1009, (1002, 1008)),
        (1002, 1009, (1003, 1008)),  # an intron at the gene's first base is not strictly inside
        (1001, 1008, (1002, 1005)),  # nor one that ends at its last
    ],
)
def test_introns_lie_strictly_inside_the_gene(start: int, end: int, expected: tuple[int, int]) -> None:
    # The longer the intron the more it changes.
    alternate = counts((0, 1, [9] * 3), (1, 1, [8] * 3), (0, 0, [7] * 3), (1, 0, [6] * 3))
    annotation = one_exon_genes((start, end, "+"), gene_type="protein_coding")
    found = by_junction(run(annotation, SNV, (counts(), alternate), SITES))
    assert list(found) == [("G0.1", *expected)]


def test_only_protein_coding_genes_with_a_strand_count() -> None:
    assert SCORER.masks(SNV, TOY_WINDOW, one_exon_genes((1000, 1010, "+"))).rows == ()
    unstranded = one_exon_genes((1000, 1010, "."), gene_type="protein_coding")
    assert SCORER.masks(SNV, TOY_WINDOW, unstranded).rows == ()


def test_gene_without_introns_has_no_row() -> None:
    scores = run(GENE, SNV, (counts(), counts()), np.full((4, 2), -1, np.int32))
    assert scores.raw.shape == (0, 3)
    assert scores.rows == ()


def test_equal_alleles_differ_by_zero(golden: Golden) -> None:
    reference = golden.arrays["junction/ref"]
    scores = run(
        golden.annotation,
        toy_variant(1200, "A", "C"),
        (reference, reference),
        golden.arrays["junction/positions"],
        golden.interval,
    )
    assert scores.raw.size > 0
    assert not scores.raw.any()


def test_sites_beyond_the_first_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    alternate = counts((1, 1, [9] * 3), (0, 0, [2] * 3))
    assert list(by_junction(run(GENE, SNV, (counts(), alternate), SITES))) == [("G0.1", 1003, 1008)]
    monkeypatch.setattr(splice_junctions_module, "MAX_SITES", 1)
    jax.clear_caches()
    found = by_junction(run(GENE, SNV, (counts(), alternate), SITES))
    jax.clear_caches()
    assert list(found) == [("G0.1", 1002, 1005)]


def test_annotation_is_required() -> None:
    with pytest.raises(UsageError, match="SPLICE_JUNCTIONS needs a gene annotation"):
        SCORER.masks(SNV, TOY_WINDOW, None)


def test_names() -> None:
    assert (SCORER.name, SCORER.official_name) == ("SPLICE_JUNCTIONS", "SpliceJunctionScorer()")
    assert SCORER.is_difference
    assert SCORER.needs_annotation
    assert not SCORER.is_signed
