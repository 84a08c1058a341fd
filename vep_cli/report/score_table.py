"""The table of a scorer's strongest scores."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from vep_cli.report.markup import Markup, element
from vep_cli.report.strongest import Row
from vep_cli.report.wording import shown, shown_score

_CONTIG_BASES = 1 << 40
"""More than any contig has, so that a number can order contigs first and positions next."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """What one cell shows.

    Attributes:
        text: What is read.
        value: What the column is sorted by, or None for the text.
        title: What is told of it besides, or ''.
    """

    text: str
    value: float | None = None
    title: str = ""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """One column.

    Attributes:
        heading: Its name.
        cell: Returns the cell of a row.
        title: What it is.
        kind: How the page lays it out: 'number' on the right, 'word' in one line, 'long' broken anywhere.
    """

    heading: str
    cell: Callable[[Row], _Cell]
    title: str
    kind: str | None = None


def score_table(rows: Sequence[Row], *, is_signed: bool, caption: str, identifier: str) -> Markup:
    """Return the table; columns in which no row has anything are left out.

    Args:
        rows: The strongest first.
        is_signed: Whether scores say gain or loss.
        caption: What the table is of.
        identifier: The element's, ours.
    """
    columns = [
        column
        for column in _columns(_contig_order(rows), is_signed=is_signed)
        if any(column.cell(row).text for row in rows)
    ]
    head = element("thead", element("tr", *(_heading(column) for column in columns)))
    body = element("tbody", *(_table_row(row, columns) for row in rows))
    return element("table", element("caption", caption), head, body, class_="scores", id=identifier)


def _heading(column: _Column) -> Markup:
    return element(
        "th",
        column.heading,
        scope="col",
        title=column.title,
        class_=column.kind,
    )


def _table_row(row: Row, columns: Sequence[_Column]) -> Markup:
    cells = (
        _table_cell(column, column.cell(row), is_first=not place) for place, column in enumerate(columns)
    )
    return element("tr", *cells, data_score=f"{row.raw:.6g}")


def _table_cell(column: _Column, cell: _Cell, *, is_first: bool) -> Markup:
    return element(
        "th" if is_first else "td",
        cell.text,
        scope="row" if is_first else None,
        class_=column.kind,
        data_value=None if cell.value is None else f"{cell.value:.17g}",
        title=cell.title or None,
    )


def _contig_order(rows: Sequence[Row]) -> dict[str, int]:
    first_come = sorted(rows, key=lambda row: row.number)
    return {name: place for place, name in enumerate(dict.fromkeys(row.chromosome for row in first_come))}


def _columns(contigs: Mapping[str, int], *, is_signed: bool) -> tuple[_Column, ...]:
    def variant(row: Row) -> _Cell:
        where = contigs[row.chromosome] * _CONTIG_BASES + row.position
        text = f"{row.chromosome}:{row.position:,} {row.reference}>{row.alternate}"
        return _Cell(text=text, value=float(where))

    def score(row: Row) -> _Cell:
        return _Cell(text=shown_score(row.raw, is_signed=is_signed), value=row.raw, title=f"{row.raw:.6g}")

    return (
        _Column(heading="Variant", cell=variant, title="contig, position, REF>ALT as in the file"),
        *_BEFORE_SCORE,
        _Column(heading="Score", cell=score, title="raw score: ALT against REF", kind="number"),
        *_BEHIND_SCORE,
    )


def _quantity(heading: str, of: Callable[[Row], float | None], title: str) -> _Column:
    def cell(row: Row) -> _Cell:
        value = of(row)
        return (
            _Cell(text="") if value is None else _Cell(text=shown(value), value=value, title=f"{value:.6g}")
        )

    return _Column(heading=heading, cell=cell, title=title, kind="number")


_BEFORE_SCORE = (
    _Column(
        heading="Gene",
        cell=lambda row: _Cell(text=row.details.gene or row.details.gene_id, title=row.details.gene_id),
        title="gene that the score is of",
    ),
)
_BEHIND_SCORE = (
    _Column(
        heading="Consequence",
        cell=lambda row: _Cell(text=row.consequence),
        title="direction and kind of the prediction; no consequence on a transcript",
        kind="word",
    ),
    _quantity("Quantile", lambda row: row.details.quantile, "rank of the score in a background of variants"),
    _quantity("SD", lambda row: row.details.spread, "standard deviation over the models of an ensemble"),
    _quantity("REF", lambda row: row.details.reference, "aggregated prediction for REF"),
    _quantity("ALT", lambda row: row.details.alternate, "aggregated prediction for ALT"),
    _Column(
        heading="Junction",
        cell=lambda row: _Cell(text=row.details.junction),
        title="intron, first to last base",
        kind="number",
    ),
    _Column(
        heading="Biosample",
        cell=lambda row: _Cell(text=row.details.biosample, title=row.details.ontology),
        title="tissue, cell type or cell line",
    ),
    _Column(heading="ID", cell=lambda row: _Cell(text=row.identifier), title="ID of the record", kind="long"),
    _Column(heading="Track", cell=lambda row: _Cell(text=row.details.track), title="name of the track"),
    _Column(heading="Flags", cell=lambda row: _Cell(text=row.flags), title="what to know about the score"),
)
