"""What the readers of GTF and GFF3 share: rows, and the annotation that they add up to."""

import array
import contextlib
import dataclasses
import gzip
import pathlib
import zlib
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from jaxtyping import Int64

from vep_cli.errors import AnnotationError
from vep_cli.genome.annotation import Annotation, Gene

_GZIP_MAGIC = b"\x1f\x8b"

LAST_BASE = 1 << 40
"""No contig has as many; coordinates past it are nonsense, and past 2^63 fit no array."""


@dataclasses.dataclass(slots=True)
class Row:
    """One row: where it is, and its attribute column, from which values are fished when needed.

    Attributes:
        number: 1-based line of the file.
        chromosome: Contig name.
        start: 0-based first base.
        end: 0-based base after the last one.
        strand: '+', '-' or '.'.
        attributes: The ninth column as it is.
    """

    number: int
    chromosome: bytes
    start: int
    end: int
    strand: bytes
    attributes: bytes

    @classmethod
    def parse(cls, columns: list[bytes], number: int) -> "Row":
        """Return the row with these nine columns.

        Raises:
            ValueError: The coordinates or the strand are malformed.
        """
        start, end, strand = int(columns[3]) - 1, int(columns[4]), columns[6]
        if not 0 <= start < end <= LAST_BASE:
            raise ValueError(f"start {start + 1} and end {end} are not 1-based first and last base")
        if strand not in (b"+", b"-", b".", b"?"):
            raise ValueError(f"the strand is '+', '-' or '.', not {decoded(strand)!r}")
        return cls(number, columns[0], start, end, strand.replace(b"?", b"."), columns[8])


def read_rows(
    path: pathlib.Path, add: Callable[[list[bytes], int], None], *, file_format: str, remedy: str
) -> None:
    """Hand the nine columns and the line number of each row to `add`, from a file plain, gzip or bgzip.

    Args:
        path: The file.
        add: Takes a row; raises ValueError where it is malformed.
        file_format: For messages.
        remedy: What to do about a file that is none of this format.

    Raises:
        AnnotationError: The file cannot be read, or a row is malformed (names the line).
    """
    number = 0
    try:
        with opened(path) as lines:
            for number, line in enumerate(lines, 1):
                if line.startswith(b"##FASTA"):
                    break
                if not line.startswith(b"#") and not line.isspace():
                    columns = line.split(b"\t", 8)
                    if len(columns) < 9:
                        raise ValueError("a row needs nine tab-separated columns")
                    add(columns, number)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        message = f"not {file_format}: {error}"
        raise AnnotationError(message, remedy=remedy, path=path, line=number or None) from error


def decoded(value: bytes) -> str:
    """Return a name as text; what is no UTF-8 of it says U+FFFD, as it can neither be shown nor looked up."""
    return value.decode(errors="replace")


@contextlib.contextmanager
def opened(path: pathlib.Path) -> Iterator[Iterable[bytes]]:
    """Open for reading bytes, through gzip where the content (not the name) says so."""
    with path.open("rb") as raw:
        compressed = raw.peek(2)[:2] == _GZIP_MAGIC
        if not compressed:
            yield raw
            return
        with gzip.open(raw) as lines:
            yield lines


@dataclasses.dataclass(slots=True)
class _Draft:
    """A gene or transcript being read: seen as a row of its own, or so far only through its parts."""

    key: bytes
    first_row: Row
    start: int
    end: int
    parent: int
    is_stated: bool = False

    def state(self, row: Row) -> None:
        """Take the span from the feature's own row, which settles it."""
        self.first_row, self.start, self.end, self.is_stated = row, row.start, row.end, True

    def extend(self, row: Row) -> None:
        """Widen an unstated span by one of its parts."""
        if not self.is_stated:
            self.start, self.end = min(self.start, row.start), max(self.end, row.end)


Description = tuple[str, str, str]


