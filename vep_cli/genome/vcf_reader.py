"""Reading variants: VCF as text, bgzipped or gzipped, or BCF; from a file or standard input.

Text is read line by line and never rewritten, because a record has to come out byte for byte
as it came in, and because htslib's parser changes what it does not know and cyvcf2 can crash on
what it cannot parse. BCF has no text to keep; cyvcf2 renders it.
"""

import errno
import gzip
import io
import logging
import os
import pathlib
import select
import shutil
import stat
import sys
import tempfile
import threading
import zlib
from collections.abc import Generator, Iterator
from types import TracebackType
from typing import cast

import cyvcf2

from vep_cli.errors import VcfError
from vep_cli.genome.vcf_record import COLUMNS, VcfRecord, parse_record

logger = logging.getLogger(__name__)

STANDARD_STREAM = "-"
_BUFFER = 1 << 16
_LOOK_UP = 100
"""Milliseconds after which reading looks whether it is still wanted."""
_GZIP_MAGIC = b"\x1f\x8b"
_BGZF_MARK = b"BC\x02\x00"
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_BCF_MAGIC = b"BCF\x02"
_TRUNCATED = "the file is truncated or damaged"
_COMPARE = "compare its size with the source, and copy it again"


class VcfReader:
    """An open variant file: its header, then its records in order.

    Attributes:
        name: The path, or 'standard input'; how messages name the file.
        header: The header lines with their ends, the last of them `#CHROM ...`.
        blank_lines: How many blank lines were left out so far.
    """

    def __init__(self, source: str) -> None:
        """Open a file, or standard input for '-', and read its header.

        Raises:
            VcfError: There is no such file, it cannot be read, it is empty, or it has no VCF header.
        """
        self.name = "standard input" if source == STANDARD_STREAM else source
        self.blank_lines = 0
        self._first_blank_line = 0
        self._line_number = 0
        self._source = _open(source)
        self._lines = _text_lines(self._source)
        try:
            self.header = self._read_header()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "VcfReader":
        """Return the reader itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def __iter__(self) -> Iterator[VcfRecord]:
        """Iterate over the records, malformed ones included, and leave out blank lines.

        Raises:
            VcfError: The file ends in the middle, or its compression is damaged.
        """
        while (line := self._next_line()) is not None:
            # Other readers refuse a VCF with a blank line in it, so that none may get into an output.
            if line.strip():
                yield parse_record(line, self._line_number)
            else:
                self._leave_out()

    def cancel(self) -> None:
        """Let reading fail from now on, in another thread that waits for a pipe's next line too."""
        self._source.cancelled.set()

    def close(self) -> None:
        """Close the file; standard input stays open."""
        self._lines.close()
        self._source.release()

    def tell_of_blank_lines(self) -> None:
        """Warn of the blank lines that were left out; to be called when all is read, maybe by a thread."""
        if self.blank_lines:
            line = self._first_blank_line
            logger.warning("%s:%d: the line is blank: blank lines are left out", self.name, line)

    def _leave_out(self) -> None:
        if not self.blank_lines:
            self._first_blank_line = self._line_number
        self.blank_lines += 1

    def _read_header(self) -> tuple[str, ...]:
        header: list[str] = []
        while (line := self._next_line()) is not None:
            if not line.startswith("#"):
                break
            header.append(line)
            if line.startswith("#CHROM"):
                self._check_columns(line)
                return tuple(header)
        if line is None and not header:
            raise VcfError("the file is empty", path=self.name, remedy="give a VCF with at least a header")
        raise VcfError(
            "the header line that begins with #CHROM is missing",
            path=self.name,
            line=max(self._line_number, 1),
            remedy="is this a VCF? Its header is: ##fileformat=VCFv4.2, then #CHROM<TAB>POS<TAB>ID ...",
        )

    def _check_columns(self, line: str) -> None:
        count = len(line.split("\t"))
        if count < len(COLUMNS):
            raise VcfError(
                f"the #CHROM line has {count} tab-separated columns, a VCF has at least {len(COLUMNS)}",
                path=self.name,
                line=self._line_number,
                remedy=f"separate them with tabs: #{', '.join(COLUMNS)}",
            )

    def _next_line(self) -> str | None:
        try:
            line = next(self._lines, None)
        except (EOFError, OSError, zlib.error) as error:
            raise VcfError(
                f"{_TRUNCATED}: {error}", path=self.name, line=self._line_number + 1, remedy=_COMPARE
            ) from error
        if line is not None:
            self._line_number += 1
        return line


