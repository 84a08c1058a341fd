"""Pieces of genome that a model learns from or is examined with."""

import dataclasses
import enum
import pathlib
from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import UInt8

from vep_cli.errors import UsageError
from vep_cli.genome.fasta_index import build_index, has_current_index
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.model.tracks import ORGANISMS

UNKNOWN_BASE = 4
"""Code of N; A, C, G and T are 0 to 3, so that 3 - code is the complement."""


class Split(enum.StrEnum):
    """What a piece is for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of a genome, and the file that has its bases.

    Attributes:
        name: Unique among the pieces.
        fasta: Sequence, plain or bgzipped; an index is made beside it where it lacks one.
        contig: Name of the chromosome, as the sources of targets have it.
        start: 0-based first base.
        end: 0-based base after the last one.
        genome: Name of the assembly, for instance 'hg38'.
        split: What it is for.
        organism: 'human' or 'mouse'.
        record: Name of the FASTA's record; '' means `contig`.
        record_start: 0-based place on the chromosome of the record's first base.
    """

    name: str
    fasta: pathlib.Path
    contig: str
    start: int
    end: int
    genome: str
    split: Split
    organism: str = "human"
    record: str = ""
    record_start: int = 0

    def __post_init__(self) -> None:
        """Reject a piece without bases, and one of an organism that no network has."""
        if not 0 <= self.start < self.end:
            raise ValueError(f"the piece {self.name!r} has no base: {self.start=} {self.end=}")
        if self.organism not in ORGANISMS:
            raise ValueError(f"{self.organism=} is none of {', '.join(ORGANISMS)}")

    @property
    def interval(self) -> Interval:
        """Where it is."""
        return Interval(chromosome=self.contig, start=self.start, end=self.end)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Excluded:
    """A stretch of a genome that a model is never trained on or validated with.

    Attributes:
        genome: Name of the assembly.
        contig: Chromosome.
        start: 0-based first base.
        end: 0-based base after the last one.
    """

    genome: str
    contig: str
    start: int
    end: int

    @property
    def interval(self) -> Interval:
        """Where it is."""
        return Interval(chromosome=self.contig, start=self.start, end=self.end)


def check_pieces(pieces: Sequence[Piece], excluded: Iterable[Excluded]) -> None:
    """Reject pieces that would make a test worthless.

    Raises:
        UsageError: Two have one name, one to train on or validate with overlaps an excluded stretch, or
            two that are for different things share a base.
    """
    names = [piece.name for piece in pieces]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"two pieces are named {name!r}", remedy="give each [[data.piece]] its own name")
    for stretch in excluded:
        for piece in pieces:
            if piece.split is not Split.TEST and _share_a_base(piece, stretch):
                raise UsageError(
                    f"the piece {piece.name!r} is for {piece.split} and overlaps the excluded stretch "
                    f"{stretch.genome} {stretch.interval}",
                    remedy="cut the piece, or leave it out",
                )
    for first, second in ((a, b) for a in pieces for b in pieces if a.name < b.name):
        if first.split is not second.split and _share_a_base(first, second):
            raise UsageError(
                f"the pieces {first.name!r} ({first.split}) and {second.name!r} ({second.split}) overlap",
                remedy="cut one of them",
            )


def read_bases(piece: Piece) -> UInt8[np.ndarray, " bases"]:
    """Return the codes of a piece's bases, 0 to 3 for A, C, G, T and `UNKNOWN_BASE` for any other letter.

    Raises:
        FastaError: The file cannot be read.
        UsageError: The FASTA does not reach from the piece's start to its end.
    """
    if piece.fasta.is_file() and not has_current_index(piece.fasta):
        build_index(piece.fasta)
    record = piece.record or piece.contig
    with Reference(piece.fasta) as reference:
        start, end = piece.start - piece.record_start, piece.end - piece.record_start
        length = reference.lengths.get(record, end)
        if not 0 <= start < end <= length:
            raise UsageError(
                f"the piece {piece.name!r} is {start} to {end} of {record!r}, which has {length} bases",
                remedy="correct start, end or record_start of the [[data.piece]]",
            )
        return encoded(reference.fetch(Interval(chromosome=record, start=start, end=end)))


def encoded(letters: str) -> UInt8[np.ndarray, " bases"]:
    """Return the codes of some bases in letters."""
    return _CODES[np.frombuffer(letters.encode("ascii", "replace"), np.uint8)]


def _code_table() -> UInt8[np.ndarray, "256"]:
    table = np.full(256, UNKNOWN_BASE, np.uint8)
    for code, letter in enumerate("ACGT"):
        table[[ord(letter), ord(letter.lower())]] = code
    return table


_CODES = _code_table()


def _share_a_base(piece: Piece, other: Piece | Excluded) -> bool:
    return piece.genome == other.genome and piece.interval.overlaps(other.interval)
