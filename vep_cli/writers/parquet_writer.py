"""The tidy table as Parquet, which pandas, R, DuckDB and the like read with its types."""

import io
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from vep_cli.scoring.scored_record import ScoredRecord
from vep_cli.writers.limits import ALL, Limits
from vep_cli.writers.tidy import COUNT_COLUMNS, NUMBER_COLUMNS, WHOLE_NUMBER_COLUMNS, columns_of, tidy_table
from vep_cli.writers.writer import Writer

ROWS_OF_A_GROUP = 1 << 17
"""Rows that are collected before they are written: memory against the size of the file."""

_MAX_WAITING = 1024
"""Batches that are collected before they are made one: each takes kilobytes beside its rows."""


class ParquetWriter(Writer):
    """Writes the rows of `TsvWriter`, in groups; what a TSV leaves empty is null.

    The provenance of the run is the file's key-value metadata, under `vep_cli_<name>`. Pieces are
    messages of Arrow's IPC format: the schema, then the rows of each record.
    """

    def __init__(self, provenance: Sequence[tuple[str, str]], limits: Limits = ALL) -> None:
        """Keep what the file will say of the run.

        Args:
            provenance: Name and value of each thing that the file records about the run; values of one
                name are joined by line ends.
            limits: Which scores are written.
        """
        self._limits = limits
        schema = pa.schema([(column, _type(column)) for column in columns_of(limits)])
        self._schema = schema.with_metadata(_metadata(provenance))

    def begin(self, header: tuple[str, ...]) -> bytes:
        """See base class."""
        del header
        return bytes(self._schema.serialize())

    def format(self, scored: ScoredRecord) -> bytes:
        """See base class."""
        return bytes(_rows(tidy_table(scored, self._limits), self._schema).serialize())

    def assemble(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """See base class."""
        remaining = iter(pieces)
        schema = pa.ipc.read_schema(pa.py_buffer(next(remaining)))
        yield from file_bytes(schema, (pa.ipc.read_record_batch(piece, schema) for piece in remaining))


def file_bytes(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], rows_of_a_group: int = ROWS_OF_A_GROUP
) -> Iterator[bytes]:
    """Yield the bytes of a Parquet file; they depend on the rows and not on how they come.

    Args:
        schema: Its columns and metadata.
        batches: The rows, in any parts.
        rows_of_a_group: Rows that are collected before they are written.
    """
    buffer = io.BytesIO()
    with pyarrow.parquet.ParquetWriter(buffer, schema) as file:
        yield _taken(buffer)
        for group in _groups(schema, batches, rows_of_a_group):
            file.write_table(group, row_group_size=rows_of_a_group)
            yield _taken(buffer)
    yield _taken(buffer)


def _groups(schema: pa.Schema, batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        waiting.append(batch)
        count += batch.num_rows
        if len(waiting) == _MAX_WAITING:
            waiting = pa.Table.from_batches(waiting, schema).combine_chunks().to_batches()
        while count >= rows:
            table = pa.Table.from_batches(waiting, schema)
            yield table.slice(0, rows).combine_chunks()
            waiting, count = table.slice(rows).to_batches(), count - rows
    if count:
        yield pa.Table.from_batches(waiting, schema).combine_chunks()


def _taken(buffer: io.BytesIO) -> bytes:
    # pyarrow counts the bytes that it has written, and never asks where in the buffer it is.
    piece = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return piece


def _type(column: str) -> pa.DataType:
    if column in NUMBER_COLUMNS:
        return pa.float32()
    return pa.int64() if column in (*WHOLE_NUMBER_COLUMNS, *COUNT_COLUMNS) else pa.string()


def _metadata(provenance: Sequence[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in provenance:
        values.setdefault(f"vep_cli_{name}", []).append(_readable(value))
    return {name: "\n".join(of_name) for name, of_name in values.items()}


def _rows(table: pd.DataFrame, schema: pa.Schema) -> pa.RecordBatch:
    columns = [_array(table[field.name].to_numpy(), field.type) for field in schema]
    return pa.record_batch(columns, schema=schema)


def _array(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind, from_pandas=True)
    except UnicodeEncodeError:  # seldom, and looking at every value first would take long
        return pa.array([value if value is None else _readable(value) for value in values], kind)


def _readable(text: str) -> str:
    """Return a text whose bytes were no UTF-8, as far as they are; Parquet has no other text."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
