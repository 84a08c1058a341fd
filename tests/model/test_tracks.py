import dataclasses
import math
import pathlib
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.errors import WeightsError
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import (
    COLUMNS,
    ORGANISMS,
    Track,
    TrackTable,
    count_by_output,
    junction_tissues,
    read_tracks,
    write_tracks,
)


def track(
    index: int, *, organism: str = "human", output: OutputType = OutputType.ATAC, mean: float = math.nan
) -> Track:
    return Track(organism=organism, output_type=output, index=index, name=f"track {index}", nonzero_mean=mean)


WORDS = st.text(string.ascii_letters + string.digits + " '\",:_+-/()\u00e9", max_size=12)


@st.composite
def tracks(draw: st.DrawFn) -> list[Track]:
    places = st.tuples(st.sampled_from(ORGANISMS), st.sampled_from(OutputType), st.integers(0, 2000))
    return [
        Track(
            organism=organism,
            output_type=output,
            index=index,
            name=draw(WORDS),
            strand=draw(st.sampled_from("+-.")),
            ontology_curie=draw(WORDS),
            biosample_name=draw(WORDS),
            gtex_tissue=draw(WORDS),
            nonzero_mean=draw(st.just(math.nan) | st.floats(1e-30, 1e30)),
            supervision=draw(WORDS),
        )
        for organism, output, index in draw(st.lists(places, unique=True, max_size=6))
    ]


def without_nan(found: Track) -> tuple[object, ...]:
    # NaN differs from itself; None does not.
    values = (getattr(found, column) for column in COLUMNS)
    return tuple(None if isinstance(value, float) and math.isnan(value) else value for value in values)


@given(written=tracks())
def test_tracks_read_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, written: list[Track]
) -> None:
    path = tmp_path_factory.mktemp("tracks") / "tracks.tsv"
    write_tracks(path, written)
    assert list(map(without_nan, read_tracks(path))) == list(map(without_nan, written))


def test_file_is_plain_tab_separated_text(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "tracks.tsv"
    write_tracks(path, [track(3, mean=1.0), track(4)])
    header, first, second = (line.split("\t") for line in path.read_text().splitlines())
    assert header == list(COLUMNS)
    common = {"organism": "human", "output_type": "ATAC", "strand": "."}
    filled = {column: cell for column, cell in zip(header, first, strict=True) if cell}
    assert filled == common | {"index": "3", "name": "track 3", "nonzero_mean": "1"}
    filled = {column: cell for column, cell in zip(header, second, strict=True) if cell}
    assert filled == common | {"index": "4", "name": "track 4"}


GOOD = {"organism": "human", "output_type": "ATAC", "index": "0", "name": "n", "strand": "."}


def write_rows(tmp_path: pathlib.Path, *rows: dict[str, str]) -> pathlib.Path:
    path = tmp_path / "tracks.tsv"
    lines = ["\t".join(row.get(column, "") for column in COLUMNS) for row in rows]
    path.write_text("\n".join(["\t".join(COLUMNS), *lines]) + "\n")
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"organism": "cow"}, "organism='cow' is none of human, mouse"),
        ({"output_type": "ATOC"}, "'ATOC' is not a valid OutputType"),
        ({"index": "x"}, "invalid literal"),
        ({"index": ""}, "invalid literal"),
        ({"index": "-1"}, "index=-1 is negative"),
        ({"strand": ""}, "strand='' is none of"),
        ({"nonzero_mean": "much"}, "could not convert"),
        ({"nonzero_mean": "0"}, "not positive and finite"),
        ({"nonzero_mean": "-2"}, "not positive and finite"),
        ({"nonzero_mean": "inf"}, "not positive and finite"),
        ({"supervision": "a\tb"}, "more or fewer cells"),
        ({}, "line 2 has the same index"),
    ],
)
def test_bad_rows_are_named_with_their_line(
    tmp_path: pathlib.Path, change: dict[str, str], message: str
) -> None:
    path = write_rows(tmp_path, GOOD, GOOD | change)
    with pytest.raises(WeightsError, match=message) as caught:
        read_tracks(path)
    assert (caught.value.path, caught.value.line) == (path, 3)


def test_a_row_cut_short_is_named(tmp_path: pathlib.Path) -> None:
    path = write_rows(tmp_path, GOOD)
    path.write_text(path.read_text() + "human\tATAC\t1\tn\t.")
    with pytest.raises(WeightsError, match="more or fewer cells") as caught:
        read_tracks(path)
    assert caught.value.line == 3


