"""Intervals to score: the lines of a BED file, or one region as samtools writes it."""

import contextlib
import dataclasses
import gzip
import io
import pathlib
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import cast

from vep_cli.errors import BedError, UsageError, reason
from vep_cli.genome.interval import Interval

STANDARD_STREAM = "-"
_GZIP_MAGIC = b"\x1f\x8b"
_REGION = re.compile(r"(?P<chromosome>.+):(?P<start>[\d,]{1,20})-(?P<end>[\d,]{1,20})")
_DIGITS = 12
"""Of a coordinate; Python refuses to read a number of thousands."""
_SHOWN = 40
_NO_DATA = ("#", "track", "browser")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BedLine:
    """One line of a BED file that holds an interval, or should.

    Attributes:
        line_number: 1-based line of the file.
        interval: 0-based and half-open, as BED is; None where the line has none.
        name: The fourth column; '' where there is none.
        problem: Why the line has no interval, or None.
    """

    line_number: int
    interval: Interval | None
    name: str = ""
    problem: str | None = None


def parse_region(text: str) -> Interval | None:
    """Return a region written as samtools does, `chr6:31,850,001-31,852,000`: 1-based, both ends included.

    Returns:
        The same bases 0-based and half-open; None where the text is no such region.

    Raises:
        UsageError: It is one, and it has no base.
    """
    found = _REGION.fullmatch(text)
    if found is None:
        return None
    start, end = (int(found[side].replace(",", "") or 0) for side in ("start", "end"))
    if not 1 <= start <= end:
        raise UsageError(
            f"the region {text} has no base",
            remedy="regions are 1-based with both ends included, chr1:1001-2000 for a thousand bases",
        )
    return Interval(chromosome=found["chromosome"], start=start - 1, end=end)


def read_bed(source: str) -> Iterator[BedLine]:
    """Yield every line of a BED file but comments, `track` and `browser` lines and blank ones.

    Args:
        source: The path; '-' is standard input. Its first bytes, not its name, say whether it is gzipped.

    Raises:
        BedError: There is no such file, or it cannot be read to its end.
    """
    number = 0
    try:
        with _open(source) as lines:
            for number, line in enumerate(lines, start=1):
                text = line.decode()
                if text.strip() and not text.startswith(_NO_DATA):
                    yield parse_line(text, number)
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise BedError(
            f"the BED file cannot be read: {reason(error)}",
            path=source,
            line=number + 1 if number else None,
            remedy="check the path; a region is written chr1:1001-2000",
        ) from error


def parse_line(text: str, line_number: int) -> BedLine:
    """Return what a line says: contig, 0-based start, end and, in the fourth column, a name.

    Further columns are not looked at, the strand neither: scores are of both strands' tracks.
    """
    columns = text.rstrip("\r\n").split("\t")
    if len(columns) < 3:
        columns = text.split()
    problem = _problem(columns)
    if problem is not None:
        return BedLine(line_number=line_number, interval=None, problem=problem)
    interval = Interval(chromosome=columns[0], start=int(columns[1]), end=int(columns[2]))
    return BedLine(line_number=line_number, interval=interval, name=columns[3] if len(columns) > 3 else "")


def _problem(columns: list[str]) -> str | None:
    if len(columns) < 3:
        return f"it has {len(columns)} columns, a BED line has at least 3: contig, start, end"
    start, end = columns[1:3]
    if not all(text.isascii() and text.isdigit() and len(text) <= _DIGITS for text in (start, end)):
        return f"start and end are whole numbers from 0, not {start[:_SHOWN]!r} and {end[:_SHOWN]!r}"
    if int(start) >= int(end):
        return f"the interval has no base: start {start}, end {end}"
    return None


@contextlib.contextmanager
def _open(source: str) -> Iterator[Iterable[bytes]]:
    with contextlib.ExitStack() as opened:
        is_standard = source == STANDARD_STREAM
        raw = sys.stdin.buffer if is_standard else opened.enter_context(pathlib.Path(source).open("rb"))
        stream = io.BufferedReader(cast(io.RawIOBase, raw))
        opened.callback(stream.detach)  # else it would close standard input with itself
        is_gzipped = stream.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC)
        yield gzip.GzipFile(fileobj=stream) if is_gzipped else stream
