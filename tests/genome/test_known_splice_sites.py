import pathlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.genome.annotation import Annotation, Gene
from vep_cli.genome.gff3 import read_gff3
from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.interval import Interval
from vep_cli.genome.splice_sites import (
    NEGATIVE_ACCEPTOR,
    NEGATIVE_DONOR,
    POSITIVE_ACCEPTOR,
    POSITIVE_DONOR,
    KnownSpliceSites,
    sites_of_edges,
)

Exons = list[tuple[int, int]]


def genes_on(chromosome: str, *strands: str) -> list[Gene]:
    return [
        Gene(
            gene_id=f"{chromosome}{number}",
            name="",
            gene_type="lncRNA",
            chromosome=chromosome,
            start=0,
            end=1000,
            strand=strand,
        )
        for number, strand in enumerate(strands)
    ]


def annotation_of(genes: list[Gene], transcripts: list[tuple[int, Exons]]) -> Annotation:
    """Each transcript is (index of its gene, its exons)."""
    rows = [(number, *exon) for number, (_, exons) in enumerate(transcripts) for exon in exons]
    exons = np.array(rows, np.int64).reshape(-1, 3)
    return Annotation(
        genes=tuple(genes),
        transcript_gene=np.array([gene for gene, _ in transcripts], np.int64),
        transcript_start_site=np.zeros(len(transcripts), np.int64),
        exon_transcript=exons[:, 0],
        exon_start=exons[:, 1],
        exon_end=exons[:, 2],
    )


def within(annotation: Annotation, start: int, end: int, chromosome: str = "chr1") -> list[list[int]]:
    found = annotation.splice_sites.within(Interval(chromosome=chromosome, start=start, end=end))
    return [bases.tolist() for bases in found]


def test_a_plus_intron_has_its_donor_before_and_its_acceptor_behind() -> None:
    # Exons [100, 150) and [200, 230): the intron is [150, 200), between bases 149 and 200.
    annotation = annotation_of(genes_on("chr1", "+"), [(0, [(100, 150), (200, 230)])])
    assert within(annotation, 0, 1000) == [[149], [200], [], []]


def test_a_minus_intron_has_them_the_other_way_round() -> None:
    # In the order of transcription, as GTF files list exons on '-'.
    annotation = annotation_of(genes_on("chr1", "-"), [(0, [(200, 230), (100, 150)])])
    found = within(annotation, 0, 1000)
    assert found[NEGATIVE_DONOR] == [200]
    assert found[NEGATIVE_ACCEPTOR] == [149]
    assert found[POSITIVE_DONOR] == found[POSITIVE_ACCEPTOR] == []


def test_every_transcript_counts_and_each_site_once() -> None:
    # The second transcript skips the middle exon; both share the first donor and the last acceptor.
    long, short = [(100, 150), (200, 230), (300, 400)], [(100, 150), (300, 400)]
    annotation = annotation_of(genes_on("chr1", "+", "-"), [(0, long), (0, short), (1, [(500, 510)])])
    assert within(annotation, 0, 1000) == [[149, 229], [200, 300], [], []]


@pytest.mark.parametrize(
    "exons",
    [
        [(100, 200), (200, 230)],  # touching
        [(100, 200), (150, 230)],  # overlapping
        [(100, 230), (120, 140)],  # one within the other
        [(100, 230)],
    ],
)
def test_exons_without_a_gap_have_no_intron(exons: Exons) -> None:
    assert within(annotation_of(genes_on("chr1", "+"), [(0, exons)]), 0, 1000) == [[], [], [], []]


def test_an_exon_within_another_does_not_end_it() -> None:
    annotation = annotation_of(genes_on("chr1", "+"), [(0, [(100, 230), (120, 140), (300, 310)])])
    assert within(annotation, 0, 1000) == [[229], [300], [], []]


def test_genes_without_a_strand_have_no_sites() -> None:
    annotation = annotation_of(genes_on("chr1", "."), [(0, [(100, 150), (200, 230)])])
    assert within(annotation, 0, 1000) == [[], [], [], []]


def test_only_sites_in_the_window_count() -> None:
    # A window is half-open: of 149 and 200, [149, 200) has the first alone.
    annotation = annotation_of(genes_on("chr1", "+"), [(0, [(100, 150), (200, 230)])])
    assert within(annotation, 149, 200) == [[149], [], [], []]
    assert within(annotation, 150, 201) == [[], [200], [], []]
    assert within(annotation, -50, 100) == [[], [], [], []]


