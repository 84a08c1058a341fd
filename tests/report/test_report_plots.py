"""Pictures, by what can be measured in them."""

import itertools
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vep_cli.report.histogram import Histogram
from vep_cli.report.markup import Markup
from vep_cli.report.plots import bar, histogram_plot, places_plot, ticks
from vep_cli.report.positions import Place
from vep_cli.report.wording import clipped, counted, number, share, shown, shown_score

WIDTH, HEIGHT = 480, 200
SCORES = st.floats(-3e38, 3e38)


def parsed(picture: Markup) -> ElementTree.Element:
    return ElementTree.fromstring(picture.html)


def attributes(picture: Markup, name: str, *names: str) -> list[tuple[float, ...]]:
    return [tuple(float(one.attrib[key]) for key in names) for one in parsed(picture).iter(name)]


def drawn(values: list[float], *, is_signed: bool = True) -> Markup:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram_plot(histogram, is_signed=is_signed, label="scores")


def test_a_histogram_has_a_bar_for_each_bin_with_a_count() -> None:
    # Twelve bins at most: the width is 1/8, from -1/4 to 5/8, and four of the seven have a count.
    picture = drawn([-0.2, -0.1, -0.1, 0.1, 0.5])
    titles = [one[0].text for one in parsed(picture).iter("rect")]
    assert titles == [
        "-0.25 to -0.125: 1 allele",
        "-0.125 to 0: 2 alleles",
        "0 to 0.125: 1 allele",
        "0.5 to 0.625: 1 allele",
    ]
    assert [one.attrib["class"] for one in parsed(picture).iter("rect")] == ["loss", "loss", "gain", "gain"]
    heights = [height for (height,) in attributes(picture, "rect", "height")]
    assert heights == [75.0, 150.0, 75.0, 75.0]  # of the 150 between the margins


def test_a_histogram_of_sizes_has_one_colour() -> None:
    assert {one.attrib["class"] for one in parsed(drawn([0.1, 0.7], is_signed=False)).iter("rect")} == {
        "size"
    }


def test_many_alleles_are_drawn_by_their_logarithm() -> None:
    picture = drawn([0.5] * 999 + [-0.5] * 9)
    # log10(1 + 9) / log10(1 + 999) = 1/3 of 150.
    assert sorted(height for (height,) in attributes(picture, "rect", "height")) == [50.0, 150.0]
    assert "alleles, log scale" in picture.html


@settings(deadline=None)
@given(values=st.lists(SCORES, min_size=1, max_size=30))
@example(values=[0.0])
@example(values=[3e38, -3e38])
@example(values=[1e-300])
def test_histograms_stay_in_their_frame(values: list[float]) -> None:
    picture = drawn(values)
    for across, top, width, height in attributes(picture, "rect", "x", "y", "width", "height"):
        assert 0 <= across <= across + width <= WIDTH
        assert 0 <= top <= top + height <= HEIGHT
        assert height > 0


def place(chromosome: str, position: int, score: float) -> Place:
    return Place(chromosome=chromosome, position=position, score=score)


def test_places_are_where_they_should_be() -> None:
    places = [place("chr1", 100, -1.0), place("chr1", 200, 1.0), place("chr2", 300, 0.0)]
    picture = places_plot(places, {"chr1": 400}, is_signed=True, label="scores")
    # Of 418 units from 52 on: chr1 has 400 bases, chr2, of unknown length, the 300 that are seen.
    # The axis has a twentieth of its 2 units of score beyond either end: 0.1 of 2.2.
    expected = [
        (52 + 418 * 100 / 700, 12 + 150 * (1 - 0.1 / 2.2)),
        (52 + 418 * 200 / 700, 12 + 150 * (0.1 / 2.2)),
        (52 + 418 * 700 / 700, 12 + 150 * 0.5),
    ]
    assert attributes(picture, "circle", "cx", "cy") == [pytest.approx(one, abs=0.06) for one in expected]
    assert [one.attrib["class"] for one in parsed(picture).iter("circle")] == ["loss", "gain", "gain"]
    assert next(one[0].text for one in parsed(picture).iter("circle")) == "chr1:100  -1.0000"


def test_names_of_contigs_do_not_overlap() -> None:
    places = [place(f"chr{name}", 1000, 0.5) for name in range(1, 61)]
    picture = places_plot(places, {}, is_signed=False, label="scores")
    named = [
        (float(one.attrib["x"]), one.text or "")
        for one in parsed(picture).iter("text")
        if one.text != "contig"
    ]
    contigs = [(across, text) for across, text in named if text.isdecimal() and across > 52]
    assert len(contigs) > 10
    for (left, one), (right, other) in itertools.pairwise(contigs):
        assert right - left > 5 * (len(one) + len(other)) / 2


@settings(deadline=None)
@given(
    places=st.lists(
        st.builds(place, st.sampled_from(["1", "2", "X"]), st.integers(0, 10**10), SCORES),
        min_size=1,
        max_size=20,
    )
)
@example(places=[place("1", 0, 0.0)])
@example(places=[place("1", 10**10 - 1, 1e-300), place("1", 10**10 - 1, -1e-300)])
def test_places_stay_in_their_frame(places: list[Place]) -> None:
    picture = places_plot(places, {"1": 5}, is_signed=True, label="scores")
    dots = attributes(picture, "circle", "cx", "cy")
    assert len(dots) == len(places)
    for across, top in dots:
        assert 0 <= across <= WIDTH
        assert 0 <= top <= HEIGHT


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-0.31, 0.25, [-0.3, -0.2, -0.1, 0, 0.1, 0.2]),
        (31.9, 33.9, [32, 32.5, 33, 33.5]),
        (0, 2e6, [0, 500_000, 1e6, 1.5e6, 2e6]),
    ],
)
def test_ticks(low: float, high: float, expected: list[float]) -> None:
    assert ticks(float(low), float(high)) == pytest.approx(expected)


def test_bars() -> None:
    assert attributes(bar(5, 20, "count"), "rect", "width") == [(25.0,)]
    # A single one of a million can still be seen, and nothing is nothing.
    assert attributes(bar(1, 10**6, "count"), "rect", "width") == [(0.5,)]
    assert attributes(bar(0, 10, "count"), "rect", "width") == []


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.5", 0.5), ("-1e-3", -0.001), (".", None), ("", None), ("nan", None), ("inf", None), ("1e39", None)],
)
def test_numbers(text: str, value: float | None) -> None:
    assert number(text) == value


def test_wording() -> None:
    assert [shown(value) for value in (1452.72, 0.0172304, 2.5e7)] == ["1,453", "0.01723", "2.500e+07"]
    assert [shown_score(value) for value in (0.208566, -0.00740857, -4.17e-07, 0.0)] == [
        "+0.2086",
        "-0.0074",
        "-4.2e-07",
        "0",
    ]
    assert shown_score(0.208566, is_signed=False) == "0.2086"
    assert [share(1, 8), share(1, 10**6), share(0, 5), share(0, 0)] == ["12.5 %", "< 0.1 %", "0 %", "0 %"]
    assert [counted(1, "allele"), counted(12345, "allele")] == ["1 allele", "12,345 alleles"]
    assert clipped("x" * 60) == "x" * 60
