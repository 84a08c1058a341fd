"""The pieces of reference genome that the model is trained, validated and tested on."""

import dataclasses
import gzip
import pathlib
from typing import Protocol

import pysam


class SupportsWrite(Protocol):
    """A file to write bytes to."""

    def write(self, data: bytes, /) -> object:
        """Write bytes."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Piece:
    """A stretch of a chromosome.

    Attributes:
        genome: 'hg38' or 'hg19'.
        contig: Chromosome.
        start: 0-based first base of the file.
        end: 0-based base after its last one.
        split: 'train', 'validation' or 'test'.
        source: Who publishes the file.
        licence: Of that publication; the bases themselves are public.
    """

    genome: str
    contig: str
    start: int
    end: int
    split: str
    source: str
    licence: str

    @property
    def name(self) -> str:
        """Name of the file, which has 1-based coordinates, without its suffix."""
        return f"{self.genome}_{self.contig}_{self.start + 1}-{self.end}"


PIECES = (
    Piece(
        genome="hg38",
        contig="chr6",
        start=31_850_000,
        end=33_850_000,
        split="train",
        source="pytest-ngsfixtures 0.8.1",
        licence="public reference sequence",
    ),
    Piece(
        genome="hg38",
        contig="chr9",
        start=0,
        end=1_000_000,
        split="train",  # its last 250 kb are validation: see bundled.toml
        source="GoekeLab/bambu test data",
        licence="public reference sequence",
    ),
    Piece(
        genome="hg38",
        contig="chr20",
        start=0,
        end=1_000_000,
        split="train",
        source="ACEnglish/truvari test data",
        licence="MIT",
    ),
    Piece(
        genome="hg38",
        contig="chr21",
        start=21_999_999,
        end=23_000_000,
        split="train",
        source="nf-cmgg/test-datasets",
        licence="MIT",
    ),
    Piece(
        genome="hg19",
        contig="chr1",
        start=0,
        end=1_000_000,
        split="train",
        source="broadinstitute/gatk test data",
        licence="Apache-2.0",
    ),
    Piece(
        genome="hg19",
        contig="chr17",
        start=0,
        end=1_000_000,
        split="train",
        source="broadinstitute/gatk test data",
        licence="Apache-2.0",
    ),
    Piece(
        genome="hg19",
        contig="chr20",
        start=1_000_000,
        end=2_000_000,
        split="train",
        source="vgteam/vg test data",
        licence="MIT",
    ),
    Piece(
        genome="hg19",
        contig="chr20",
        start=9_995_000,
        end=11_095_000,
        split="train",
        source="google/nucleus test data",
        licence="Apache-2.0",
    ),
    Piece(
        genome="hg19",
        contig="chr20",
        start=42_220_610,
        end=42_542_245,
        split="validation",
        source="hall-lab/speedseq",
        licence="public reference sequence",
    ),
    Piece(
        genome="hg38",
        contig="chr17",
        start=42_424_999,
        end=43_600_000,
        split="test",
        source="public reference sequence",
        licence="public reference sequence",
    ),
)
"""All of them; no two overlap, in whichever assembly they are counted."""

TEST_FOLDER = "test"
"""Where the test piece lies, apart from what the training configuration reads."""


def write_piece(sequences: pathlib.Path, piece: Piece, out: pathlib.Path) -> pathlib.Path:
    """Write a piece as a FASTA of one record, named as the chromosome.

    The record of a test piece begins at the chromosome's first base, N up to the piece, and is
    block-gzipped, so that programs find it at its coordinates; the others begin where the piece does.

    Args:
        sequences: Folder of the gzipped pieces as published.
        piece: Which.
        out: Folder to write to.

    Returns:
        The FASTA.

    Raises:
        ValueError: The file does not have the bases that its name promises.
    """
    bases = read_bases(sequences / f"{piece.name}.fa.gz")
    if len(bases) != piece.end - piece.start:
        raise ValueError(f"{piece.name}.fa.gz has {len(bases)} bases")
    is_test = piece.split == "test"
    folder = out / (TEST_FOLDER if is_test else "sequence")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{piece.name}.fa{'.gz' if is_test else ''}"
    with pysam.BGZFile(str(path), "w") if is_test else path.open("wb") as file:
        write_record(file, piece.contig, "N" * piece.start + bases if is_test else bases)
    return path


def write_record(file: SupportsWrite, name: str, bases: str) -> None:
    """Write one record of a FASTA, a hundred bases to the line."""
    file.write(f">{name}\n".encode())
    for place in range(0, len(bases), _LINE):
        file.write(bases[place : place + _LINE].encode() + b"\n")


_LINE = 100


def read_bases(path: pathlib.Path) -> str:
    """Return the bases of a gzipped FASTA of one record, in upper case."""
    with gzip.open(path, "rt") as lines:
        return "".join(line.strip() for line in lines if not line.startswith(">")).upper()
