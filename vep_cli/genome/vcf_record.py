"""One line of a VCF file, kept as it was written."""

import dataclasses

COLUMNS = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
INFO_COLUMN = COLUMNS.index("INFO")
_SHOWN = 40
"""Letters of a column that a message quotes."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class VcfRecord:
    """A record with its text, so that what we do not own is written back byte for byte.

    Only `columns`, `text` and what comes before them may be asked of a line with a `problem`.

    Attributes:
        line_number: 1-based line of the file; of the text that a BCF file renders to.
        columns: The eight fixed columns as written, then FORMAT and samples as one text if any.
            A line that is not a record keeps what columns it has.
        ending: The line's end: '\\n', '\\r\\n', or '' at the end of a file without one.
        position: 1-based POS; 0 where the line is not a record.
        problem: Why the line is not a record, or None.
    """

    line_number: int
    columns: tuple[str, ...]
    ending: str
    position: int
    problem: str | None = None

    @property
    def chromosome(self) -> str:
        """CHROM."""
        return self.columns[0]

    @property
    def reference(self) -> str:
        """REF as written."""
        return self.columns[3]

    @property
    def alternates(self) -> tuple[str, ...]:
        """The ALT alleles as written; one '.' where there is none."""
        return tuple(self.columns[4].split(","))

    @property
    def info(self) -> str:
        """INFO as written."""
        return self.columns[INFO_COLUMN]

    def with_info(self, info: str) -> str:
        """Return the line with another INFO column and everything else as it was."""
        columns = (*self.columns[:INFO_COLUMN], info, *self.columns[INFO_COLUMN + 1 :])
        return "\t".join(columns) + self.ending

    @property
    def text(self) -> str:
        """The line as it was, its end included."""
        return "\t".join(self.columns) + self.ending


def parse_record(line: str, line_number: int, width: int = len(COLUMNS)) -> VcfRecord:
    """Split one line; a line that is not a record comes back with `problem` set.

    Args:
        line: The line with its end.
        line_number: 1-based line of the file.
        width: How many columns the header has. A line with fewer was cut short or lacks one in the
            middle, so that REF may stand where ALT should; surplus ones are not looked at.
    """
    body = line.rstrip("\r\n")
    columns = tuple(body.split("\t", len(COLUMNS)))
    problem = _problem(columns, width)
    return VcfRecord(
        line_number=line_number,
        columns=columns,
        ending=line[len(body) :],
        position=0 if problem else int(columns[1]),
        problem=problem,
    )


def _problem(columns: tuple[str, ...], width: int) -> str | None:
    if len(columns) < len(COLUMNS):
        return f"{len(columns)} tab-separated columns, a record has at least {len(COLUMNS)}"
    if (found := _width(columns)) < width:
        return f"{found} tab-separated columns, the header has {width}"
    if any("\0" in column for column in columns):
        return "there is a NUL byte in it"
    if not (columns[1].isascii() and columns[1].isdigit() and len(columns[1]) <= 10):
        return f"POS is {columns[1][:_SHOWN]!r}, not a whole number"
    empty = [name for name, value in zip(COLUMNS, columns, strict=False) if not value]
    return f"{empty[0]} is empty" if empty else None


def _width(columns: tuple[str, ...]) -> int:
    return len(columns) + columns[-1].count("\t")
