"""The tidy table as Parquet, which pandas, R, DuckDB and the like read with its types."""

import io
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from vep_cli.scoring.scored_record import ScoredRecord
from vep_cli.writers.limits import ALL, Limits
from vep_cli.writers.tidy import COLUMNS, NUMBER_COLUMNS, WHOLE_NUMBER_COLUMNS, tidy_table
from vep_cli.writers.writer import Writer

ROWS_OF_A_GROUP = 1 << 17
"""Rows that are collected before they are written: memory against the size of the file."""


class ParquetWriter(Writer):
    """Writes the rows of `TsvWriter`, in groups; what a TSV leaves empty is null.

    The provenance of the run is the file's key-value metadata, under `vep_cli_<name>`.
    """

    def __init__(
        self,
        provenance: Sequence[tuple[str, str]],
        limits: Limits = ALL,
        rows_of_a_group: int = ROWS_OF_A_GROUP,
    ) -> None:
        """Begin a file in memory, which is emptied piece by piece.

        Args:
            provenance: Name and value of each thing that the file records about the run; values of one
                name are joined by line ends.
            limits: Which scores are written.
            rows_of_a_group: Rows that are collected before they are written, at least.
        """
        self._limits = limits
        self._rows_of_a_group = rows_of_a_group
        self._waiting: list[pa.Table] = []
        self._schema = _SCHEMA.with_metadata(_metadata(provenance))
        self._pieces = io.BytesIO()
        self._file = pyarrow.parquet.ParquetWriter(self._pieces, self._schema)

    def begin(self, header: tuple[str, ...]) -> bytes:
        """See base class."""
        del header
        return self._piece()

    def format(self, scored: ScoredRecord) -> bytes:
        """See base class: nothing, or a group of rows."""
        self._waiting.append(_arrow_table(tidy_table(scored, self._limits), self._schema))
        if sum(table.num_rows for table in self._waiting) >= self._rows_of_a_group:
            self._write_group()
        return self._piece()

    def end(self) -> bytes:
        """See base class: the last group, and the footer that says where each lies."""
        if self._waiting:
            self._write_group()
        self._file.close()
        return self._piece()

    def _write_group(self) -> None:
        group = pa.concat_tables(self._waiting).combine_chunks()
        self._file.write_table(group, row_group_size=group.num_rows)
        self._waiting.clear()

    def _piece(self) -> bytes:
        # pyarrow counts the bytes that it has written, and never asks where in the buffer it is.
        piece = self._pieces.getvalue()
        self._pieces.seek(0)
        self._pieces.truncate()
        return piece


def _type(column: str) -> pa.DataType:
    if column in NUMBER_COLUMNS:
        return pa.float32()
    return pa.int64() if column in WHOLE_NUMBER_COLUMNS else pa.string()


_SCHEMA = pa.schema([(column, _type(column)) for column in COLUMNS])


def _metadata(provenance: Sequence[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in provenance:
        values.setdefault(f"vep_cli_{name}", []).append(_readable(value))
    return {name: "\n".join(of_name) for name, of_name in values.items()}


def _arrow_table(table: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    return pa.table([_array(table[field.name].to_numpy(), field.type) for field in schema], schema=schema)


def _array(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind, from_pandas=True)
    except UnicodeEncodeError:  # seldom, and looking at every value first would take long
        return pa.array([value if value is None else _readable(value) for value in values], kind)


def _readable(text: str) -> str:
    """Return a text whose bytes were no UTF-8, as far as they are; Parquet has no other text."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
