"""The reference sequence: random access to an indexed FASTA, plain or bgzipped."""

import contextlib
import functools
import pathlib
import struct
import warnings
import zlib
from collections.abc import Iterator
from types import TracebackType

import pyfaidx

from vep_cli.errors import FastaError
from vep_cli.genome.fasta_index import Compression, fasta_compression, index_paths
from vep_cli.genome.interval import Interval

_BLOCK = 1 << 14
"""Bases that are read at a time where fewer are asked for: of a bgzipped file four times as many have to be
decompressed anyway, and of a plain one a few take as long."""

_BLOCKS_KEPT = 4

_BGZF_SUFFIXES = (".gz", ".bgz")

# What pyfaidx and the BGZF reader under it raise for damaged sequences and indexes.
_DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    RuntimeError,
    AssertionError,
    struct.error,
    zlib.error,
    pyfaidx.FetchError,
    pyfaidx.FastaIndexingError,
)


class Reference:
    """An open reference FASTA.

    Attributes:
        path: The file.
        lengths: Bases of each contig, by name, in file order.
    """

    def __init__(self, path: pathlib.Path) -> None:
        """Open an indexed FASTA.

        Raises:
            FastaError: The file is missing or unreadable, is compressed with anything but bgzip, lacks
                its index, the index is not its own, or the end of the file is missing.
        """
        self.path = path
        _check_indexed(path)
        self._fasta = _open(path)
        # Not on the method itself, which would keep the reference as long as the program runs.
        self._blocks = functools.lru_cache(maxsize=_BLOCKS_KEPT)(self._read_block)
        self.lengths = {name: len(self._fasta[name]) for name in self._fasta.keys()}  # noqa: SIM118
        try:
            self._check_index()
        except FastaError:
            self._fasta.close()
            raise

    def __enter__(self) -> "Reference":
        """Return the reference itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._fasta.close()

    def fetch(self, interval: Interval) -> str:
        """Return the bases of `interval` in upper case, N where it reaches past the contig.

        The strand is not looked at.

        Raises:
            FastaError: There is no such contig, or the file is damaged there.
        """
        if interval.chromosome not in self.lengths:
            raise FastaError(f"no contig is named {interval.chromosome!r}", path=self.path)
        start = max(interval.start, 0)
        end = min(interval.end, self.lengths[interval.chromosome])
        if start >= end:
            return "N" * interval.width
        is_near = start // _BLOCK == (end - 1) // _BLOCK
        bases = (self._read_near if is_near else self._read)(interval.chromosome, start, end)
        return "N" * (start - interval.start) + bases + "N" * (interval.end - end)

    def _read_near(self, chromosome: str, start: int, end: int) -> str:
        """Return bases of one block, which the next variant of a sorted file is likely to need too."""
        first = start // _BLOCK * _BLOCK
        try:
            block = self._blocks(chromosome, first)
        except FastaError:
            return self._read(chromosome, start, end)  # the damage may lie elsewhere in the block
        return block[start - first : end - first]

    def _read_block(self, chromosome: str, first: int) -> str:
        return self._read(chromosome, first, min(first + _BLOCK, self.lengths[chromosome]))

    def _read(self, chromosome: str, start: int, end: int) -> str:
        try:
            bases = str(self._fasta[chromosome][start:end]).upper()
        except _DAMAGE as error:
            raise FastaError(
                f"{chromosome}:{start + 1}-{end} cannot be read: {error}",
                path=self.path,
                remedy="the file may be truncated: compare it with its source and index it again",
            ) from error
        if len(bases) != end - start:
            raise FastaError(
                f"{chromosome}:{start + 1}-{end} gave {len(bases)} bases, expected {end - start}",
                path=self.path,
                remedy="the file may be truncated: compare it with its source and index it again",
            )
        return bases

    def _check_index(self) -> None:
        """Reject an index of another file, and a file without its end.

        The header lines of the first and the last contig have to be where the index says, and so has
        the last base of all. More would cost a seek per contig, of which some genomes have thousands.
        """
        if not self.lengths:
            raise FastaError("the reference FASTA has no sequence", path=self.path, remedy="is it a FASTA?")
        names = list(self.lengths)
        if any(self._header_name(name) != name for name in (names[0], names[-1])):
            raise FastaError(
                "the index does not belong to this reference FASTA",
                path=self.path,
                remedy=f"compare the file with its source; if it is whole: samtools faidx {self.path}",
            )
        end = self.lengths[names[-1]]
        self._read(names[-1], max(0, end - 1), end)

    def _header_name(self, name: str) -> str | None:
        """Return the name in the file's own header line of a contig; None where there is no such line."""
        try:
            words: list[str] = self._fasta[name].long_name.split()
        except _DAMAGE:
            return None
        return words[0] if words else None


def _check_indexed(path: pathlib.Path) -> None:
    if not path.is_file():
        raise FastaError("no such file", path=path, remedy="check the path given to --fasta")
    missing = [index for index in index_paths(path) if not index.is_file()]
    if missing:
        raise FastaError(
            f"the reference FASTA has no index ({missing[0].name})",
            path=path,
            remedy=f"make it: samtools faidx {path} (or: vep genome add NAME --fasta {path})",
        )
    if fasta_compression(path) is Compression.BGZF and path.suffix not in _BGZF_SUFFIXES:
        raise FastaError(
            "the reference FASTA is bgzipped, and its name does not say so",
            path=path,
            remedy=f"rename it to {path.name}.gz, and index it again",
        )


def _open(path: pathlib.Path) -> pyfaidx.Fasta:
    try:
        with _without_age_warnings():
            return pyfaidx.Fasta(str(path), as_raw=True, build_index=False, rebuild=False)
    except _DAMAGE as error:
        raise FastaError(
            f"the reference FASTA cannot be opened: {error}",
            path=path,
            remedy=f"index it again: samtools faidx {path}",
        ) from error


@contextlib.contextmanager
def _without_age_warnings() -> Iterator[None]:
    # A fresh git clone or an unpacked archive gives an index any age; `Reference` looks at the
    # contents instead.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield
