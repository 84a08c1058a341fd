import gzip
import io
import pathlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.errors import BedError, UsageError
from vep_cli.genome.bed import BedLine, parse_line, parse_region, read_bed
from vep_cli.genome.interval import Interval


def on_chr1(start: int, end: int) -> Interval:
    return Interval(chromosome="chr1", start=start, end=end)


def write(path: pathlib.Path, text: str) -> str:
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("text", ["chr1:1001-2000", "chr1:1,001-2,000"])
def test_regions_are_one_based_with_both_ends(text: str) -> None:
    assert parse_region(text) == on_chr1(1000, 2000)


def test_a_contig_may_have_a_colon() -> None:
    region = parse_region("HLA-A*01:01:5-5")
    assert region == Interval(chromosome="HLA-A*01:01", start=4, end=5)


@pytest.mark.parametrize("text", ["genes.bed", "chr1", "chr1:5", "chr1:a-b", "-", f"chr1:1-{'9' * 5000}"])
def test_other_words_are_no_regions(text: str) -> None:
    assert parse_region(text) is None


@pytest.mark.parametrize("text", ["chr1:0-5", "chr1:6-5", "chr1:,-5"])
def test_regions_without_a_base_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="has no base"):
        parse_region(text)


@given(start=st.integers(0, 10**9), width=st.integers(1, 10**6))
def test_a_region_is_the_interval_that_samtools_shows(start: int, width: int) -> None:
    assert parse_region(f"chr1:{start + 1}-{start + width}") == on_chr1(start, start + width)


def test_lines_with_and_without_names(tmp_path: pathlib.Path) -> None:
    passed_over = "#chrom start end\ntrack name=x\nbrowser hide\n"
    text = passed_over + "chr1\t0\t10\n\nchr1\t5\t6\tmy gene\t0\t-\r\nchr1 7 8 n\n"
    assert list(read_bed(write(tmp_path / "in.bed", text))) == [
        BedLine(line_number=4, interval=on_chr1(0, 10)),
        BedLine(line_number=6, interval=on_chr1(5, 6), name="my gene"),
        BedLine(line_number=7, interval=on_chr1(7, 8), name="n"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("chr1\t5", "2 columns"),
        ("chr1\t5\tx", "'5' and 'x'"),
        ("chr1\t-5\t10", "'-5' and '10'"),
        ("chr1\t5\t" + "9" * 5000, f"'5' and '{'9' * 40}'"),
        ("chr1\t5\t5", "no base: start 5, end 5"),
        ("chr1\t6\t5", "no base: start 6, end 5"),
    ],
)
def test_a_line_without_an_interval_says_why(text: str, words: str) -> None:
    line = parse_line(text, 3)
    assert (line.line_number, line.interval) == (3, None)
    assert line.problem is not None
    assert words in line.problem


@pytest.mark.parametrize("name", ["in.bed.gz", "in.bed.bgz", "in.bed"])
def test_gzip_whatever_the_name(tmp_path: pathlib.Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"chr1\t1\t2\n"))
    assert [line.interval for line in read_bed(str(path))] == [on_chr1(1, 2)]


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_standard_input_stays_open(monkeypatch: pytest.MonkeyPatch, packed: Callable[[bytes], bytes]) -> None:
    stream = io.TextIOWrapper(io.BytesIO(packed(b"chr1\t1\t2\n")))
    monkeypatch.setattr("sys.stdin", stream)
    assert [line.interval for line in read_bed("-")] == [on_chr1(1, 2)]
    assert not stream.closed


def test_a_file_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(BedError, match="No such file"):
        list(read_bed(str(tmp_path / "none.bed")))


def test_a_file_that_ends_in_the_middle(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "in.bed.gz"
    path.write_bytes(gzip.compress(b"chr1\t1\t2\n" * 1000)[:-12])
    with pytest.raises(BedError) as caught:
        list(read_bed(str(path)))
    assert caught.value.line is not None
    assert str(caught.value).startswith(f"{path}:")


def test_a_file_that_is_no_text_names_the_line(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "in.bed"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BedError, match="cannot be read"):
        list(read_bed(str(path)))
