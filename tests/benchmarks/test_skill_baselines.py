"""Genes, baselines and scores of variants on sequences short enough to read."""

import pathlib

import numpy as np
import pytest
from skill_baselines import SHAPES, Consensus, consensus, distance_to_site
from skill_genes import Gene, read_genes
from skill_variants import largest_difference, largest_log_difference, read_assayed

from vep_cli.genome.fasta_index import build_index
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import reverse_complement
from vep_cli.scoring.splicing import LOG_FLOOR

TABLE = """gene_id,chr,strand,start,end,jn_start,jn_end
FORWARD,chr1,+,11,190,"50","150"
BACKWARD,chr1,-,11,190,"50","150"
OUTSIDE,chr1,+,11,500,"50","150"
"""


@pytest.fixture
def genes(tmp_path: pathlib.Path) -> tuple[Gene, ...]:
    path = tmp_path / "genes.csv"
    path.write_text(TABLE)
    return read_genes(path, Interval(chromosome="chr1", start=0, end=200))


def test_sites_are_the_bases_of_exons_beside_introns(genes: tuple[Gene, ...]) -> None:
    forward, backward = genes
    # 1-based 50 is the last base of an exon, 150 the first of the next; on '-' the gene runs the other way.
    assert (forward.donors.tolist(), forward.acceptors.tolist()) == ([49], [149])
    assert (backward.donors.tolist(), backward.acceptors.tolist()) == ([149], [49])


def test_labels_are_counted_from_the_start_of_the_body(genes: tuple[Gene, ...]) -> None:
    labels = genes[0].labels()
    # The body begins at 0-based 10; columns are acceptor and donor.
    assert np.argwhere(labels).tolist() == [[39, 1], [139, 0]]


def test_distance_is_to_the_nearest_site_of_either_kind(genes: tuple[Gene, ...]) -> None:
    variant = Variant(chromosome="chr1", position=147, reference_bases="A", alternate_bases="C")
    assert distance_to_site(genes[0], variant) == 3


def test_a_matrix_is_the_log_of_the_odds_against_one_in_four() -> None:
    contexts = ["ACGTACGTA"] * 4
    matrix = consensus("donor", contexts)
    # Four of one base and one added of each: 5/8 and 1/8 against 1/4.
    assert matrix.log_odds[0] == pytest.approx([np.log2(2.5), -1, -1, -1])
    assert len(matrix.log_odds) == sum(SHAPES["donor"])


def test_the_site_itself_is_where_the_consensus_says(tmp_path: pathlib.Path, genes: tuple[Gene, ...]) -> None:
    donor, acceptor = "CAGGTAAGT", "T" * 18 + "AGGCA"
    matrices = {"donor": consensus("donor", [donor] * 20), "acceptor": consensus("acceptor", [acceptor] * 20)}
    bases = list("C" * 200)
    bases[47:56] = donor  # its third base, at 49, is the exon's last
    bases[129:152] = acceptor  # its twenty-first, at 149, is the next exon's first
    for name, letters in (("+", "".join(bases)), ("-", reverse_complement("".join(bases)))):
        fasta = tmp_path / f"{name}.fa"
        fasta.write_text(f">chr1\n{letters}\n")
        build_index(fasta)
        gene = genes[name == "-"]
        with Reference(fasta) as reference:
            scores = Consensus(matrices, reference).of_gene(gene)
        places = scores.argmax(axis=0) + gene.interval.start
        assert places.tolist() == ([149, 49] if name == "+" else [50, 150])


def test_only_changes_at_known_sites_count(tmp_path: pathlib.Path, genes: tuple[Gene, ...]) -> None:
    donor = "CAGGTAAGT"
    matrices = {"donor": consensus("donor", [donor] * 7), "acceptor": consensus("acceptor", ["A" * 23] * 7)}
    bases = list("C" * 200)
    bases[47:56] = donor
    fasta = tmp_path / "a.fa"
    fasta.write_text(f">chr1\n{''.join(bases)}\n")
    build_index(fasta)
    with Reference(fasta) as reference:
        baseline = Consensus(matrices, reference)

        def loss(position: int, alternate: str) -> float:
            variant = Variant(
                chromosome="chr1", position=position, reference_bases="C", alternate_bases=alternate
            )
            return baseline.loss_at_sites(genes[0], variant)

        # Base 51 (1-based) is G of GT, seen in 8 of 11 with one added of each; any other base in 1 of 11.
        assert loss(51, "A") == pytest.approx(3)
        assert loss(100, "A") == 0


def test_the_largest_change_counts_whatever_its_sign() -> None:
    reference, alternate = np.array([[0.9, 0.0], [0.0, 0.0]]), np.array([[0.2, 0.0], [0.0, 0.6]])
    assert largest_difference(reference, alternate) == pytest.approx(0.7)
    assert largest_log_difference(reference, alternate) == pytest.approx(np.log(0.6 / LOG_FLOOR + 1))


def test_variants_that_are_neither_damaging_nor_harmless_are_left_out(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "variants.tsv"
    rows = ["#CHROM\tPOS\tREF\tALT\tconsequence\tfunction_score\tclass"]
    rows += [
        f"chr1\t{place}\tA\tC\tSplice region\t0\t{name}"
        for place, name in ((5, "LOF"), (6, "INT"), (7, "FUNC"))
    ]
    rows += ["chr1\t8\tA\tC\tMissense\t0\tLOF"]
    path.write_text("\n".join(rows) + "\n")
    assayed = read_assayed(path)
    assert [(one.variant.position, one.is_damaging) for one in assayed] == [(5, True), (7, False)]
