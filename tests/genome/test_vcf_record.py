import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.genome.vcf_record import COLUMNS, parse_record

LINE = "chr1\t100\trs1\tA\tC,<DEL>\t9.50\tPASS\tAF=0.1;DB\tGT:DP\t0/1:3\t./.\n"


def test_columns_are_kept_as_written() -> None:
    record = parse_record(LINE, 7)
    assert (record.line_number, record.problem) == (7, None)
    assert (record.chromosome, record.position, record.reference) == ("chr1", 100, "A")
    assert record.alternates == ("C", "<DEL>")
    assert record.info == "AF=0.1;DB"
    assert record.columns[8:] == ("GT:DP\t0/1:3\t./.",)
    assert record.text == LINE


def test_only_info_changes() -> None:
    changed = parse_record(LINE, 7).with_info("AF=0.1;DB;VE_STATUS=PASS,SYMBOLIC")
    assert changed == LINE.replace("AF=0.1;DB", "AF=0.1;DB;VE_STATUS=PASS,SYMBOLIC")


def test_a_record_without_samples_gets_no_column() -> None:
    changed = parse_record("chr1\t100\t.\tA\tC\t.\t.\t.", 1).with_info("X")
    assert changed == "chr1\t100\t.\tA\tC\t.\t.\tX"


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_line_ends_are_kept(ending: str) -> None:
    record = parse_record(f"chr1\t100\t.\tA\tC\t.\t.\tDB{ending}", 1)
    assert (record.info, record.ending) == ("DB", ending)
    assert record.with_info("X").endswith(f"\tX{ending}")


@pytest.mark.parametrize("written", ["0", "1", "0100", "9999999999"])
def test_positions_that_are_whole_numbers(written: str) -> None:
    record = parse_record(LINE.replace("100", written), 1)
    assert (record.problem, record.position) == (None, int(written))
    assert record.text == LINE.replace("100", written)


@pytest.mark.parametrize(
    "written", ["", ".", "x", "-1", "+1", "1.0", "1e3", " 1", "1_0", "\u0661", "\u00b2", "10000000000"]
)
def test_positions_that_are_not(written: str) -> None:
    record = parse_record(LINE.replace("100", written), 1)
    assert record.problem == f"POS is {written!r}, not a whole number"
    assert (record.position, record.text) == (0, LINE.replace("100", written))


def test_a_long_column_is_not_quoted_whole() -> None:
    record = parse_record(LINE.replace("100", "9" * 1_000_000), 1)
    assert record.problem == f"POS is '{'9' * 40}', not a whole number"


@pytest.mark.parametrize(
    ("line", "count"),
    [("chr1\t100\t.\tA\tC\t.\t.\n", 7), ("chr1 100 . A C . . .\n", 1), ("##late header\n", 1)],
)
def test_too_few_columns(line: str, count: int) -> None:
    record = parse_record(line, 1)
    assert record.problem == f"{count} tab-separated columns, a record has at least 8"
    assert (record.position, record.text) == (0, line)


@pytest.mark.parametrize("column", [name for name in COLUMNS if name != "POS"])
def test_an_empty_column_is_named(column: str) -> None:
    columns = LINE.split("\t")
    columns[COLUMNS.index(column)] = ""
    record = parse_record("\t".join(columns), 1)
    assert record.problem == f"{column} is empty"
    assert record.text == "\t".join(columns)


@given(line=st.text())
def test_any_line_comes_back_as_it_was(line: str) -> None:
    record = parse_record(line, 1)
    assert record.text == line
    if record.problem is None:
        assert record.with_info(record.info) == line


@given(columns=st.lists(st.text("ab.;=,", min_size=1), min_size=7, max_size=10), info=st.text("VE=;."))
def test_another_info_leaves_the_rest(columns: list[str], info: str) -> None:
    columns.insert(1, "5")
    found = parse_record("\t".join(columns) + "\n", 1).with_info(info)
    assert found == "\t".join([*columns[:7], info, *columns[8:]]) + "\n"
