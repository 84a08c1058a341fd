import pathlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vep_cli.errors import OutputError, UsageError
from vep_cli.genome.interval import Interval
from vep_cli.writers import genome_tracks
from vep_cli.writers.genome_tracks import BIGWIG, check_library, write_bigwig, write_cooler, write_junctions

pybigtools = pytest.importorskip("pybigtools")


def test_bins_stand_where_they_belong_and_end_with_the_contig(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "x.bw"
    # Bins of 128 bp from -64: 0-64, 64-192, 192-300; the last has no number.
    write_bigwig(path, 300, "chr2", -64, 128, np.array([1, 2, 3, np.nan], np.float32))
    opened = pybigtools.open(str(path))
    assert opened.chroms() == {"chr2": 300}
    assert list(opened.records("chr2")) == [(0, 64, 1.0), (64, 192, 2.0), (192, 300, 3.0)]
    assert list(tmp_path.iterdir()) == [path]


def test_other_readers_find_the_same(tmp_path: pathlib.Path) -> None:
    other = pytest.importorskip("pyBigWig")
    path = tmp_path / "x.bw"
    values = np.array([1.5, 0, -3, np.nan, 7], np.float32)
    write_bigwig(path, 1000, "chr2", -64, 128, values)
    with other.open(str(path)) as opened:
        assert opened.isBigWig()
        assert opened.chroms() == {"chr2": 1000}
        # Of bins of 128 bp from -64: the first begins at the contig's first base, the fourth has no number.
        expected = [(0, 64, 1.5), (64, 192, 0.0), (192, 320, -3.0), (448, 576, 7.0)]
        assert list(opened.intervals("chr2")) == expected
        header = opened.header()
        assert (header["minVal"], header["maxVal"]) == (-3, 7)
        assert header["nBasesCovered"] == 64 + 3 * 128
        ours = pybigtools.open(str(path))
        assert list(ours.records("chr2")) == expected
        np.testing.assert_array_equal(
            opened.values("chr2", 0, 1000), ours.values("chr2", 0, 1000, fillna=None)
        )


@given(start=st.integers(-50, 990), values=st.lists(st.floats(0, 1e6, width=32), min_size=1, max_size=80))
@settings(max_examples=25)
def test_every_base_reads_back(
    tmp_path_factory: pytest.TempPathFactory, start: int, values: list[float]
) -> None:
    path = tmp_path_factory.mktemp("bigwig") / "x.bw"
    write_bigwig(path, 1000, "chr1", start, 1, np.array(values, np.float32))
    expected = np.full(1000, np.nan)
    for place, value in enumerate(values, start=start):
        if 0 <= place < 1000:
            expected[place] = value
    if np.isfinite(expected).any():
        found = pybigtools.open(str(path)).values("chr1", 0, 1000, fillna=None)
        np.testing.assert_array_equal(np.asarray(found, np.float32), expected.astype(np.float32))


def test_contact_map_reads_back(tmp_path: pathlib.Path) -> None:
    cooler = pytest.importorskip("cooler")
    path = tmp_path / "x.cool"
    # Four bins of 100 bp, from the one before the contig's first on; the contig has 3 and a half.
    values = np.array([[9, 9, 9, 9], [9, 1, 2, 3], [9, 2, 4, -5], [9, 3, -5, 6]], np.float32)
    write_cooler(path, 350, Interval(chromosome="chr1", start=-100, end=300), 100, values)
    opened = cooler.Cooler(str(path))
    assert opened.bins()[:].end.tolist() == [100, 200, 300, 350]
    found = opened.matrix(balance=False)[:]
    np.testing.assert_array_equal(found[:3, :3], values[1:, 1:])
    assert not found[3].any()
    assert list(tmp_path.iterdir()) == [path]


def test_introns_read_back(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "x.junctions.bed"
    # Introns of bases 100 to 199 on '-' and 20 to 49 on '+'; four reads have the highest score.
    write_junctions(
        path,
        "chr1",
        'liver "alt"',
        np.array([100, 20]),
        np.array([200, 50]),
        np.array([False, True]),
        np.array([2.0, 0.123456789]),
        4.0,
    )
    header, first, second = path.read_text().splitlines()
    assert header == "track name=\"liver 'alt'\" graphType=junctions"
    assert first.split("\t")[:8] == ["chr1", "19", "51", "0.123457", "31", "+", "19", "19"]
    assert second.split("\t")[:6] == ["chr1", "99", "201", "2", "500", "-"]
    for line, intron in ((first, (20, 50)), (second, (100, 200))):
        start, end, blocks, sizes, starts = (line.split("\t")[column] for column in (1, 2, 9, 10, 11))
        (left, right), (begin, other) = (tuple(map(int, text.split(","))) for text in (sizes, starts))
        assert (int(start) + begin + left, int(start) + other) == intron
        assert (int(end), blocks, begin) == (int(start) + other + right, "2", 0)


def test_no_introns(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "x.junctions.bed"
    none = np.zeros(0, np.int64)
    write_junctions(path, "chr1", "liver", none, none, np.zeros(0, bool), np.zeros(0, np.float32), 0.0)
    assert path.read_text() == 'track name="liver" graphType=junctions\n'


def test_a_map_has_to_lie_on_the_bins_of_the_contig(tmp_path: pathlib.Path) -> None:
    pytest.importorskip("cooler")
    with pytest.raises(ValueError, match=r"window\.start=50"):
        write_cooler(
            tmp_path / "x.cool",
            350,
            Interval(chromosome="chr1", start=50, end=150),
            100,
            np.zeros((1, 1), np.float32),
        )


def test_folder_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(OutputError, match=r"x\.bw"):
        write_bigwig(tmp_path / "none" / "x.bw", 1000, "chr1", 0, 1, np.ones(3, np.float32))


def test_library_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(genome_tracks._LIBRARIES, BIGWIG, "no_such_library")
    with pytest.raises(UsageError, match="no_such_library, which is not installed"):
        check_library(BIGWIG)
