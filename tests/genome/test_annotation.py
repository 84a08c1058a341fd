import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.genome.annotation import Annotation, Gene, concatenated_ranges
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant


def make_gene(gene_id: str, start: int, end: int, strand: str = "+", **other: str) -> Gene:
    fields = {"name": gene_id, "gene_type": "protein_coding", "chromosome": "chr1", **other}
    return Gene(gene_id=gene_id, start=start, end=end, strand=strand, **fields)


def make_annotation(genes: list[Gene], transcripts: list[tuple[int, list[tuple[int, int]]]]) -> Annotation:
    """Each transcript is (index of its gene, its exons)."""
    starts = []
    for gene, exons in transcripts:
        minus = genes[gene].strand == "-"
        starts.append(max(end for _, end in exons) if minus else min(start for start, _ in exons))
    rows = [(number, *exon) for number, (_, exons) in enumerate(transcripts) for exon in exons]
    exons = np.array(rows, np.int64).reshape(-1, 3)
    return Annotation(
        genes=tuple(genes),
        transcript_gene=np.array([gene for gene, _ in transcripts], np.int64),
        transcript_start_site=np.array(starts, np.int64),
        exon_transcript=exons[:, 0],
        exon_start=exons[:, 1],
        exon_end=exons[:, 2],
    )


def window(start: int, end: int, chromosome: str = "chr1") -> Interval:
    return Interval(chromosome=chromosome, start=start, end=end)


def spans(annotation: Annotation, interval: Interval) -> dict[str, list[tuple[int, int]]]:
    found = annotation.genes_with_tss_in(interval)
    result: dict[str, list[tuple[int, int]]] = {gene.gene_id: [] for gene in found.genes}
    for gene, start, end in zip(found.gene_of_span, found.start, found.end, strict=True):
        result[found.genes[gene].gene_id].append((int(start), int(end)))
    return result


def test_plus_strand_gene_counts_from_its_first_base() -> None:
    annotation = make_annotation([make_gene("A", 100, 200)], [(0, [(100, 200)])])
    assert spans(annotation, window(100, 150)) == {"A": [(100, 150)]}
    assert spans(annotation, window(101, 250)) == {}
    assert spans(annotation, window(0, 100)) == {}


def test_minus_strand_gene_counts_from_the_base_after_its_last() -> None:
    # TSS is 200, the exclusive end: inside [200, 300) though no base of the gene is; outside [100, 200).
    annotation = make_annotation([make_gene("A", 100, 200, "-")], [(0, [(100, 200)])])
    assert spans(annotation, window(200, 300)) == {"A": []}
    assert spans(annotation, window(100, 200)) == {}
    assert spans(annotation, window(150, 201)) == {"A": [(150, 200)]}


def test_only_exons_of_transcripts_that_start_inside_are_united() -> None:
    # The second and third transcripts start inside [150, 400); the first, at 100, does not.
    annotation = make_annotation(
        [make_gene("A", 100, 500)],
        [(0, [(100, 180), (390, 395)]), (0, [(160, 200), (300, 310)]), (0, [(190, 220), (310, 450)])],
    )
    assert spans(annotation, window(150, 400)) == {"A": [(160, 220), (300, 400)]}


def test_genes_come_in_the_order_of_their_first_transcript_inside() -> None:
    genes = [make_gene("A", 100, 900), make_gene("B", 300, 900), make_gene("C", 350, 900)]
    annotation = make_annotation(
        genes, [(0, [(100, 110)]), (1, [(300, 310)]), (2, [(350, 360)]), (0, [(400, 410)])]
    )
    assert list(spans(annotation, window(0, 1000))) == ["A", "B", "C"]
    assert list(spans(annotation, window(200, 1000))) == ["B", "C", "A"]


def test_other_chromosomes_and_empty_windows_have_no_genes() -> None:
    annotation = make_annotation([make_gene("A", 100, 200)], [(0, [(100, 200)])])
    assert spans(annotation, window(0, 1000, "chr2")) == {}
    assert spans(annotation, window(100, 100)) == {}


def variant(position: int, reference: str, alternate: str, chromosome: str = "chr1") -> Variant:
    return Variant(
        chromosome=chromosome,
        position=position,
        reference_bases=reference,
        alternate_bases=alternate,
    )


