"""What is gathered in one pass: histograms, places, the strongest, counts."""

import itertools
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vep_cli.report.bounded_counts import OTHERS, BoundedCounts
from vep_cli.report.histogram import Bin, Histogram
from vep_cli.report.positions import Place, Places
from vep_cli.report.scored_allele import Details, ReportedAllele, ReportedScore
from vep_cli.report.strongest import Strongest

VALUES = st.floats(min_value=-3e38, max_value=3e38)


def histogram_of(values: list[float]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


def test_bins_by_hand() -> None:
    # From -0.3 to 0.6 in at most 4 bins: of width 1/4 they would be -2 ... 2, which is 5; so 1/2: -1 ... 1.
    histogram = histogram_of([-0.3, -0.1, 0.0, 0.2, 0.6])
    assert histogram.bins(4) == [
        Bin(start=-0.5, end=0.0, count=2),
        Bin(start=0.0, end=0.5, count=2),
        Bin(start=0.5, end=1.0, count=1),
    ]
    assert (histogram.count, histogram.smallest, histogram.largest) == (5, -0.3, 0.6)


def test_no_values_have_no_bins() -> None:
    assert Histogram().bins(10) == []


def test_a_tiny_negative_value_beside_a_huge_one_stays_negative() -> None:
    first, second = histogram_of([1e38, -1e-300]), histogram_of([-1e-300, 1e38])
    assert first.bins(8) == second.bins(8)
    assert first.bins(8)[0].end == 0.0


@settings(deadline=None)
@given(values=st.lists(VALUES, min_size=1, max_size=60), most=st.integers(2, 50), seed=st.integers(0, 9))
def test_bins_are_exact_whatever_the_order(values: list[float], most: int, seed: int) -> None:
    bins = histogram_of(values).bins(most)
    shuffled = random.Random(seed).sample(values, len(values))
    assert histogram_of(shuffled).bins(most) == bins
    assert len(bins) <= most
    assert sum(one.count for one in bins) == len(values)
    assert all(one.end == next_one.start for one, next_one in itertools.pairwise(bins))
    assert bins[0].count
    assert bins[-1].count
    # Values are counted where they are, unless the bins are so wide that the value is next to nothing.
    for one in bins:
        inside = [value for value in values if one.start <= value < one.end]
        assert len(inside) == one.count


@settings(deadline=None)
@given(values=st.lists(st.floats(-8, 8), min_size=2, max_size=40))
def test_few_bins_are_not_fewer_than_they_need_be(values: list[float]) -> None:
    bins = histogram_of(values).bins(10)
    spread = max(values) - min(values)
    # Half the width would have made more than ten; what the histogram cannot tell apart is excepted.
    assert len(bins) == 1 or 2 * spread / (bins[0].end - bins[0].start) > 8 or spread < 1e-6


def places_of(scores: list[tuple[str, int, float]]) -> Places:
    places = Places()
    for chromosome, position, score in scores:
        places.add(chromosome, position, score)
    return places


def test_few_places_are_all_there() -> None:
    scores = [("chr2", 7, 0.5), ("chr2", 3, -1.0), ("chr1", 9, 0.25), ("chr2", 7, -0.75)]
    assert places_of(scores).places() == [
        Place(chromosome="chr2", position=3, score=-1.0),
        Place(chromosome="chr2", position=7, score=-0.75),
        Place(chromosome="chr1", position=9, score=0.25),
    ]


def test_many_places_stay_bounded_and_keep_the_strongest() -> None:
    scores = [("chr1", position, math.sin(position)) for position in range(1, 5000)]
    places = places_of(scores).places()
    assert 200 <= len(places) <= 400
    # 5000 positions in at most 400 stretches of a power of two: 16 each, and the strongest of each.
    for place in places:
        stretch = [score for _, position, score in scores if position >> 4 == place.position >> 4]
        assert abs(place.score) == max(map(abs, stretch))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), extent=st.sampled_from([300, 10_000, 10**9]))
def test_places_do_not_depend_on_the_order(seed: int, extent: int) -> None:
    chance = random.Random(seed)
    scores = [
        (chance.choice("12"), chance.randint(1, extent), chance.choice((-1, 1)) * chance.randint(0, 9) / 4)
        for _ in range(600)
    ]

    def as_set(places: Places) -> set[Place]:
        return set(places.places())

    assert as_set(places_of(chance.sample(scores, len(scores)))) == as_set(places_of(scores))


def test_contigs_without_end() -> None:
    places = places_of([(f"scrap{number}", 5, 1.0) for number in range(1000)])
    assert len(places.places()) == 60
    assert places.left_out == 940


def allele(position: int, reference: str = "A") -> ReportedAllele:
    return ReportedAllele(
        chromosome="chr1",
        position=position,
        identifier="",
        reference=reference,
        alternate="C",
        status="PASS",
        flags=("MANY_N", "CONTIG_EDGE"),
        scores={},
    )


def score(raw: float) -> ReportedScore:
    return ReportedScore(
        modality="ATAC", raw=raw, consequence="accessibility_gain", details=lambda: Details(gene="TNF")
    )


@settings(deadline=None)
@given(raws=st.lists(st.integers(-5, 5), max_size=40), most=st.integers(1, 12))
def test_the_strongest_are_kept_the_first_of_equals(raws: list[int], most: int) -> None:
    strongest = Strongest(most)
    for position, raw in enumerate(raws):
        strongest.add(allele(position), score(float(raw)))
    expected = sorted(enumerate(raws), key=lambda item: (-abs(item[1]), item[0]))[:most]
    assert [(row.position, row.raw) for row in strongest.rows()] == expected


def test_details_are_asked_for_only_where_a_row_is_kept() -> None:
    asked = []

    def details() -> Details:
        asked.append(1)
        return Details()

    strongest = Strongest(2)
    for raw in (3.0, 2.0, 1.0, 2.0, 0.5):
        made = ReportedScore(modality="ATAC", raw=raw, consequence="", details=details)
        strongest.add(allele(1), made)
    assert len(asked) == 2


def test_a_row_has_what_is_shown() -> None:
    strongest = Strongest(1)
    strongest.add(allele(7, reference="G" * 1234), score(0.5))
    row = strongest.rows()[0]
    assert (row.chromosome, row.position, row.alternate, row.flags) == ("chr1", 7, "C", "MANY_N, CONTIG_EDGE")
    assert row.reference == f"{'G' * 30}… (1,234 letters)"
    assert row.details.gene == "TNF"


@pytest.mark.parametrize("most", [1, 3])
def test_counts_stay_bounded_and_add_up(most: int) -> None:
    counts = BoundedCounts(most)
    for name in ("b", "a", "b", "c", "d", "b"):
        counts.add(name)
    assert counts.total() == 6
    if most == 1:
        assert counts.in_order(["a"]) == [("b", 3), (OTHERS, 3)]
    else:
        assert counts.in_order(["c", "z"]) == [("c", 1), ("a", 1), ("b", 3), (OTHERS, 1)]
    assert counts["b"] == 3
    assert counts["never"] == 0


def test_long_names_are_counted_by_their_beginning() -> None:
    counts = BoundedCounts()
    counts.add("x" * 100_000)
    assert counts.in_order(()) == [(f"{'x' * 30}… (100,000 letters)", 1)]
