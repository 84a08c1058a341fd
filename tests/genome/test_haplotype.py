"""The copy of a chromosome round an allele, against the one that is put together base by base."""

import pathlib

import numpy as np
import pytest
import toy_genome
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_edits import edits_of

from vep_cli.genome.edits import Edit
from vep_cli.genome.haplotype import Coordinates, Haplotype
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference

BASES = "ACGTTGCAACGGATCCATGA" * 2
LENGTH = len(BASES)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    folder: pathlib.Path = tmp_path_factory.mktemp("haplotype")
    return Reference(toy_genome.write_genome(folder / "genome.fa", {"c": BASES}))


@st.composite
def carried(draw: st.DrawFn) -> tuple[list[Edit], Edit]:
    """Return the edits of a copy, and one of them or one that is not on it."""
    found: list[Edit] = []
    place = 2
    while place < LENGTH - 3:
        end = place + draw(st.integers(0, 3))
        new = draw(st.text("ACGT", min_size=0 if end > place else 1, max_size=3))
        found.append(Edit(start=place, end=end, bases=new))
        place = end + draw(st.integers(1, 8))
    if draw(st.booleans()):
        return found, draw(st.sampled_from(found))
    start = draw(st.integers(1, LENGTH - 4))
    return found, Edit(start=start, end=start + draw(st.integers(0, 2)), bases="TTT")


def is_beside(one: Edit, other: Edit) -> bool:
    apart = one.end <= other.start or other.end <= one.start
    return apart and (one.start, one.end) != (other.start, other.end)


@settings(max_examples=200, deadline=None)
@given(carried(), st.integers(-10, LENGTH), st.integers(0, 50))
def test_bases_are_those_of_the_copy_without_the_allele(
    reference: Reference, both: tuple[list[Edit], Edit], start: int, width: int
) -> None:
    chosen, allele = both
    coordinates = Coordinates.round(allele, edits_of(chosen))
    background = [one for one in chosen if is_beside(one, allele)]
    made, place = "", 0
    for one in background:
        made += BASES[place : one.start] + one.bases
        place = one.end
    made += BASES[place:]
    # Where REF of the allele lies on what was made, it lies on the reference in the coordinates.
    gained = sum(len(one.bases) - (one.end - one.start) for one in background if one.end <= allele.start)
    padded = "N" * 99 + made + "N" * 99
    haplotype = Haplotype(reference=reference, coordinates=coordinates)
    interval = Interval(chromosome="c", start=start, end=start + width)
    first = 99 + start + gained
    assert haplotype.fetch(interval) == padded[first : first + width]
    own = Interval(chromosome="c", start=allele.start, end=allele.end)
    assert haplotype.fetch(own) == BASES[allele.start : allele.end]


@settings(deadline=None)
@given(carried())
def test_bases_of_the_reference_lie_where_they_are_found_again(
    reference: Reference, both: tuple[list[Edit], Edit]
) -> None:
    chosen, allele = both
    coordinates = Coordinates.round(allele, edits_of(chosen))
    places = np.arange(LENGTH)
    placed = coordinates.placed(places)
    assert (np.diff(placed) > 0).all()
    originals = coordinates.original(placed)
    replaced = {
        base
        for one in chosen
        if is_beside(one, allele) and len(one.bases) == one.end - one.start
        for base in range(one.start, one.end)
    }
    haplotype = Haplotype(reference=reference, coordinates=coordinates)
    first = int(placed[0])
    bases = haplotype.fetch(Interval(chromosome="c", start=first, end=int(placed[-1]) + 1))
    for local, base in zip(placed.tolist(), originals.tolist(), strict=True):
        assert base in replaced or bases[local - first] == BASES[base]
    lost = {
        base
        for one in chosen
        if is_beside(one, allele) and len(one.bases) != one.end - one.start
        for base in range(one.start, one.end)
    }
    assert originals.tolist() == [base for base in range(LENGTH) if base not in lost]
    for base in range(allele.start, allele.end):
        assert base in set(placed.tolist())


def test_positions_left_of_an_allele_move_the_other_way() -> None:
    # Two bases more before base 5, one less behind base 20 (base 22): an allele at 10 stays where it is,
    # what was base 4 now is base 2, and what was base 25 is base 24.
    edits = edits_of([Edit(start=5, end=5, bases="GG"), Edit(start=22, end=23, bases="")])
    coordinates = Coordinates.round(Edit(start=10, end=11, bases="T"), edits)
    np.testing.assert_array_equal(coordinates.first_from(np.array([4, 5, 10, 21, 25])), [2, 5, 10, 21, 24])
    np.testing.assert_array_equal(coordinates.behind_last(np.array([5, 10, 23, 25])), [3, 10, 22, 24])
    np.testing.assert_array_equal(coordinates.placed(np.array([4, 22, 25])), [2, 24])
    np.testing.assert_array_equal(coordinates.original(np.array([2, 3, 4, 5, 24])), [4, 5, 5, 5, 25])


def window(start: int, end: int) -> Interval:
    return Interval(chromosome="c", start=start, end=end)


def test_what_lies_in_a_window() -> None:
    edits = edits_of(
        [
            Edit(start=5, end=5, bases="GG"),
            Edit(start=12, end=13, bases="A"),
            Edit(start=20, end=21, bases=""),
        ]
    )
    coordinates = Coordinates.round(Edit(start=15, end=16, bases="T"), edits)
    # The two bases gained are 3 and 4 in these coordinates.
    assert coordinates.count_within(window(4, 30)) == 3
    assert coordinates.count_within(window(5, 30)) == 2
    assert coordinates.count_within(window(5, 20)) == 1
    assert coordinates.has_indel_within(window(4, 18))
    assert coordinates.has_indel_within(window(5, 22))
    assert not coordinates.has_indel_within(window(5, 20))
    # A deletion right behind the allele is in every window of it.
    beside = Coordinates.round(Edit(start=19, end=20, bases="T"), edits)
    assert beside.count_within(window(18, 22)) == 1
    assert beside.has_indel_within(window(18, 22))


def test_other_alleles_may_be_none() -> None:
    coordinates = Coordinates.round(Edit(start=15, end=16, bases="T"), edits_of([]))
    places = np.arange(30)
    for lift in (coordinates.first_from, coordinates.behind_last, coordinates.placed, coordinates.original):
        np.testing.assert_array_equal(lift(places), places)
    assert coordinates.count_within(window(0, 30)) == 0
    assert not coordinates.has_indel_within(window(0, 30))