@pytest.mark.parametrize(
    ("position", "reference", "alternate", "overlaps"),
    [
        (100, "A", "C", False),  # base 99 is the last before the gene [100, 200)
        (101, "A", "C", True),
        (200, "A", "C", True),
        (201, "A", "C", False),
        (99, "AAA", "A", True),  # bases 98, 99, 100
        (98, "AA", "A", False),
        (99, "A", "ACG", True),  # ALT counted from its first base: 98, 99, 100
        (99, "A", "AC", False),
        (201, "A", "ACGT", False),
    ],
)
def test_body_rule_takes_the_longer_allele(
    position: int, reference: str, alternate: str, overlaps: bool
) -> None:
    annotation = make_annotation([make_gene("A", 100, 200)], [])
    found = annotation.genes_overlapping(variant(position, reference, alternate))
    assert [gene.gene_id for gene in found] == ["A"] * overlaps


def test_body_rule_on_a_chromosome_without_genes() -> None:
    annotation = make_annotation([make_gene("A", 100, 200)], [])
    assert annotation.genes_overlapping(variant(150, "A", "C", "chr2")) == ()


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 200)), min_size=1, max_size=20),
    st.integers(1, 400),
    st.integers(1, 20),
)
def test_body_rule_equals_looking_at_every_gene(
    bodies: list[tuple[int, int]], position: int, length: int
) -> None:
    genes = [make_gene(str(number), start, start + size) for number, (start, size) in enumerate(bodies)]
    asked = variant(position, "A" * length, "A")
    expected = [gene for gene in genes if gene.end > asked.start and gene.start < asked.end]
    assert list(make_annotation(genes, []).genes_overlapping(asked)) == expected


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.lists(st.tuples(st.integers(0, 80), st.integers(1, 30)), min_size=1, max_size=4),
        ),
        max_size=8,
    ),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_exon_rule_equals_painting_every_base(
    drawn: list[tuple[int, list[tuple[int, int]]]], start: int, width: int
) -> None:
    transcripts = [(gene, [(first, first + size) for first, size in exons]) for gene, exons in drawn]
    genes = [make_gene(str(number), 0, 110, "+-"[number % 2]) for number in range(4)]
    interval = window(start, start + width)
    painted: dict[str, set[int]] = {}
    for gene, exons in transcripts:
        minus = gene % 2 == 1
        site = max(end for _, end in exons) if minus else min(first for first, _ in exons)
        if interval.start <= site < interval.end:
            bases = {base for first, end in exons for base in range(first, end)}
            inside = bases & set(range(interval.start, interval.end))
            painted[str(gene)] = painted.get(str(gene), set()) | inside
    found = spans(make_annotation(genes, transcripts), interval)
    assert list(found) == list(painted)
    for gene_id, ranges in found.items():
        covered = [base for first, end in ranges for base in range(first, end)]
        assert covered == sorted(painted[gene_id])


def test_contigs_are_listed_once_and_renamed() -> None:
    genes = [
        make_gene("A", 1, 9),
        make_gene("M", 1, 9, chromosome="chrM"),
        make_gene("B", 2, 9),
    ]
    annotation = make_annotation(genes, [(0, [(1, 9)])])
    assert annotation.chromosomes == ("chr1", "chrM")
    renamed = annotation.with_chromosome_names({"chrM": "MT"})
    assert renamed.chromosomes == ("chr1", "MT")
    assert [gene.gene_id for gene in renamed.genes_overlapping(variant(5, "A", "C", "MT"))] == ["M"]
    assert spans(renamed, window(0, 5)) == {"A": [(1, 5)]}


def test_gene_body_and_biotype() -> None:
    gene = make_gene("A", 3, 8, "-", gene_type="lncRNA")
    assert str(gene.interval) == "chr1:3-8:-"
    assert not gene.is_protein_coding
    assert make_gene("B", 3, 8).is_protein_coding


def test_concatenated_ranges_skip_empty_ones() -> None:
    starts, ends = np.array([5, 2, 9], np.int64), np.array([7, 2, 10], np.int64)
    assert concatenated_ranges(starts, ends).tolist() == [5, 6, 9]
