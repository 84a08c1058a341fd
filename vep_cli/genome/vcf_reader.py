"""Reading variants: VCF as text, bgzipped or gzipped, or BCF; from a file or standard input.

Text is read line by line and never rewritten, because a record has to come out byte for byte
as it came in, and because htslib's parser changes what it does not know and cyvcf2 can crash on
what it cannot parse. What is read, told of and refused is in docs/vcf.md.
"""

import errno
import io
import logging
import os
import pathlib
import re
import stat
import sys
import zlib
from collections.abc import Generator, Iterator, Sequence
from types import TracebackType
from typing import NoReturn, cast

from vep_cli.errors import VcfError
from vep_cli.genome.interval import Interval
from vep_cli.genome.regions import lines_in_regions
from vep_cli.genome.vcf_lines import no_header, text_lines
from vep_cli.genome.vcf_record import COLUMNS, VcfRecord, parse_record
from vep_cli.genome.vcf_source import Source

logger = logging.getLogger(__name__)

STANDARD_STREAM = "-"
FILE_FORMAT = "##fileformat="
_KNOWN_FORMAT = re.compile(rf"{FILE_FORMAT}VCFv4\.\d+\s*")
_BYTE_ORDER_MARK = "\ufeff"
_TRUNCATED = "the file is truncated or damaged"
_COMPARE = "compare its size with the source, and copy it again"


class VcfReader:
    """An open variant file: its header, then its records in order.

    Attributes:
        name: The path, or 'standard input'; how messages name the file.
        header: The header lines with their ends, the last of them `#CHROM ...`.
        blank_lines: How many blank lines were left out so far.
    """

    def __init__(self, source: str, regions: Sequence[Interval] | None = None) -> None:
        """Open a file, or standard input for '-', and read its header.

        Args:
            source: The path, or '-'.
            regions: Only the records that overlap one of these, found by the file's index.

        Raises:
            VcfError: There is no such file, it cannot be read, it is empty, or it has no VCF header.
        """
        self.name = "standard input" if source == STANDARD_STREAM else source
        self.blank_lines = 0
        self._first_blank_line = 0
        self._line_number = 0
        self._width = 0
        self._lacks_line_end = False
        self._source = _open(source)
        self._lines = _lines(self._source, source, regions)
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
                self._lacks_line_end = not line.endswith("\n")
                yield parse_record(line, self._line_number, self._width)
            else:
                self._leave_out()

    def cancel(self) -> None:
        """Let reading fail from now on, in another thread that waits for a pipe's next line too."""
        self._source.cancelled.set()

    def close(self) -> None:
        """Close the file; standard input stays open."""
        self._lines.close()
        self._source.release()

    def tell_of_oddities(self) -> None:
        """Warn of blank lines and of a last one without its end; when all is read, maybe by a thread."""
        if self.blank_lines:
            line = self._first_blank_line
            logger.warning("%s:%d: the line is blank: blank lines are left out", self.name, line)
        if self._lacks_line_end:
            logger.warning(
                "%s:%d: the last line has no line end: the file may have been cut short",
                self.name,
                self._line_number,
            )

    def _leave_out(self) -> None:
        if not self.blank_lines:
            self._first_blank_line = self._line_number
        self.blank_lines += 1

    def _read_header(self) -> tuple[str, ...]:
        header: list[str] = []
        while (line := self._next_line()) is not None:
            line = line if header else self._without_mark(line)
            if not line.startswith("#"):
                break
            header.append(line)
            if line.startswith("#CHROM"):
                self._check_columns(line)
                self._check_version(header)
                return tuple(header)
        if line is None and not header:
            raise VcfError("the file is empty", path=self.name, remedy="give a VCF with at least a header")
        raise no_header(self.name, max(self._line_number, 1))

    def _without_mark(self, first: str) -> str:
        if first.startswith(_BYTE_ORDER_MARK):
            logger.warning("%s:1: the byte order mark before the header is left out", self.name)
        return first.removeprefix(_BYTE_ORDER_MARK)

    def _check_columns(self, line: str) -> None:
        names = line.removeprefix("#").rstrip("\r\n\t").split("\t")
        self._width = len(names)
        if self._width < len(COLUMNS):
            self._refuse(
                f"the #CHROM line has {self._width} tab-separated columns, a VCF has at least {len(COLUMNS)}"
            )
        for found, expected in zip(names, COLUMNS, strict=False):
            if found != expected:
                self._refuse(f"the #CHROM line has a column {found!r} in the place of {expected}")

    def _refuse(self, message: str) -> NoReturn:
        remedy = f"the columns are, with a tab after each: #{', '.join(COLUMNS)}"
        raise VcfError(message, path=self.name, line=self._line_number, remedy=remedy)

    def _check_version(self, header: list[str]) -> None:
        first = header[0]
        if not first.startswith(FILE_FORMAT):
            logger.warning("%s:1: the first line is not %sVCFv4...: read as VCF 4", self.name, FILE_FORMAT)
        elif not _KNOWN_FORMAT.fullmatch(first):
            logger.warning("%s:1: %r is not VCF 4, but is read as such", self.name, first.strip())

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


def record_lines(source: str, regions: Sequence[Interval] | None = None) -> Iterator[str]:
    """Yield the line of every record of a file, as a reader has them, and say nothing of what is odd.

    Args:
        source: The path.
        regions: Only the records that overlap one of these.

    Raises:
        VcfError: There is no such file, or it cannot be read to its end.
    """
    opened = _open(source)
    try:
        lines = _lines(opened, source, regions)
        for line in lines:
            if line.startswith("#CHROM"):
                break
        yield from (line for line in lines if line.strip())
    except (EOFError, OSError, zlib.error) as error:
        raise VcfError(f"{_TRUNCATED}: {error}", path=source, remedy=_COMPARE) from error
    finally:
        opened.release()


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


def _lines(opened: Source, source: str, regions: Sequence[Interval] | None) -> Generator[str, None, None]:
    if regions is not None:
        return lines_in_regions(source, regions)
    return text_lines(opened, "standard input" if source == STANDARD_STREAM else source)


def _open(source: str) -> Source:
    if source == STANDARD_STREAM:
        if sys.stdin is None:
            raise VcfError("there is no standard input", remedy="give the path of a VCF")
        return Source(cast(io.BufferedIOBase, sys.stdin.buffer), is_ours=False)
    try:
        return Source(pathlib.Path(source).open("rb"), is_ours=True)
    except (OSError, ValueError) as error:
        raise _cannot_be_opened(source, error) from error


def _cannot_be_opened(source: str, error: OSError | ValueError) -> VcfError:
    return VcfError(
        f"cannot be opened: {getattr(error, 'strerror', None) or error}",
        path=source,
        remedy="check the path and its permissions",
    )
