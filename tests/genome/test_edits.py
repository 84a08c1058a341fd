"""Edits against the sequence that is put together base by base."""

import dataclasses

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_edits import edits_of

from vep_cli.genome.edits import Edit
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant

BASES = "ACGTTGCAAC" * 3
LENGTH = len(BASES)


@dataclasses.dataclass(frozen=True)
class Text:
    """A contig that is a text, N beyond its ends."""

    bases: str

    def fetch(self, interval: Interval) -> str:
        return "".join(
            self.bases[place] if 0 <= place < len(self.bases) else "N"
            for place in range(interval.start, interval.end)
        )


@st.composite
def disjoint_edits(draw: st.DrawFn) -> list[Edit]:
    found: list[Edit] = []
    place = draw(st.integers(0, 4))
    while place <= LENGTH:
        end = min(place + draw(st.integers(0, 3)), LENGTH)
        new = draw(st.text("ACGT", min_size=0 if end > place else 1, max_size=4))
        if new != BASES[place:end]:
            found.append(Edit(start=place, end=end, bases=new))
        # An insertion is followed by another one at the next base at the earliest.
        place = end + draw(st.integers(1 if end == place else 0, 9))
    return found


def walk(chosen: list[Edit]) -> list[tuple[str, int | None]]:
    """Return each base of what is made, and the base that it was; None for one that was none."""
    made: list[tuple[str, int | None]] = []
    place = 0
    for one in [*chosen, Edit(start=LENGTH, end=LENGTH, bases="")]:
        made += [(BASES[base], base) for base in range(place, one.start)]
        is_of_equal_length = len(one.bases) == one.end - one.start
        made += [
            (letter, one.start + number if is_of_equal_length else None)
            for number, letter in enumerate(one.bases)
        ]
        place = one.end
    return made


@settings(deadline=None)
@given(disjoint_edits(), st.integers(-5, LENGTH + 30), st.integers(0, 40))
def test_bases_are_those_of_the_sequence_put_together(chosen: list[Edit], start: int, width: int) -> None:
    whole = Text("".join(letter for letter, _ in walk(chosen)))
    end = start + width
    expected = whole.fetch(Interval(chromosome="c", start=start, end=end))
    assert edits_of(chosen).make(Text(BASES), "c", start, end) == expected


@settings(deadline=None)
@given(disjoint_edits())
def test_kept_bases_lie_where_the_walk_finds_them(chosen: list[Edit]) -> None:
    edits, places = edits_of(chosen), np.arange(LENGTH)
    where = {base: made for made, (_, base) in enumerate(walk(chosen)) if base is not None}
    assert edits.is_kept(places).tolist() == [base in where for base in range(LENGTH)]
    kept = np.array(sorted(where), np.int64)
    made = np.array([where[base] for base in kept.tolist()], np.int64)
    np.testing.assert_array_equal(edits.first_from(kept), made)
    np.testing.assert_array_equal(edits.behind_last(kept + 1), made + 1)
    np.testing.assert_array_equal(edits.original(made), kept)


@settings(deadline=None)
@given(disjoint_edits())
def test_ends_of_stretches_keep_their_order_and_what_lies_between(chosen: list[Edit]) -> None:
    edits = edits_of(chosen)
    places = np.arange(LENGTH + 1)
    starts, ends = edits.first_from(places), edits.behind_last(places)
    assert (np.diff(starts) >= 0).all()
    assert (np.diff(ends) >= 0).all()
    where = {base: made for made, (_, base) in enumerate(walk(chosen)) if base is not None}
    for start in range(0, LENGTH, 3):
        for end in range(start + 1, LENGTH, 4):
            inside = {where[base] for base in range(start, end) if base in where}
            stretch = set(range(int(starts[start]), int(ends[end])))
            assert inside <= stretch
            if inside:
                # Nothing at either edge that is not a base of the stretch, but for edits that touch.
                assert min(inside) - min(stretch) <= 8
                assert max(stretch) - max(inside) <= 8


def test_an_insertion_at_an_edge_is_outside_and_one_within_inside() -> None:
    # ACGTTGCAAC: TT goes before base 4; exons end or begin there, or span it.
    edits = edits_of([Edit(start=4, end=4, bases="GG")])
    places = np.array([2, 4, 6], np.int64)
    np.testing.assert_array_equal(edits.first_from(places), [2, 6, 8])
    np.testing.assert_array_equal(edits.behind_last(places), [2, 4, 8])
    np.testing.assert_array_equal(edits.original(np.arange(3, 8)), [3, 4, 4, 4, 5])


def test_a_deleted_base_has_no_place() -> None:
    # Bases 3, 4 and 5 go; an exon [4, 8) begins at what was base 6, one [1, 5) ends behind base 2.
    edits = edits_of([Edit(start=3, end=6, bases="")])
    np.testing.assert_array_equal(edits.first_from(np.array([4])), [3])
    np.testing.assert_array_equal(edits.behind_last(np.array([5])), [3])
    np.testing.assert_array_equal(edits.is_kept(np.arange(2, 7)), [True, False, False, False, True])


@settings(max_examples=200, deadline=None)
@given(disjoint_edits(), st.integers(0, LENGTH), st.integers(0, 3), st.text("ACGT", max_size=2))
def test_what_lies_before_and_behind_another_edit(
    chosen: list[Edit], start: int, width: int, new: str
) -> None:
    other = Edit(start=start, end=start + width, bases=new)
    before, behind = edits_of(chosen).around(other)

    def overlaps(one: Edit) -> bool:
        inside = one.start < other.end and other.start < one.end
        return inside or (one.start, one.end) == (other.start, other.end)

    overlapping = [number for number, one in enumerate(chosen) if overlaps(one)]
    assert list(range(before, behind)) == overlapping
    assert all(one.end <= other.start for one in chosen[:before])
    assert all(one.start >= other.end for one in chosen[behind:])


def test_edit_of_a_variant_has_no_shared_bases() -> None:
    def edit(position: int, before: str, after: str) -> Edit:
        return Edit.of(
            Variant(chromosome="c", position=position, reference_bases=before, alternate_bases=after)
        )

    assert edit(5, "A", "C") == Edit(start=4, end=5, bases="C")
    assert edit(5, "AC", "A") == Edit(start=5, end=6, bases="")
    assert edit(5, "A", "ACC") == Edit(start=5, end=5, bases="CC")
    # The suffix goes first, so that the position is the leftmost that the record's letters allow.
    assert edit(5, "ACCG", "ACG") == edit(5, "AC", "A")
    assert edit(5, "ACG", "ATG") == Edit(start=5, end=6, bases="T")
