import gzip
import pathlib
import random

import pytest

from vep_cli.errors import AnnotationError
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.gff3 import read_gff3


def row(feature: str, start: int, end: int, strand: str, attributes: str, chromosome: str = "chr1") -> str:
    return f"{chromosome}\tSYNTH\t{feature}\t{start}\t{end}\t.\t{strand}\t.\t{attributes}\n"


GENCODE = [
    row("gene", 101, 400, "+", "ID=A.1;gene_id=A.1;gene_type=lncRNA;gene_name=AA;level=2"),
    row("transcript", 101, 300, "+", "ID=A1;Parent=A.1;gene_id=A.1;gene_type=lncRNA;gene_name=AA"),
    row("exon", 101, 150, "+", "ID=exon:A1:1;Parent=A1;gene_id=A.1"),
    row("CDS", 101, 150, "+", "ID=CDS:A1;Parent=A1"),
    row("exon", 251, 300, "+", "ID=exon:A1:2;Parent=A1;gene_id=A.1"),
    row("transcript", 201, 400, "+", "ID=A2;Parent=A.1;gene_id=A.1"),
    row("exon", 201, 400, "+", "ID=exon:A2:1;Parent=A2;gene_id=A.1"),
    row("gene", 501, 600, "-", "ID=B.1;gene_id=B.1;gene_type=protein_coding;gene_name=BB"),
    row("transcript", 501, 600, "-", "ID=B1;Parent=B.1;gene_id=B.1"),
    row("exon", 501, 600, "-", "ID=exon:B1:1;Parent=B1"),
]
EXPECTED = [
    "A.1 AA lncRNA chr1:100-400:+",
    "B.1 BB protein_coding chr1:500-600:-",
    "[0, 0, 1]",
    "[100, 200, 600]",
    "[0, 0, 1, 2]",
    "[100, 250, 200, 500]",
    "[150, 300, 400, 600]",
]


def read(path: pathlib.Path, lines: list[str]) -> Annotation:
    path.write_text("".join(lines))
    return read_gff3(path)


def described(annotation: Annotation) -> list[str]:
    genes = [f"{gene.gene_id} {gene.name} {gene.gene_type} {gene.interval}" for gene in annotation.genes]
    columns = (
        annotation.transcript_gene,
        annotation.transcript_start_site,
        annotation.exon_transcript,
        annotation.exon_start,
        annotation.exon_end,
    )
    return [*genes, *(str(column.tolist()) for column in columns)]


def test_gencode_dialect(tmp_path: pathlib.Path) -> None:
    lines = ["##gff-version 3\n", "\n", *GENCODE, "###\n", "##FASTA\n", ">chr1\n", "ACGT\n"]
    assert described(read(tmp_path / "a.gff3", lines)) == EXPECTED


def test_ensembl_dialect(tmp_path: pathlib.Path) -> None:
    lines = [
        row("chromosome", 1, 1000, ".", "ID=chromosome:1;Alias=chr1", "1"),
        row("biological_region", 5, 9, "+", "external_name=oriC", "1"),
        row("ncRNA_gene", 101, 400, "+", "ID=gene:A;Name=A%2CA;biotype=lncRNA;gene_id=A;version=1", "1"),
        row("lnc_RNA", 101, 400, "+", "ID=transcript:A1;Parent=gene:A;biotype=lncRNA", "1"),
        row("exon", 101, 150, "+", "Parent=transcript:A1;exon_id=E1", "1"),
    ]
    assert described(read(tmp_path / "a.gff3", lines)) == [
        "A A,A lncRNA 1:100-400:+",
        "[0]",
        "[100]",
        "[0]",
        "[100]",
        "[150]",
    ]


