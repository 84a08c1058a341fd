import dataclasses
import io
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
from hypothesis import given, settings
from hypothesis import strategies as st
from made_scores import (
    ATAC,
    ATAC_ACTIVE,
    RNA,
    gene,
    junction_scores,
    scored_allele,
    scored_line,
    scored_record,
    scores,
)

from vep_cli.genome.alleles import AlleleFlag, AlleleStatus
from vep_cli.scoring.scored_record import ScoredRecord
from vep_cli.writers.limits import ALL, Limits
from vep_cli.writers.parquet_writer import ParquetWriter, file_bytes
from vep_cli.writers.tidy import COLUMNS
from vep_cli.writers.tsv_writer import TsvWriter

NUMBERS = ("raw_score", "quantile_score", "ref_value", "alt_value", "raw_score_sd")
WHOLE_NUMBERS = ("junction_Start", "junction_End")
RANKED = dataclasses.replace(
    scores(ATAC, [[0.25, math.nan]]),
    quantile=np.array([[-0.5, math.nan]], np.float32),
    spread=np.array([[0.1, 0.2]], np.float32),
)
RECORDS = (
    scored_record(
        scored_allele("G", RANKED, scores(ATAC_ACTIVE, [[3, 4]]), flags=tuple(AlleleFlag)[:2]),
        scored_allele("<DEL>", status=AlleleStatus.SYMBOLIC),
    ),
    scored_record(scored_allele("T", scores(RNA, [[1, 2]], strands="+-", genes=(gene(),)))),
    scored_record(scored_allele("C", junction_scores([[1.5], [-0.0]], (gene(), 60), (gene(), 80)))),
)


def written(*records: ScoredRecord, writer: ParquetWriter | None = None) -> io.BytesIO:
    writer = writer or ParquetWriter([])
    pieces = [writer.begin(("ignored",)), *map(writer.format, records)]
    return io.BytesIO(b"".join(writer.assemble(pieces)))


def both(*records: ScoredRecord, limits: Limits = ALL) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the same records from Parquet and from TSV, as a user would."""
    writer = TsvWriter(limits)
    text = writer.begin(()) + "".join(map(writer.format, records))
    table = pd.read_parquet(written(*records, writer=ParquetWriter([], limits)))
    # That every text is text has to be said for a TSV; Parquet knows.
    words = {name: str for name in COLUMNS if name not in (*NUMBERS, *WHOLE_NUMBERS)}
    numbers = dict.fromkeys(NUMBERS, np.float32)
    return table, pd.read_csv(io.StringIO(text), sep="\t", dtype={**words, **numbers})


def test_rows_are_those_of_the_tsv() -> None:
    for limits in (ALL, Limits(top=1), Limits(min_score=2.0)):
        parquet, tsv = both(*RECORDS, limits=limits)
        assert list(parquet.columns) == list(COLUMNS)
        pd.testing.assert_frame_equal(parquet, tsv, check_dtype=False, check_exact=True)
    assert len(both(*RECORDS)[0]) == 2 + 2 + 1 + 1 + 2


def test_columns_have_types() -> None:
    schema = pyarrow.parquet.read_schema(written(*RECORDS))
    types = {field.name: field.type for field in schema}
    assert all(types.pop(name) == pa.float32() for name in NUMBERS)
    assert all(types.pop(name) == pa.int64() for name in WHOLE_NUMBERS)
    assert set(types.values()) == {pa.string()}


def test_nothing_is_null() -> None:
    table = pyarrow.parquet.read_table(written(*RECORDS))
    found = {name: table[name].to_pylist() for name in table.column_names}
    assert found["raw_score"] == [0.25, None, 3, 4, None, 1, 1.5, 0]
    assert found["junction_Start"] == [None] * 6 + [60, 80]
    assert found["gene_id"] == [None] * 5 + ["ENSG01"] * 3
    assert found["gtex_tissue"] == [None] * 8
    assert found["status"] == ["PASS"] * 4 + ["SYMBOLIC"] + ["PASS"] * 3


def test_file_without_a_record_has_its_columns() -> None:
    table = pd.read_parquet(written())
    assert (len(table), list(table.columns)) == (0, list(COLUMNS))


def test_rows_are_written_in_groups() -> None:
    schema = pa.schema([("number", pa.int64())])
    batches = [
        pa.record_batch([pa.array(part, pa.int64())], schema) for part in ([1, 2], [3, 4, 5, 6], [], [7])
    ]
    start, *pieces = file_bytes(schema, batches, rows_of_a_group=3)
    assert start == b"PAR1"  # the format's magic number
    file = pyarrow.parquet.ParquetFile(io.BytesIO(b"".join([start, *pieces])))
    assert [file.metadata.row_group(index).num_rows for index in range(file.num_row_groups)] == [3, 3, 1]
    assert file.read()["number"].to_pylist() == [1, 2, 3, 4, 5, 6, 7]


@given(st.lists(st.integers(0, 3000), max_size=4), st.integers(0, 2100))
@settings(max_examples=20, deadline=None)
def test_bytes_depend_on_the_rows_and_not_on_how_they_come(cuts: list[int], count: int) -> None:
    schema = pa.schema([("word", pa.string()), ("number", pa.float32())])
    words = [f"word {number % 7}" if number % 3 else None for number in range(count)]
    rows = pa.record_batch([pa.array(words, pa.string()), pa.array(range(count), pa.float32())], schema)
    ends = sorted({min(cut, count) for cut in cuts} | {count})
    parts = [rows.slice(start, end - start) for start, end in zip([0, *ends], ends, strict=False)]
    one_by_one = [rows.slice(number, 1) for number in range(count)]  # more than are kept apart
    whole = b"".join(file_bytes(schema, [rows], 500))
    assert b"".join(file_bytes(schema, parts, 500)) == whole
    assert b"".join(file_bytes(schema, one_by_one, 1500)) == b"".join(file_bytes(schema, [rows], 1500))


def test_the_run_is_told_in_the_metadata() -> None:
    writer = ParquetWriter([("version", "1"), ("weights", "a"), ("weights", "b"), ("command", "x \udce9")])
    metadata = pyarrow.parquet.read_schema(written(*RECORDS, writer=writer)).metadata
    told = {key.decode(): value.decode() for key, value in metadata.items() if key.startswith(b"vep_cli")}
    assert told == {"vep_cli_version": "1", "vep_cli_weights": "a\nb", "vep_cli_command": "x \ufffd"}


def test_bytes_that_are_no_text_are_replaced_and_the_rest_is_kept() -> None:
    line = "caf\udce9\t100\t.\tA\tG\t.\t.\t.\n"
    odd = scored_line(line, scored_allele("G", status=AlleleStatus.UNKNOWN_CONTIG))
    table = pd.read_parquet(written(odd, scored_record(scored_allele("T", scores(ATAC, [[1]])))))
    assert table.variant_id.tolist() == ["caf\ufffd:100:A>G", "chr1:100:A>T"]


@given(st.lists(st.floats(width=32, allow_infinity=False), min_size=1, max_size=20))
def test_numbers_come_back_bit_for_bit(values: list[float]) -> None:
    table = pd.read_parquet(written(scored_record(scored_allele("G", scores(ATAC, [values])))))
    np.testing.assert_array_equal(table.raw_score.to_numpy(np.float32), np.array(values, np.float32))
