import gzip
import pathlib
import random

import pysam
import pytest

from vep_cli.errors import AnnotationError
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.interval import Interval


def row(feature: str, start: int, end: int, strand: str, attributes: str, chromosome: str = "chr1") -> str:
    return f"{chromosome}\tSYNTH\t{feature}\t{start}\t{end}\t.\t{strand}\t.\t{attributes}\n"


A1 = 'gene_id "A.1"; transcript_id "A1"; gene_type "lncRNA"; havana_gene_id "no"; gene_name "AA";'
A2 = 'gene_id "A.1"; transcript_id "A2"; gene_type "lncRNA"; gene_name "AA";'
B1 = 'gene_id "B.1"; transcript_id "B1"; gene_type "protein_coding"; gene_name "BB";'
GENCODE = [
    row("gene", 101, 400, "+", 'gene_id "A.1"; gene_type "lncRNA"; gene_name "AA";'),
    row("transcript", 101, 300, "+", A1),
    row("exon", 101, 150, "+", A1),
    row("CDS", 101, 150, "+", A1),
    row("exon", 251, 300, "+", A1),
    row("transcript", 201, 400, "+", A2),
    row("exon", 201, 400, "+", A2),
    row("gene", 501, 600, "-", 'gene_id "B.1"; gene_type "protein_coding"; gene_name "BB";'),
    row("transcript", 501, 600, "-", B1),
    row("exon", 501, 600, "-", B1),
]


def read(path: pathlib.Path, lines: list[str]) -> Annotation:
    path.write_text("".join(lines))
    return read_gtf(path)


def described(annotation: Annotation) -> list[str]:
    """Every gene with its type, and every transcript start and exon: what queries depend on."""
    genes = [f"{gene.gene_id} {gene.name} {gene.gene_type} {gene.interval}" for gene in annotation.genes]
    columns = (
        annotation.transcript_gene,
        annotation.transcript_start_site,
        annotation.exon_transcript,
        annotation.exon_start,
        annotation.exon_end,
    )
    return [*genes, *(str(column.tolist()) for column in columns)]


EXPECTED = [
    "A.1 AA lncRNA chr1:100-400:+",
    "B.1 BB protein_coding chr1:500-600:-",
    "[0, 0, 1]",
    "[100, 200, 600]",  # starts on '+', the exclusive end on '-'
    "[0, 0, 1, 2]",
    "[100, 250, 200, 500]",
    "[150, 300, 400, 600]",
]


def test_gencode_dialect(tmp_path: pathlib.Path) -> None:
    assert described(read(tmp_path / "a.gtf", ["##format: gtf\n", "\n", *GENCODE])) == EXPECTED


def test_ensembl_dialect(tmp_path: pathlib.Path) -> None:
    lines = [line.replace("gene_type", "gene_biotype").replace("chr1", "1") for line in GENCODE]
    expected = [line.replace("chr1", "1") for line in EXPECTED]
    assert described(read(tmp_path / "a.gtf", lines)) == expected


def test_gzip_and_bgzip_are_recognised_by_content(tmp_path: pathlib.Path) -> None:
    plain = tmp_path / "a.gtf"
    plain.write_text("".join(GENCODE))
    (tmp_path / "b.gtf").write_bytes(gzip.compress(plain.read_bytes()))
    pysam.tabix_compress(str(plain), str(tmp_path / "c.gtf"))
    assert described(read_gtf(tmp_path / "b.gtf")) == EXPECTED
    assert described(read_gtf(tmp_path / "c.gtf")) == EXPECTED


@pytest.mark.parametrize("seed", range(5))
def test_parts_may_precede_what_they_belong_to(tmp_path: pathlib.Path, seed: int) -> None:
    # Genes and transcripts are ordered by their own rows, so only exons may move freely.
    exons = [line for line in GENCODE if "\texon\t" in line]
    others = [line for line in GENCODE if "\texon\t" not in line]
    lines = list(others)
    generator = random.Random(seed)
    for exon in exons[::-1]:
        lines.insert(generator.randrange(len(lines) + 1), exon)
    shuffled = read(tmp_path / "a.gtf", lines)
    ordered = read(tmp_path / "b.gtf", GENCODE)
    assert shuffled.genes == ordered.genes
    assert shuffled.transcript_start_site.tolist() == ordered.transcript_start_site.tolist()
    interval = Interval(chromosome="chr1", start=0, end=1000)
    found, expected = shuffled.genes_with_tss_in(interval), ordered.genes_with_tss_in(interval)
    assert found.start.tolist() == expected.start.tolist()
    assert found.end.tolist() == expected.end.tolist()


