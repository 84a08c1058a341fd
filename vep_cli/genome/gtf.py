"""Read a GTF gene annotation.

Both dialects in use are understood: GENCODE (`gene_type`, contigs 'chr1') and Ensembl
(`gene_biotype`, contigs '1'). Rows may come in any order; a file without gene rows, or without
transcript rows, gets them from the exons. Other features (CDS, UTR, codons) are not read.
"""

import pathlib
import re

from vep_cli.errors import AnnotationError
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.annotation_builder import AnnotationBuilder, Description, Row, decoded, read_rows

_REMEDY = "give a GTF file as GENCODE or Ensembl publish it, plain or gzipped"


def read_gtf(path: pathlib.Path) -> Annotation:
    """Read a GTF file, plain, gzip or bgzip.

    Args:
        path: The file.

    Returns:
        The annotation, with genes and transcripts in file order.

    Raises:
        AnnotationError: The file cannot be read, a row is malformed (names the line), or no row is a
            gene, a transcript or an exon.
    """
    builder = AnnotationBuilder()

    def add(columns: list[bytes], number: int) -> None:
        if columns[2] in _FEATURES:
            _add(builder, columns[2], Row.parse(columns, number))

    read_rows(path, add, file_format="GTF", remedy=_REMEDY)
    if builder.is_empty:
        raise AnnotationError("no gene, transcript or exon in the file", remedy=_REMEDY, path=path)
    return builder.annotation(_described)


_FEATURES = frozenset((b"gene", b"transcript", b"exon"))


def _add(builder: AnnotationBuilder, feature: bytes, row: Row) -> None:
    gene_id = _required(_GENE_ID, "gene_id", row.attributes)
    if feature == b"gene":
        builder.add_gene(row, gene_id)
        return
    transcript_id = _required(_TRANSCRIPT_ID, "transcript_id", row.attributes)
    if feature == b"transcript":
        builder.add_transcript(row, transcript_id, gene_id)
    else:
        builder.add_exon(row, transcript_id, gene_id)


def _attribute_pattern(*names: str) -> re.Pattern[bytes]:
    """Match `name "value"` or `name value`; not a longer name that ends alike, such as havana_gene_id."""
    alternatives = "|".join(names)
    return re.compile(rf'(?:^|[;\s])(?:{alternatives})\s+"?([^";\r\n]+)'.encode())


_GENE_ID = _attribute_pattern("gene_id")
_TRANSCRIPT_ID = _attribute_pattern("transcript_id")
_NAME = _attribute_pattern("gene_name")
_TYPE = _attribute_pattern("gene_type", "gene_biotype")


def _required(pattern: re.Pattern[bytes], name: str, attributes: bytes) -> bytes:
    found = pattern.search(attributes)
    if found is None:
        raise ValueError(f"the row has no {name}")
    return found[1]


def _described(gene_id: bytes, attributes: bytes) -> Description:
    return decoded(gene_id), _optional(_NAME, attributes), _optional(_TYPE, attributes)


def _optional(pattern: re.Pattern[bytes], attributes: bytes) -> str:
    found = pattern.search(attributes)
    return "" if found is None else decoded(found[1])