def test_blank_lines_are_counted(tmp_path: pathlib.Path) -> None:
    path = write_rows(tmp_path, GOOD, {}, GOOD | {"index": "x"})
    path.write_text(path.read_text().replace("\t" * (len(COLUMNS) - 1) + "\n", "\n"))
    with pytest.raises(WeightsError) as caught:
        read_tracks(path)
    assert caught.value.line == 4


def test_the_same_index_of_another_head_or_organism_is_another_track(tmp_path: pathlib.Path) -> None:
    path = write_rows(tmp_path, GOOD, GOOD | {"organism": "mouse"}, GOOD | {"output_type": "CAGE"})
    assert len(read_tracks(path)) == 3


def test_missing_columns_are_named(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "tracks.tsv"
    path.write_text("\t".join(column for column in COLUMNS if column not in ("name", "strand")) + "\n")
    with pytest.raises(WeightsError, match="lacks the columns name, strand") as caught:
        read_tracks(path)
    assert caught.value.line == 1


def test_further_columns_are_passed_over(tmp_path: pathlib.Path) -> None:
    path = write_rows(tmp_path, GOOD)
    path.write_text("\n".join(line + "\tmore" for line in path.read_text().splitlines()) + "\n")
    assert [found.name for found in read_tracks(path)] == ["n"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"\x00\n"])
def test_what_is_no_table_is_told(tmp_path: pathlib.Path, content: bytes) -> None:
    path = tmp_path / "tracks.tsv"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="track table"):
        read_tracks(path)


def test_missing_table_is_told(tmp_path: pathlib.Path) -> None:
    with pytest.raises(WeightsError, match="No such file"):
        read_tracks(tmp_path / "absent.tsv")


TABLE = TrackTable(
    (
        track(2, output=OutputType.CAGE, mean=4.0),
        track(1, mean=0.5),
        track(0),
        track(0, organism="mouse", output=OutputType.CAGE),
    )
)


def test_outputs_are_in_their_own_order_and_tracks_in_the_head_s() -> None:
    assert list(TABLE.by_output) == [OutputType.ATAC, OutputType.CAGE]
    assert TABLE.columns(OutputType.ATAC) == [0, 1]
    assert TABLE.columns(OutputType.DNASE) == []


def test_columns_of_splice_junctions_are_tissues() -> None:
    # Two tissues on both strands, of a head of four.
    junctions = OutputType.SPLICE_JUNCTIONS
    table = TrackTable(
        tuple(
            dataclasses.replace(track(index, output=junctions), strand=strand)
            for index, strand in ((1, "+"), (3, "+"), (5, "-"), (7, "-"))
        )
    )
    assert table.columns(junctions) == [1, 3]


def test_tissues_of_splice_junctions_are_of_no_strand() -> None:
    # Two tissues on '+', and the same ones on '-' behind them.
    both = [
        dataclasses.replace(track(index, output=OutputType.SPLICE_JUNCTIONS, mean=1.0), strand=strand)
        for index, strand in enumerate("++--")
    ]
    assert [(one.index, one.strand) for one in junction_tissues(both)] == [(0, "."), (1, ".")]
    assert junction_tissues([]) == ()


def test_where_keeps_the_order() -> None:
    kept = TABLE.where(lambda found: found.output_type is OutputType.ATAC)
    assert [found.index for found in kept] == [1, 0]
    assert len(TABLE) == 4


def test_counts_leave_out_what_there_is_none_of() -> None:
    assert count_by_output(TABLE.tracks) == {OutputType.ATAC: 2, OutputType.CAGE: 2}
    assert count_by_output(()) == {}


def test_nonzero_means() -> None:
    # ATAC: track 0 of human has no mean while another of its head has, so it gets 1; column 2 is
    # padding. Mouse has no ATAC mean at all: ones, as for a table without that column.
    np.testing.assert_array_equal(
        TABLE.nonzero_means(OutputType.ATAC, 3), np.float32([[1, 0.5, np.nan], [1, 1, 1]])
    )
    # CAGE: human's only track is column 2; mouse's track has no mean.
    np.testing.assert_array_equal(
        TABLE.nonzero_means(OutputType.CAGE, 3), np.float32([[np.nan, np.nan, 4], [1, 1, 1]])
    )
