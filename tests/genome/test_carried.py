"""Which alleles lie on one copy of a chromosome, against pairs looked at one by one."""

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vep_cli.genome.carried import BOTH, FIRST, HAPLOID, SECOND, UNPHASED, Carried, in_conflict
from vep_cli.genome.edits import Edit


@dataclasses.dataclass(frozen=True)
class Row:
    start: int
    end: int
    bases: str
    copy: int
    group: int = 0
    is_usable: bool = True


def carried(*rows: Row) -> Carried:
    lengths = [len(row.bases) for row in rows]
    return Carried(
        start=np.array([row.start for row in rows], np.int64),
        end=np.array([row.end for row in rows], np.int64),
        copy=np.array([row.copy for row in rows], np.int8),
        group=np.array([row.group for row in rows], np.int32),
        is_usable=np.array([row.is_usable for row in rows], bool),
        text="".join(row.bases for row in rows).encode(),
        text_start=(np.cumsum(lengths) - lengths).astype(np.int64),
        text_length=np.array(lengths, np.int64),
    )


ROWS = carried(
    Row(10, 11, "A", FIRST),
    Row(20, 21, "C", SECOND),
    Row(30, 30, "GG", BOTH),
    Row(40, 41, "T", FIRST, group=1),
    Row(50, 52, "", UNPHASED),
    Row(50, 53, "", UNPHASED),
    Row(60, 61, "A", FIRST),
    Row(70, 71, "?", FIRST, is_usable=False),
    Row(80, 81, "A", FIRST, group=HAPLOID),
)
AT = (10, 20, 30, 40, 50, 50, 60, 70, 80)


def background(number: int) -> list[tuple[int, str]]:
    edits = ROWS.background(number)
    return [(int(start), edits.bases(place)) for place, start in enumerate(edits.start)]


def test_background_is_what_is_on_the_same_copy_for_certain() -> None:
    of_first = [(10, "A"), (30, "GG"), (60, "A")]
    assert background(AT.index(10)) == background(AT.index(60)) == of_first
    assert background(AT.index(20)) == [(20, "C"), (30, "GG")]
    # Another phase set, and a haploid genotype, count for themselves.
    assert background(AT.index(40)) == [(30, "GG"), (40, "T")]
    assert background(AT.index(80)) == [(30, "GG"), (80, "A")]
    # On both copies, or on one that is not known, is only what is on both.
    assert background(AT.index(30)) == background(AT.index(50)) == [(30, "GG")]


def test_shifts_add_up() -> None:
    edits = ROWS.background(AT.index(60))
    assert [edits.shift(number) for number in range(4)] == [0, 0, 2, 2]


def test_what_is_left_out_may_be_on_the_same_copy() -> None:
    def left_out(at: int) -> int:
        return ROWS.count_left_out(AT.index(at), 0, 100)

    # Of the eight others: 20 is on the other copy, 30 and 60 are applied.
    assert left_out(10) == 5
    # 10, 60 and 70 are on the other copy, 30 is applied.
    assert left_out(20) == 4
    # Of the others none is on both copies.
    assert left_out(30) == 8
    # Two unphased deletions that overlap are not on one copy; 30 is applied.
    assert left_out(50) == 6
    assert ROWS.count_left_out(AT.index(10), 40, 51) == 3
    assert ROWS.count_left_out(AT.index(10), 41, 50) == 0


def test_alleles_are_found_by_what_they_change() -> None:
    assert ROWS.find(Edit(start=30, end=30, bases="GG")) == AT.index(30)
    assert ROWS.find(Edit(start=50, end=53, bases="")) == AT.index(50) + 1
    assert ROWS.find(Edit(start=30, end=30, bases="G")) is None
    assert ROWS.find(Edit(start=10, end=11, bases="C")) is None
    assert ROWS.find(Edit(start=90, end=91, bases="C")) is None
    # A deletion of the base is not the allele of unknown bases there.
    assert ROWS.find(Edit(start=70, end=71, bases="")) is None


rows = st.lists(
    st.builds(
        lambda start, width, copy, group: (start, start + width, copy, group),
        st.integers(0, 12),
        st.integers(0, 3),
        st.sampled_from([FIRST, SECOND, BOTH, UNPHASED]),
        st.sampled_from([HAPLOID, 0, 1]),
    ),
    max_size=8,
)
_Row = tuple[int, int, int, int]


def is_on_one_copy(one: _Row, other: _Row) -> bool:
    if BOTH in (one[2], other[2]):
        return True
    return UNPHASED not in (one[2], other[2]) and one[2:] == other[2:]


def overlaps(one: _Row, other: _Row) -> bool:
    return (one[0] < other[1] and other[0] < one[1]) or one[:2] == other[:2]


@settings(max_examples=300, deadline=None)
@given(rows)
def test_conflicts_are_pairs_that_overlap_on_one_copy(chosen: list[_Row]) -> None:
    chosen = sorted(chosen)
    expected = [
        any(
            is_on_one_copy(one, other) and overlaps(one, other)
            for place, other in enumerate(chosen)
            if place != number
        )
        for number, one in enumerate(chosen)
    ]
    columns = np.array(chosen, np.int64).reshape(-1, 4).T
    found = in_conflict(columns[0], columns[1], columns[2].astype(np.int8), columns[3].astype(np.int32))
    assert found.tolist() == expected


@settings(deadline=None)
@given(rows)
def test_which_copy_is_called_the_first_makes_no_difference(chosen: list[_Row]) -> None:
    chosen = sorted(chosen, key=lambda row: row[:2])
    columns = np.array(chosen, np.int64).reshape(-1, 4).T
    copy, group = columns[2].astype(np.int8), columns[3].astype(np.int32)
    swapped = np.where(copy == FIRST, SECOND, np.where(copy == SECOND, FIRST, copy)).astype(np.int8)
    found = [in_conflict(columns[0], columns[1], one, group).tolist() for one in (copy, swapped)]
    assert found[0] == found[1]