class AnnotationBuilder:
    """Collects rows in any order; keys hold the contig because ids recur on chrX and chrY (PAR)."""

    def __init__(self) -> None:
        self._genes: list[_Draft] = []
        self._transcripts: list[_Draft] = []
        self._exons = array.array("q")
        self._gene_numbers: dict[tuple[bytes, bytes], int] = {}
        self._transcript_numbers: dict[tuple[bytes, bytes], int] = {}

    @property
    def is_empty(self) -> bool:
        """Whether there is no gene yet, stated or derived from its parts."""
        return not self._genes

    def add_gene(self, row: Row, gene_id: bytes) -> None:
        """Add a gene's own row."""
        self._genes[self._gene(row, gene_id)].state(row)

    def add_transcript(self, row: Row, transcript_id: bytes, gene_id: bytes) -> None:
        """Add a transcript's own row."""
        transcript = self._transcripts[self._transcript(row, transcript_id, gene_id)]
        transcript.state(row)
        self._genes[transcript.parent].extend(row)

    def add_exon(self, row: Row, transcript_id: bytes, gene_id: bytes) -> None:
        """Add an exon of a transcript."""
        number = self._transcript(row, transcript_id, gene_id)
        transcript = self._transcripts[number]
        if not transcript.is_stated:
            transcript.extend(row)
            self._genes[transcript.parent].extend(row)
        self._exons.extend((number, row.start, row.end))

    def _transcript(self, row: Row, transcript_id: bytes, gene_id: bytes) -> int:
        key = (row.chromosome, transcript_id)
        number = self._transcript_numbers.get(key)
        if number is None:
            number = self._transcript_numbers[key] = len(self._transcripts)
            parent = self._gene(row, gene_id)
            self._transcripts.append(_Draft(transcript_id, row, row.start, row.end, parent))
        return number

    def _gene(self, row: Row, gene_id: bytes) -> int:
        key = (row.chromosome, gene_id)
        number = self._gene_numbers.get(key)
        if number is None:
            number = self._gene_numbers[key] = len(self._genes)
            self._genes.append(_Draft(gene_id, row, row.start, row.end, -1))
        return number

    def annotation(self, describe: Callable[[bytes, bytes], Description]) -> Annotation:
        """Return the columns, in the order of the genes' and transcripts' own rows.

        Args:
            describe: Returns (gene id, name, type) from a gene's id and the attributes of its row.
        """
        gene_order, gene_rank = _file_order(self._genes)
        transcript_order, transcript_rank = _file_order(self._transcripts)
        transcripts = [self._transcripts[number] for number in transcript_order]
        exons = np.array(self._exons, np.int64).reshape(-1, 3)
        exons[:, 0] = transcript_rank[exons[:, 0]]
        exons = exons[np.argsort(exons[:, 0], kind="stable")]
        return Annotation(
            genes=tuple(_finished_gene(self._genes[number], describe) for number in gene_order),
            transcript_gene=gene_rank[np.array([draft.parent for draft in transcripts], np.int64)],
            transcript_start_site=np.array([_start_site(draft) for draft in transcripts], np.int64),
            exon_transcript=np.ascontiguousarray(exons[:, 0]),
            exon_start=np.ascontiguousarray(exons[:, 1]),
            exon_end=np.ascontiguousarray(exons[:, 2]),
        )


def _file_order(
    drafts: list[_Draft],
) -> tuple[Int64[np.ndarray, " drafts"], Int64[np.ndarray, " drafts"]]:
    """Return the drafts' numbers by the line that states them, and each draft's place in that list."""
    order = np.argsort(np.array([draft.first_row.number for draft in drafts], np.int64), kind="stable")
    return order, np.argsort(order)


def _finished_gene(draft: _Draft, describe: Callable[[bytes, bytes], Description]) -> Gene:
    row = draft.first_row
    gene_id, name, gene_type = describe(draft.key, row.attributes)
    return Gene(
        gene_id=gene_id,
        name=name,
        gene_type=gene_type,
        chromosome=decoded(row.chromosome),
        start=draft.start,
        end=draft.end,
        strand=decoded(row.strand),
    )


def _start_site(transcript: _Draft) -> int:
    return transcript.end if transcript.first_row.strand == b"-" else transcript.start