@pytest.mark.parametrize("absent", [["gene"], ["transcript"], ["gene", "transcript"]])
def test_absent_features_are_derived_from_their_parts(tmp_path: pathlib.Path, absent: list[str]) -> None:
    lines = [line for line in GENCODE if line.split("\t")[2] not in absent]
    assert described(read(tmp_path / "a.gtf", lines)) == EXPECTED


def test_ids_that_recur_on_another_contig_are_other_genes(tmp_path: pathlib.Path) -> None:
    lines = [row("exon", 11, 20, "+", B1, chromosome) for chromosome in ("chrX", "chrY")]
    annotation = read(tmp_path / "a.gtf", lines)
    assert [str(gene.interval) for gene in annotation.genes] == ["chrX:10-20:+", "chrY:10-20:+"]
    assert annotation.transcript_gene.tolist() == [0, 1]


def test_unquoted_values_and_missing_names(tmp_path: pathlib.Path) -> None:
    gene = read(tmp_path / "a.gtf", [row("gene", 1, 9, "?", "gene_id G7; level 2")]).genes[0]
    assert (gene.gene_id, gene.name, gene.gene_type, gene.strand) == ("G7", "", "", ".")


def test_names_that_are_no_utf8_are_shown_as_such(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "latin.gtf"
    line = row("gene", 1, 9, "+", 'gene_id "G\xe9"; gene_name "caf\xe9"; gene_type "x";')
    path.write_text(line, "latin-1")
    (gene,) = read_gtf(path).genes
    assert (gene.gene_id, gene.name, gene.gene_type) == ("G\ufffd", "caf\ufffd", "x")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("chr1\tgene\n", "nine tab-separated columns"),
        (row("gene", 10, 9, "+", 'gene_id "A";'), "start 10 and end 9"),
        (row("gene", 0, 9, "+", 'gene_id "A";'), "start 0 and end 9"),
        (row("gene", 1, 10**30, "+", 'gene_id "A";'), "end 10{30} are not"),
        (row("gene", 1, 9, "*", 'gene_id "A";'), "not '\\*'"),
        (row("gene", 1, 9, "+", 'havana_gene_id "A";'), "no gene_id"),
        (row("exon", 1, 9, "+", 'gene_id "A";'), "no transcript_id"),
        (row("gene", 1, 9, "+", 'gene_id "A";').replace("\t9\t", "\tnine\t"), "nine"),
    ],
)
def test_malformed_rows_name_file_and_line(tmp_path: pathlib.Path, line: str, message: str) -> None:
    path = tmp_path / "bad.gtf"
    with pytest.raises(AnnotationError, match=message) as caught:
        read(path, ["#comment\n", *GENCODE, line])
    assert str(caught.value).startswith(f"{path}:{len(GENCODE) + 2}: ")


def test_malformed_rows_of_features_not_read_are_let_be(tmp_path: pathlib.Path) -> None:
    assert described(read(tmp_path / "a.gtf", [*GENCODE, row("CDS", 9, 1, "*", "")])) == EXPECTED


def test_file_without_genes_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(AnnotationError, match="no gene, transcript or exon"):
        read(tmp_path / "a.gtf", ["#gene\n", row("CDS", 1, 9, "+", 'gene_id "A";')])


def test_missing_and_truncated_files_are_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(AnnotationError, match=r"none\.gtf"):
        read_gtf(tmp_path / "none.gtf")
    cut = tmp_path / "cut.gtf.gz"
    cut.write_bytes(gzip.compress("".join(GENCODE).encode())[:-20])
    with pytest.raises(AnnotationError, match="end-of-stream"):
        read_gtf(cut)
    cut.write_bytes(gzip.compress(b"")[:10] + b"\xff" * 20)
    with pytest.raises(AnnotationError, match="decompress"):
        read_gtf(cut)