def test_contigs_do_not_mix() -> None:
    genes = genes_on("chr1", "+") + genes_on("chr2", "-") + genes_on("chr3", "+")
    exons: Exons = [(100, 150), (200, 230)]
    annotation = annotation_of(genes, [(1, exons), (0, exons)])
    assert within(annotation, 0, 1000) == [[149], [200], [], []]
    assert within(annotation, 0, 1000, "chr2") == [[], [], [200], [149]]
    assert within(annotation, 0, 1000, "chr3") == [[], [], [], []]
    assert within(annotation, 0, 1000, "chrM") == [[], [], [], []]
    renamed = annotation.with_chromosome_names({"chr2": "2"})
    assert within(renamed, 0, 1000, "2") == [[], [], [200], [149]]


def test_an_annotation_without_genes_has_no_sites() -> None:
    assert within(annotation_of([], []), 0, 1000) == [[], [], [], []]


def listed(**contigs: list[list[int]]) -> KnownSpliceSites:
    return KnownSpliceSites(
        positions={
            name: tuple(np.array(bases, np.int64) for bases in lists) for name, lists in contigs.items()
        }
    )


def test_listed_sites_take_the_place_of_the_introns() -> None:
    annotation = annotation_of(genes_on("chr1", "+"), [(0, [(100, 150), (200, 230)])])
    other = annotation.with_splice_sites(listed(chr1=[[5], [], [], [7, 9]]))
    assert within(other, 0, 1000) == [[5], [], [], [7, 9]]
    # A list without sites is still a list.
    assert within(annotation.with_splice_sites(listed()), 0, 1000) == [[], [], [], []]
    assert within(annotation, 0, 1000) == [[149], [200], [], []]


def test_renamed_contigs_keep_their_sites_and_equal_names_share_them() -> None:
    sites = listed(chrM=[[5, 9], [], [], []], MT=[[2, 5], [3], [], []], chr1=[[1], [], [], []])
    renamed = sites.with_chromosome_names({"chrM": "MT"})
    assert {name: [list(bases) for bases in lists] for name, lists in renamed.positions.items()} == {
        "MT": [[2, 5, 9], [3], [], []],
        "chr1": [[1], [], [], []],
    }


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60), st.booleans(), st.booleans()), max_size=40),
    st.integers(-10, 60),
    st.integers(0, 60),
)
def test_queries_equal_looking_at_every_edge(
    edges: list[tuple[int, int, bool, bool]], start: int, width: int
) -> None:
    contigs = ["a", "b", "c"]
    columns = [np.array([edge[column] for edge in edges]) for column in range(4)]
    sites = sites_of_edges(
        contigs,
        columns[0].astype(np.int64),
        columns[1].astype(np.int64),
        is_forward=columns[2].astype(bool),
        is_start=columns[3].astype(bool),
    )
    kinds = [(True, True), (True, False), (False, False), (False, True)]
    for number, name in enumerate(contigs):
        found = sites.within(Interval(chromosome=name, start=start, end=start + width))
        for bases, kind in zip(found, kinds, strict=True):
            expected = {base for contig, base, *rest in edges if contig == number and tuple(rest) == kind}
            assert bases.tolist() == sorted(expected & set(range(start, start + width)))


ROWS = {
    # Exons, 1-based and closed, in the order of transcription as GENCODE lists them.
    "+": [(101, 150), (201, 230), (301, 310)],
    "-": [(601, 650), (501, 520)],
}


def rows_of(attributes: str, feature: str, start: int, end: int, strand: str) -> str:
    return f"chr1\t.\t{feature}\t{start}\t{end}\t.\t{strand}\t.\t{attributes}\n"


def test_gtf_and_gff3_give_the_same_sites(tmp_path: pathlib.Path) -> None:
    gtf, gff3 = "", "##gff-version 3\n"
    for strand, exons in ROWS.items():
        body = min(start for start, _ in exons), max(end for _, end in exons)
        gff3 += rows_of(f"ID=G{strand}", "gene", *body, strand)
        gff3 += rows_of(f"ID=T{strand};Parent=G{strand}", "mRNA", *body, strand)
        for exon in exons:
            gtf += rows_of(f'gene_id "G{strand}"; transcript_id "T{strand}";', "exon", *exon, strand)
            gff3 += rows_of(f"Parent=T{strand}", "exon", *exon, strand)
    (tmp_path / "genes.gtf").write_text(gtf)
    (tmp_path / "genes.gff3").write_text(gff3)
    # 0-based introns: [150, 200) and [230, 300) on '+', [520, 600) on '-'.
    expected = [[149, 229], [200, 300], [600], [519]]
    assert within(read_gtf(tmp_path / "genes.gtf"), 0, 1000) == expected
    assert within(read_gff3(tmp_path / "genes.gff3"), 0, 1000) == expected