def check_source(source: str) -> None:
    """Refuse a source that is not there, before anything slow begins; opens nothing, as a pipe opens once.

    Args:
        source: As `VcfReader` takes it.

    Raises:
        VcfError: There is no such file, or it is a folder.
    """
    if source == STANDARD_STREAM:
        return
    try:
        if stat.S_ISDIR(os.stat(source).st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    except (OSError, ValueError) as error:
        raise _cannot_be_opened(source, error) from error


class _Source(io.RawIOBase):
    """The bytes of the file; it remembers the first and last of them, to tell a truncated BGZF file.

    Attributes:
        cancelled: Once set, reading fails.
    """

    def __init__(self, raw: io.BufferedIOBase, *, is_ours: bool) -> None:
        super().__init__()
        self.cancelled = threading.Event()
        self._raw = raw
        self._may_block = _may_block(raw)
        self._is_drained = False
        self._is_ours = is_ours
        self._pending = b""
        self._head = b""
        self._tail = b""

    def is_gzip(self) -> bool:
        """Return whether the file begins as gzip does; ask before reading."""
        # A pipe may give one byte at a time; `read` waits for as many as it is asked for.
        self._head = self._pending = self._raw.read(len(_BGZF_END))
        return self._head.startswith(_GZIP_MAGIC)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        # `read1` gives what a pipe has; `read` would hold back records until the buffer is full.
        block = self._pending[: len(buffer)] or self._read(len(buffer))
        self._pending = self._pending[len(buffer) :]
        buffer[: len(block)] = block
        self._tail = (self._tail + block[-len(_BGZF_END) :])[-len(_BGZF_END) :]
        return len(block)

    def _read(self, size: int) -> bytes:
        # What was read ahead is there at once, and no system call knows of it.
        if self._may_block and self._is_drained:
            self._wait()
        block = self._raw.read1(size)
        self._is_drained = len(block) < size
        return block

    def _wait(self) -> None:
        """Return when there is something to read, or the end."""
        poll = select.poll()
        poll.register(self._raw, select.POLLIN)
        while not poll.poll(_LOOK_UP):
            if self.cancelled.is_set():
                raise OSError(errno.ECANCELED, os.strerror(errno.ECANCELED))

    def lacks_end(self) -> bool:
        """Return whether this was BGZF and the empty block that ends such a file did not come."""
        return self._head[12:16] == _BGZF_MARK and self._tail != _BGZF_END

    def release(self) -> None:
        """Close the file, unless it is standard input."""
        if self._is_ours:
            self._raw.close()


def _may_block(raw: io.BufferedIOBase) -> bool:
    """Return whether reading may wait for somebody who writes: a pipe, a terminal."""
    try:
        return not stat.S_ISREG(os.fstat(raw.fileno()).st_mode)
    except OSError:  # no file of the system, as in a program that calls `main` with a stream of its own
        return False


def _open(source: str) -> _Source:
    if source == STANDARD_STREAM:
        if sys.stdin is None:
            raise VcfError("there is no standard input", remedy="give the path of a VCF")
        return _Source(cast(io.BufferedIOBase, sys.stdin.buffer), is_ours=False)
    try:
        return _Source(pathlib.Path(source).open("rb"), is_ours=True)
    except (OSError, ValueError) as error:
        raise _cannot_be_opened(source, error) from error


def _cannot_be_opened(source: str, error: OSError | ValueError) -> VcfError:
    return VcfError(
        f"cannot be opened: {getattr(error, 'strerror', None) or error}",
        path=source,
        remedy="check the path and its permissions",
    )


def _text_lines(source: _Source) -> Generator[str, None, None]:
    is_gzip = source.is_gzip()
    stream: io.BufferedReader = io.BufferedReader(source, _BUFFER)
    if is_gzip:
        stream = io.BufferedReader(gzip.GzipFile(fileobj=stream), _BUFFER)
    is_bcf = stream.peek(len(_BCF_MAGIC)).startswith(_BCF_MAGIC)
    yield from _bcf_lines(stream) if is_bcf else _vcf_lines(stream)
    if source.lacks_end():
        raise EOFError("the last block of a bgzipped file is missing")


def _vcf_lines(stream: io.BufferedReader) -> Iterator[str]:
    for line in stream:
        yield line.decode("utf-8", "surrogateescape")


def _bcf_lines(stream: io.BufferedReader) -> Iterator[str]:
    # htslib opens paths only; a copy on disk serves standard input and files alike.
    with tempfile.NamedTemporaryFile(suffix=".bcf") as copy:
        shutil.copyfileobj(stream, copy)
        copy.flush()
        yield from _render_bcf(copy.name)


def _render_bcf(path: str) -> Iterator[str]:
    try:
        variants = cyvcf2.VCF(path)
        yield from variants.raw_header.splitlines(keepends=True)
        for variant in variants:
            yield str(variant)
    except Exception as error:  # cyvcf2 raises it bare for a record that it cannot decode
        raise OSError(str(error)) from error
