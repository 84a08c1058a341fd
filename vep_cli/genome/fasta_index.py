"""Indexes of a reference FASTA, and the compression that allows one.

Random access needs a plain or a BGZF file with a `.fai` beside it, and for BGZF a `.gzi`
too (SAM specification, section 4.1; samtools-faidx(1)). Everything here writes under
another name first and renames, so a killed run leaves no half index.
"""

import contextlib
import enum
import gzip
import os
import pathlib
import zlib
from collections.abc import Callable
from typing import BinaryIO

import pysam
import pysam.utils

from vep_cli.errors import FastaError
from vep_cli.whole_file import appearing_whole

_BLOCK = 1 << 20
# A BGZF block is a gzip member with the extra field "BC" of two bytes (SAM specification 4.1).
_GZIP_MAGIC = b"\x1f\x8b"
_BGZF_EXTRA_FIELD = b"BC\x02\x00"


class Compression(enum.Enum):
    """How a FASTA file is stored."""

    PLAIN = "plain"
    GZIP = "gzip"
    BGZF = "bgzip"


def fasta_compression(fasta: pathlib.Path) -> Compression:
    """Return how the file is compressed, from its first bytes and not from its name.

    Raises:
        FastaError: The file cannot be read.
    """
    try:
        with fasta.open("rb") as handle:
            head = handle.read(16)
    except OSError as error:
        raise FastaError(
            f"the FASTA cannot be read: {error.strerror}",
            path=fasta,
            remedy="check the path and its permissions",
        ) from error
    if not head.startswith(_GZIP_MAGIC):
        return Compression.PLAIN
    return Compression.BGZF if head[12:16] == _BGZF_EXTRA_FIELD else Compression.GZIP


def index_paths(fasta: pathlib.Path) -> tuple[pathlib.Path, ...]:
    """Return the index files that the FASTA needs: `.fai`, and `.gzi` where it is BGZF.

    Raises:
        FastaError: The file is gzip but not BGZF, which cannot be indexed, or cannot be read.
    """
    compression = fasta_compression(fasta)
    if compression is Compression.GZIP:
        raise FastaError(
            "the FASTA is compressed with gzip, which allows no random access",
            path=fasta,
            remedy=f"recompress it with bgzip: gunzip -c {fasta} | bgzip > NEW.fa.gz",
        )
    suffixes = (".fai", ".gzi") if compression is Compression.BGZF else (".fai",)
    return tuple(fasta.with_name(fasta.name + suffix) for suffix in suffixes)


def has_current_index(fasta: pathlib.Path) -> bool:
    """Return whether every index file is there and none is older than the FASTA.

    Raises:
        FastaError: As `index_paths`.
    """
    modified = fasta.stat().st_mtime
    return all(index.exists() and index.stat().st_mtime >= modified for index in index_paths(fasta))


def build_index(fasta: pathlib.Path) -> None:
    """Write the index files beside the FASTA, replacing older ones.

    Raises:
        FastaError: The folder is not writable, or samtools finds the file malformed.
    """
    if not os.access(fasta.parent, os.W_OK):
        raise FastaError(
            "the FASTA has no current index and its folder is not writable",
            path=fasta,
            remedy=f"copy the FASTA to a folder of yours, or ask its owner for: samtools faidx {fasta}",
        )
    indexes = index_paths(fasta)
    try:
        with contextlib.ExitStack() as all_at_the_end:
            made = [all_at_the_end.enter_context(appearing_whole(index)) for index in indexes]
            pysam.faidx(*(f"--{part.suffix.removeprefix('.')}-idx={part}" for part in made), str(fasta))
    except (pysam.utils.SamtoolsError, OSError) as error:
        raise FastaError(
            "the FASTA cannot be indexed",
            path=fasta,
            remedy="give all lines of a sequence but its last one width, and make room on the disk",
        ) from error


def recompress_as_bgzip(
    compressed: pathlib.Path, destination: pathlib.Path, *, progress: Callable[[int, int], None]
) -> None:
    """Write a gzip FASTA again as BGZF; `destination` appears only when it is whole.

    Args:
        compressed: A gzip file.
        destination: The BGZF file to write.
        progress: Called with the compressed bytes read so far, and their number in all.

    Raises:
        FastaError: The gzip file is damaged, or the disk is full.
    """
    try:
        with appearing_whole(destination) as part, compressed.open("rb") as source:
            _copy_blocks(source, part, lambda: progress(source.tell(), compressed.stat().st_size))
    except (OSError, EOFError, zlib.error) as error:
        raise FastaError(
            f"the FASTA cannot be recompressed: {error}",
            path=compressed,
            remedy="check the free disk space, then delete the file and fetch it again",
        ) from error


def _copy_blocks(source: BinaryIO, destination: pathlib.Path, after_block: Callable[[], None]) -> None:
    with gzip.open(source, "rb") as bases, pysam.BGZFile(str(destination), "wb", None) as blocks:
        while block := bases.read(_BLOCK):
            blocks.write(block)
            after_block()
