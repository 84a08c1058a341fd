"""Reading variants: VCF as text, bgzipped or gzipped, or BCF; from a file or standard input.

Text is read line by line and never rewritten, because a record has to come out byte for byte
as it came in, and because htslib's parser changes what it does not know and cyvcf2 can crash on
what it cannot parse. BCF has no text to keep; cyvcf2 renders it.
"""

import gzip
import io
import pathlib
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from types import TracebackType
from typing import BinaryIO, Self

import cyvcf2

from vep_cli.errors import VcfError
from vep_cli.genome.vcf_record import VcfRecord, parse_record

STANDARD_STREAM = "-"
_BUFFER = 1 << 16
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
    """

    def __init__(self, source: str) -> None:
        """Open a file, or standard input for '-', and read its header.

        Raises:
            VcfError: There is no such file, it is empty, or it has no VCF header.
        """
        self.name = "standard input" if source == STANDARD_STREAM else source
        self._line_number = 0
        self._first: str | None = None
        self._stream = _open(source)
        try:
            self._lines = _text_lines(self._stream)
            self.header = self._read_header()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def __iter__(self) -> Iterator[VcfRecord]:
        """Iterate over the records, malformed ones included; blank lines are passed over.

        Raises:
            VcfError: The file ends in the middle, or its compression is damaged.
        """
        while (line := self._next_line()) is not None:
            if line.strip():
                yield parse_record(line, self._line_number)

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._stream.raw_source is not sys.stdin.buffer:
            self._stream.raw_source.close()

    def _read_header(self) -> tuple[str, ...]:
        header: list[str] = []
        while (line := self._next_line()) is not None:
            if not line.startswith("#"):
                break
            header.append(line)
            if line.startswith("#CHROM"):
                return tuple(header)
        if line is None and not header:
            raise VcfError("the file is empty", path=self.name, remedy="give a VCF with at least a header")
        raise VcfError(
            "the header line that begins with #CHROM is missing",
            path=self.name,
            line=max(self._line_number, 1),
            remedy="is this a VCF? Its header is: ##fileformat=VCFv4.2, then #CHROM<TAB>POS<TAB>ID ...",
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


class _Tail(io.RawIOBase):
    """A raw stream that remembers its first and last bytes, to tell a truncated BGZF file."""

    def __init__(self, raw_source: BinaryIO) -> None:
        super().__init__()
        self.raw_source = raw_source
        self.head = b""
        self.tail = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        block = self.raw_source.read(len(buffer))
        buffer[: len(block)] = block
        if not self.head:
            self.head = block[:16]
        self.tail = (self.tail + block[-len(_BGZF_END) :])[-len(_BGZF_END) :]
        return len(block)

    def lacks_end(self) -> bool:
        """Return whether this was BGZF and the empty block that ends such a file did not come."""
        return self.head[12:16] == _BGZF_MARK and self.tail != _BGZF_END


def _open(source: str) -> _Tail:
    if source == STANDARD_STREAM:
        return _Tail(sys.stdin.buffer)
    try:
        return _Tail(pathlib.Path(source).open("rb"))
    except OSError as error:
        raise VcfError(
            f"cannot be opened: {error.strerror}", path=source, remedy="check the path and its permissions"
        ) from error


def _text_lines(stream: _Tail) -> Iterator[str]:
    plain: io.BufferedReader = io.BufferedReader(stream, _BUFFER)
    if plain.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC):
        plain = io.BufferedReader(gzip.GzipFile(fileobj=plain), _BUFFER)
    lines = _bcf_lines(plain) if _peek(plain).startswith(_BCF_MAGIC) else _vcf_lines(plain)
    return _checked_lines(lines, stream)


def _peek(stream: io.BufferedReader) -> bytes:
    try:
        return stream.peek(len(_BCF_MAGIC))
    except (EOFError, OSError, zlib.error):
        return b""  # the first read meets the damage again, and reports it with a line


def _checked_lines(lines: Iterator[str], stream: _Tail) -> Iterator[str]:
    yield from lines
    if stream.lacks_end():
        raise EOFError("the last block of a bgzipped file is missing")


def _vcf_lines(plain: io.BufferedReader) -> Iterator[str]:
    for line in plain:
        yield line.decode("utf-8", "surrogateescape")


def _bcf_lines(plain: io.BufferedReader) -> Iterator[str]:
    # htslib opens paths only; a copy on disk serves standard input and files alike.
    with tempfile.NamedTemporaryFile(suffix=".bcf") as copy:
        shutil.copyfileobj(plain, copy)
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
