"""Read a GTF gene annotation.

Both dialects in use are understood: GENCODE (`gene_type`, contigs 'chr1') and Ensembl
(`gene_biotype`, contigs '1'). Rows may come in any order; a file without gene rows, or without
transcript rows, gets them from the exons. Other features (CDS, UTR, codons) are not read.
"""

import array
import contextlib
import dataclasses
import gzip
import pathlib
import re
import zlib
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from vep_cli.errors import AnnotationError
from vep_cli.genome.annotation import Annotation, Gene

_GZIP_MAGIC = b"\x1f\x8b"


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
    builder = _Builder()
    number = 0
    try:
        with _opened(path) as lines:
            for number, line in enumerate(lines, 1):
                if not line.startswith(b"#") and not line.isspace():
                    builder.add(line, number)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise AnnotationError(f"not GTF: {error}", remedy=_REMEDY, path=path, line=number or None) from error
    if not builder.genes:
        raise AnnotationError("no gene, transcript or exon in the file", remedy=_REMEDY, path=path)
    return builder.annotation()


_REMEDY = "give a GTF file as GENCODE or Ensembl publish it, plain or gzipped"


@contextlib.contextmanager
def _opened(path: pathlib.Path) -> Iterator[Iterable[bytes]]:
    """Open for reading bytes, through gzip where the content (not the name) says so."""
    with path.open("rb") as raw:
        compressed = raw.peek(2)[:2] == _GZIP_MAGIC
        if not compressed:
            yield raw
            return
        with gzip.open(raw) as lines:
            yield lines


@dataclasses.dataclass(slots=True)
class _Row:
    """One row: where it is, and its attribute column, from which values are fished when needed."""

    number: int
    chromosome: bytes
    start: int
    end: int
    strand: bytes
    attributes: bytes


def _parse_row(columns: list[bytes], number: int) -> _Row:
    start, end, strand = int(columns[3]) - 1, int(columns[4]), columns[6]
    if not 0 <= start < end:
        raise ValueError(f"start {start + 1} and end {end} are not 1-based first and last base")
    if strand not in (b"+", b"-", b".", b"?"):
        raise ValueError(f"the strand is '+', '-' or '.', not {strand.decode(errors='replace')!r}")
    return _Row(number, columns[0], start, end, strand.replace(b"?", b"."), columns[8])


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


def _optional(pattern: re.Pattern[bytes], attributes: bytes) -> str:
    found = pattern.search(attributes)
    return "" if found is None else found[1].decode()


@dataclasses.dataclass(slots=True)
class _Draft:
    """A gene or transcript being read: seen as a row of its own, or so far only through its parts."""

    first_row: _Row
    start: int
    end: int
    parent: int
    is_stated: bool

    def state(self, row: _Row) -> None:
        """Take the span from the feature's own row, which settles it."""
        self.first_row, self.start, self.end, self.is_stated = row, row.start, row.end, True

    def extend(self, row: _Row) -> None:
        """Widen an unstated span by one of its parts."""
        if not self.is_stated:
            self.start, self.end = min(self.start, row.start), max(self.end, row.end)


class _Builder:
    """Collects rows in any order; keys hold the contig because ids recur on chrX and chrY (PAR)."""

    def __init__(self) -> None:
        self.genes: list[_Draft] = []
        self._transcripts: list[_Draft] = []
        self._exons = array.array("q")
        self._gene_numbers: dict[tuple[bytes, bytes], int] = {}
        self._transcript_numbers: dict[tuple[bytes, bytes], int] = {}

    def add(self, line: bytes, number: int) -> None:
        columns = line.split(b"\t", 8)
        if len(columns) < 9:
            raise ValueError("a row needs nine tab-separated columns")
        add_feature = _ADDERS.get(columns[2])
        if add_feature is not None:
            add_feature(self, _parse_row(columns, number))

    def add_gene(self, row: _Row) -> None:
        self.genes[self._gene(row)].state(row)

    def add_transcript(self, row: _Row) -> None:
        transcript = self._transcripts[self._transcript(row)]
        transcript.state(row)
        self.genes[transcript.parent].extend(row)

    def add_exon(self, row: _Row) -> None:
        number = self._transcript(row)
        transcript = self._transcripts[number]
        if not transcript.is_stated:
            transcript.extend(row)
            self.genes[transcript.parent].extend(row)
        self._exons.extend((number, row.start, row.end))

    def _transcript(self, row: _Row) -> int:
        key = (row.chromosome, _required(_TRANSCRIPT_ID, "transcript_id", row.attributes))
        number = self._transcript_numbers.get(key)
        if number is None:
            number = self._transcript_numbers[key] = len(self._transcripts)
            self._transcripts.append(_Draft(row, row.start, row.end, self._gene(row), False))
        return number

    def _gene(self, row: _Row) -> int:
        key = (row.chromosome, _required(_GENE_ID, "gene_id", row.attributes))
        number = self._gene_numbers.get(key)
        if number is None:
            number = self._gene_numbers[key] = len(self.genes)
            self.genes.append(_Draft(row, row.start, row.end, -1, False))
        return number

    def annotation(self) -> Annotation:
        """Return the columns, in the order of the genes' and transcripts' own rows."""
        gene_order, gene_rank = _file_order(self.genes)
        transcript_order, transcript_rank = _file_order(self._transcripts)
        transcripts = [self._transcripts[number] for number in transcript_order]
        exons = np.array(self._exons, np.int64).reshape(-1, 3)
        exons[:, 0] = transcript_rank[exons[:, 0]]
        exons = exons[np.argsort(exons[:, 0], kind="stable")]
        return Annotation(
            genes=tuple(_finished_gene(self.genes[number]) for number in gene_order),
            transcript_gene=gene_rank[np.array([draft.parent for draft in transcripts], np.int64)],
            transcript_start_site=np.array([_start_site(draft) for draft in transcripts], np.int64),
            exon_transcript=np.ascontiguousarray(exons[:, 0]),
            exon_start=np.ascontiguousarray(exons[:, 1]),
            exon_end=np.ascontiguousarray(exons[:, 2]),
        )


_ADDERS: dict[bytes, Callable[[_Builder, _Row], None]] = {
    b"gene": _Builder.add_gene,
    b"transcript": _Builder.add_transcript,
    b"exon": _Builder.add_exon,
}


def _file_order(drafts: list[_Draft]) -> tuple[np.ndarray, np.ndarray]:
    """Return the drafts' numbers by the line that states them, and each draft's place in that list."""
    order = np.argsort(np.array([draft.first_row.number for draft in drafts], np.int64), kind="stable")
    return order, np.argsort(order)


def _finished_gene(draft: _Draft) -> Gene:
    row = draft.first_row
    return Gene(
        gene_id=_required(_GENE_ID, "gene_id", row.attributes).decode(),
        name=_optional(_NAME, row.attributes),
        gene_type=_optional(_TYPE, row.attributes),
        chromosome=row.chromosome.decode(),
        start=draft.start,
        end=draft.end,
        strand=row.strand.decode(),
    )


def _start_site(transcript: _Draft) -> int:
    return transcript.end if transcript.first_row.strand == b"-" else transcript.start