def test_refseq_dialect(tmp_path: pathlib.Path) -> None:
    # A micro RNA hangs below its primary transcript; a pseudogene has its exon for itself.
    lines = [
        row("gene", 101, 200, "-", "ID=gene-MIR1;Name=MIR1;gene_biotype=miRNA"),
        row("primary_transcript", 101, 200, "-", "ID=rna-NR_1;Parent=gene-MIR1"),
        row("exon", 101, 200, "-", "ID=exon-NR_1-1;Parent=rna-NR_1"),
        row("miRNA", 121, 140, "-", "ID=rna-MIR1;Parent=rna-NR_1"),
        row("exon", 121, 140, "-", "ID=exon-MIR1-1;Parent=rna-MIR1"),
        row("pseudogene", 301, 400, "+", "ID=gene-P;Name=P;gene_biotype=pseudogene"),
        row("exon", 311, 350, "+", "ID=id-P;Parent=gene-P"),
    ]
    assert described(read(tmp_path / "a.gff3", lines)) == [
        "MIR1 MIR1 miRNA chr1:100-200:-",
        "P P pseudogene chr1:300-400:+",
        "[0, 0, 1]",
        "[200, 140, 310]",
        "[0, 1, 2]",
        "[100, 120, 310]",
        "[200, 140, 350]",
    ]


@pytest.mark.parametrize("seed", range(5))
def test_parts_may_precede_what_they_belong_to(tmp_path: pathlib.Path, seed: int) -> None:
    # Any order gives the same genes, each with the same exons.
    lines = random.Random(seed).sample(GENCODE, len(GENCODE))
    annotation = read(tmp_path / "a.gff3", lines)
    found = {
        (
            annotation.genes[annotation.transcript_gene[transcript]].gene_id,
            int(annotation.transcript_start_site[transcript]),
            int(start),
            int(end),
        )
        for transcript, start, end in zip(
            annotation.exon_transcript, annotation.exon_start, annotation.exon_end, strict=True
        )
    }
    assert {f"{gene.gene_id} {gene.name}" for gene in annotation.genes} == {"A.1 AA", "B.1 BB"}
    assert found == {
        ("A.1", 100, 100, 150),
        ("A.1", 100, 250, 300),
        ("A.1", 200, 200, 400),
        ("B.1", 600, 500, 600),
    }


def test_exon_of_several_transcripts(tmp_path: pathlib.Path) -> None:
    shared = row("exon", 120, 130, "+", "Parent=A1,A2")
    annotation = read(tmp_path / "a.gff3", [*GENCODE, shared])
    assert annotation.exon_transcript.tolist() == [0, 0, 0, 1, 1, 2]
    assert annotation.exon_start.tolist() == [100, 250, 119, 200, 119, 500]


def test_transcript_without_a_gene_is_its_own(tmp_path: pathlib.Path) -> None:
    lines = [row("mRNA", 11, 90, "+", "ID=T1;Name=alone"), row("exon", 11, 20, "+", "Parent=T1")]
    assert described(read(tmp_path / "a.gff3", lines))[0] == "T1 alone  chr1:10-90:+"


def test_ids_that_recur_on_another_contig_are_other_genes(tmp_path: pathlib.Path) -> None:
    lines = [row("gene", 11, 20, "+", "ID=A", chromosome) for chromosome in ("chrX", "chrY")]
    genes = read(tmp_path / "a.gff3", lines).genes
    assert [str(gene.interval) for gene in genes] == ["chrX:10-20:+", "chrY:10-20:+"]


def test_gzip_is_recognised_by_content(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.gff3"
    path.write_bytes(gzip.compress("".join(GENCODE).encode()))
    assert described(read_gff3(path)) == EXPECTED


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("chr1\tgene\n", "nine tab-separated columns"),
        (row("gene", 10, 9, "+", "ID=C"), "start 10 and end 9"),
        (row("exon", 1, 9, "+", "ID=E"), "the exon has no Parent"),
        (row("exon", 1, 9, "+", "Parent=nobody"), "no row has the ID 'nobody'"),
        (row("mRNA", 1, 9, "+", "ID=M;Parent=nobody"), "no row has the ID 'nobody'"),
        (row("mRNA", 1, 9, "+", "ID=M;Parent=M"), "'M' is its own ancestor"),
    ],
)
def test_malformed_rows_name_file_and_line(tmp_path: pathlib.Path, line: str, message: str) -> None:
    path = tmp_path / "bad.gff3"
    with pytest.raises(AnnotationError, match=message) as caught:
        read(path, ["##gff-version 3\n", *GENCODE, line])
    assert str(caught.value).startswith(f"{path}:{len(GENCODE) + 2}: ")


def test_file_without_genes_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(AnnotationError, match="no gene"):
        read(tmp_path / "a.gff3", ["##gff-version 3\n", row("region", 1, 9, "+", "ID=chr1")])
