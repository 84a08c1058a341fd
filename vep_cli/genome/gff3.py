"""Read a GFF3 gene annotation, as GENCODE, Ensembl and RefSeq publish them.

A feature belongs to the one that its `Parent` names. Transcripts are what hangs below a gene and
is no part (CDS, UTR, codon); exons right below a gene make a transcript of the gene itself.
"""

import pathlib
import re
import urllib.parse

from vep_cli.errors import AnnotationError
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.annotation_builder import AnnotationBuilder, Description, Row, decoded, read_rows

_REMEDY = "give a GFF3 file as GENCODE, Ensembl or RefSeq publish it, plain or gzipped"

_PARTS = frozenset(
    (
        b"CDS",
        b"UTR",
        b"five_prime_UTR",
        b"three_prime_UTR",
        b"start_codon",
        b"stop_codon",
        b"stop_codon_redefined_as_selenocysteine",
        b"intron",
    )
)

_MAX_DEPTH = 20


def read_gff3(path: pathlib.Path) -> Annotation:
    """Read a GFF3 file, plain, gzip or bgzip.

    Args:
        path: The file.

    Returns:
        The annotation, with genes and transcripts in file order. A gene's id is its `gene_id` where it
        has one (GENCODE, Ensembl), otherwise its `ID` without 'gene:' or 'gene-'.

    Raises:
        AnnotationError: The file cannot be read, a row is malformed or belongs to one that is not there
            (names the line), or no row is a gene.
    """
    features = _Features()
    read_rows(path, features.add, file_format="GFF3", remedy=_REMEDY)
    for row, is_exon in features.waiting:
        try:
            features.place(row, is_exon=is_exon)
        except (_NotThereError, ValueError) as error:
            raise AnnotationError(f"not GFF3: {error}", remedy=_REMEDY, path=path, line=row.number) from error
    if features.builder.is_empty:
        raise AnnotationError("no gene in the file", remedy=_REMEDY, path=path)
    return features.builder.annotation(_described)


class _NotThereError(Exception):
    """A row's parent has not been seen."""


class _Features:
    """Puts each row in its place, or keeps it waiting where its parent is yet to come."""

    def __init__(self) -> None:
        self.builder = AnnotationBuilder()
        self.waiting: list[tuple[Row, bool]] = []
        self._parents: dict[tuple[bytes, bytes], bytes] = {}
        self._possible_genes: dict[tuple[bytes, bytes], Row] = {}

    def add(self, columns: list[bytes], number: int) -> None:
        feature = columns[2]
        if feature in _PARTS:
            return
        row = Row.parse(columns, number)
        if feature != b"exon" and not self._remember(row, is_gene=feature.endswith(b"gene")):
            return
        try:
            self.place(row, is_exon=feature == b"exon")
        except _NotThereError:
            self.waiting.append((row, feature == b"exon"))

    def _remember(self, row: Row, *, is_gene: bool) -> bool:
        """Note whose child a feature is, and return whether it is one; without an id it is of no use."""
        found = _ID.search(row.attributes)
        if found is None:
            return False
        parent = _PARENT.search(row.attributes)
        key = (row.chromosome, found[1])
        self._parents[key] = b"" if parent is None else parent[1]
        if parent is None and is_gene:
            self.builder.add_gene(row, found[1])
        elif parent is None:
            self._possible_genes[key] = row
        return parent is not None

    def place(self, row: Row, *, is_exon: bool) -> None:
        """Add a row to its gene.

        Raises:
            ValueError: The row has no parent.
            _NotThereError: The parent has not been seen.
        """
        for parent in _required(_PARENT, row).split(b","):
            gene = self._gene_above(row.chromosome, parent)
            if is_exon:
                self.builder.add_exon(row, parent, gene)
            else:
                self.builder.add_transcript(row, _required(_ID, row), gene)

    def _gene_above(self, chromosome: bytes, feature: bytes) -> bytes:
        for _ in range(_MAX_DEPTH):
            parent = self._parents.get((chromosome, feature))
            if parent is None:
                raise _NotThereError(f"no row has the ID {decoded(feature)!r}")
            if parent == b"":
                self._state_possible_gene(chromosome, feature)
                return feature
            feature = parent
        raise ValueError(f"{decoded(feature)!r} is its own ancestor")

    def _state_possible_gene(self, chromosome: bytes, feature: bytes) -> None:
        row = self._possible_genes.pop((chromosome, feature), None)
        if row is not None:
            self.builder.add_gene(row, feature)


def _attribute_pattern(*names: str) -> re.Pattern[bytes]:
    return re.compile(rf"(?:^|;)\s*(?:{'|'.join(names)})=([^;\r\n]+)".encode())


_ID = _attribute_pattern("ID")
_PARENT = _attribute_pattern("Parent")
_GENE_ID = _attribute_pattern("gene_id")
_NAME = _attribute_pattern("gene_name", "Name")
_TYPE = _attribute_pattern("gene_type", "gene_biotype", "biotype")
_ID_PREFIX = re.compile(r"^gene[:-]")


def _required(pattern: re.Pattern[bytes], row: Row) -> bytes:
    found = pattern.search(row.attributes)
    if found is None:
        raise ValueError("the exon has no Parent")
    return found[1]


def _described(feature: bytes, attributes: bytes) -> Description:
    gene_id = _optional(_GENE_ID, attributes) or _ID_PREFIX.sub("", decoded(feature))
    return gene_id, _optional(_NAME, attributes), _optional(_TYPE, attributes)


def _optional(pattern: re.Pattern[bytes], attributes: bytes) -> str:
    found = pattern.search(attributes)
    return "" if found is None else urllib.parse.unquote(decoded(found[1]))
