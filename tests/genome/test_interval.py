import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.genome.interval import Interval


def interval(start: int, end: int, strand: str = ".", chromosome: str = "chr1") -> Interval:
    return Interval(chromosome=chromosome, start=start, end=end, strand=strand)


def official_resize(start: int, end: int, width: int, strand: str) -> tuple[int, int]:
    # MODEL_SPEC section 5: c = (start+end)//2 + (own width mod 2 unless '-');
    # [c-ceil(w/2), c+floor(w/2)), floor and ceil swapped for '-'.
    floor, ceil = width // 2, -(-width // 2)
    if strand == "-":
        centre = (start + end) // 2
        return centre - floor, centre + ceil
    centre = (start + end) // 2 + (end - start) % 2
    return centre - ceil, centre + floor


def test_published_window_of_an_snv() -> None:
    # The official software pairs chr22:36201698:A>C with this 1 Mb window.
    window = interval(36201697, 36201698, chromosome="chr22").resize(2**20)
    assert (window.start, window.end) == (35677410, 36725986)


def test_width_and_official_spelling() -> None:
    assert interval(100, 200).width == 100
    assert str(interval(100, 200)) == "chr1:100-200:."
    assert str(interval(-5, 5, "-")) == "chr1:-5-5:-"


def test_end_before_start_is_refused() -> None:
    with pytest.raises(ValueError, match=r"self\.start=5 self\.end=4"):
        interval(5, 4)
    assert interval(5, 5).width == 0


def test_other_strands_are_refused() -> None:
    with pytest.raises(ValueError, match=r"self\.strand='\?'"):
        interval(0, 1, "?")


@pytest.mark.parametrize(
    ("given_interval", "width", "expected"),
    [
        # One base at 10; its centre lies after it, at 11, and 11 - 4 / 2 = 9.
        pytest.param(interval(10, 11), 4, (9, 13), id="even round one base"),
        # The same with one base on each side.
        pytest.param(interval(10, 11), 3, (9, 12), id="odd round one base"),
        # Bases 10 to 13; the centre is 12, and 12 - 4 / 2 = 10: nothing moves.
        pytest.param(interval(10, 14), 4, (10, 14), id="same even width"),
        # Bases 10 to 14; the centre is 12 + 1, and 13 - (4 + 1 + 1) / 2 = 10: nothing moves.
        pytest.param(interval(10, 15), 5, (10, 15), id="same odd width"),
        pytest.param(interval(2, 3), 8, (-1, 7), id="past the chromosome's beginning"),
        pytest.param(interval(10, 15), 0, (13, 13), id="to nothing"),
    ],
)
def test_resize_by_hand(given_interval: Interval, width: int, expected: tuple[int, int]) -> None:
    resized = given_interval.resize(width)
    assert (resized.start, resized.end) == expected


@given(
    start=st.integers(-1000, 10**9),
    length=st.integers(0, 2000),
    width=st.integers(0, 2**21),
    strand=st.sampled_from("+-."),
)
def test_resize_is_the_official_one(start: int, length: int, width: int, strand: str) -> None:
    resized = interval(start, start + length, strand).resize(width)
    assert (resized.start, resized.end) == official_resize(start, start + length, width, strand)
    assert (resized.width, resized.strand, resized.chromosome) == (width, strand, "chr1")


def test_negative_width_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        interval(0, 10).resize(-1)


def test_contains_needs_the_same_chromosome_and_both_ends() -> None:
    whole = interval(10, 20)
    assert whole.contains(whole)
    assert whole.contains(interval(12, 12))
    assert not whole.contains(interval(9, 12))
    assert not whole.contains(interval(12, 21))
    assert not whole.contains(interval(12, 13, chromosome="chr2"))


def test_neighbours_share_no_base() -> None:
    assert interval(10, 20).overlaps(interval(19, 30))
    assert not interval(10, 20).overlaps(interval(20, 30))
    assert not interval(10, 20).overlaps(interval(12, 13, chromosome="chr2"))


@given(
    bounds=st.lists(st.integers(-8, 8), min_size=4, max_size=4).map(
        lambda b: (*sorted(b[:2]), *sorted(b[2:]))
    )
)
def test_overlap_and_containment_are_those_of_sets_of_bases(bounds: tuple[int, int, int, int]) -> None:
    one, other = interval(*bounds[:2]), interval(*bounds[2:])
    ones, others = set(range(one.start, one.end)), set(range(other.start, other.end))
    assert one.overlaps(other) == bool(ones & others) == other.overlaps(one)
    if others:
        assert one.contains(other) == (others <= ones)


def test_intervals_sort_by_position() -> None:
    later, earlier = interval(5, 6), interval(2, 9)
    assert sorted([later, earlier]) == [earlier, later]
