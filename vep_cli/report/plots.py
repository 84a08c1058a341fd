"""Small pictures as SVG: how scores are distributed, and where on the chromosomes they are.

Colours and fonts are the page's style sheet's, by class, so that pictures follow a dark page and paper.
"""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

from vep_cli.report.histogram import Bin, Histogram
from vep_cli.report.markup import Markup, element
from vep_cli.report.positions import Place
from vep_cli.report.wording import clipped, counted, shown_score

_WIDTH, _HEIGHT = 480.0, 200.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 10.0, 12.0, 38.0
_MOST_BARS, _LEAST_BARS = 48, 12
_FEW = 20
"""Counts up to this are drawn to scale, larger ones by their logarithm."""

_BASE = _HEIGHT - _BOTTOM
"""Where the axis below lies."""

_MARGIN = 0.05
"""Part of an axis beyond the outermost dots."""

_LETTER = 6.2
"""About the width of a letter."""


def histogram_plot(histogram: Histogram, *, is_signed: bool, label: str) -> Markup:
    """Return a picture of how many alleles have which score.

    Args:
        histogram: Of at least one score.
        is_signed: Whether scores below and above zero are losses and gains.
        label: What the picture is of, for those who cannot see it.
    """
    # A few values in many bars would show nothing but gaps.
    bins = histogram.bins(min(max(2 * math.isqrt(histogram.count), _LEAST_BARS), _MOST_BARS))
    start, end = bins[0].start, bins[-1].end
    most = max(one.count for one in bins)
    bars = [_bar(one, start, end, most, is_signed=is_signed) for one in bins if one.count]
    scale = "alleles" if most <= _FEW else "alleles, log scale"
    return _plot(
        label,
        *_count_axis(most, scale),
        *bars,
        *_score_axis_below(start, end),
        _text(_LEFT + _inner_width() / 2, _HEIGHT - 5, "score"),
    )


def places_plot(
    places: Sequence[Place], lengths: Mapping[str, int], *, is_signed: bool, label: str
) -> Markup:
    """Return a picture of the strongest scores along the chromosomes.

    Args:
        places: At least one; contigs are drawn in their order.
        lengths: Bases of each contig, where they are known.
        is_signed: Whether scores below and above zero are losses and gains.
        label: What the picture is of, for those who cannot see it.
    """
    spans = _spans(places, lengths)
    low, high = _range([place.score for place in places])
    dots = [_dot(place, spans, low, high, is_signed=is_signed) for place in places]
    return _plot(label, *_score_axis_left(low, high), *dots, *_contig_axis(spans))


def _range(scores: Sequence[float]) -> tuple[float, float]:
    """Return what is drawn of the axis: zero, all scores, and room for the dots."""
    low, high = min(0.0, *scores), max(0.0, *scores)
    room = (high - low) * _MARGIN or 1.0
    return (low - room if low else low), (high + room if high or not low else high)


def bar(count: int, most: int, kind: str) -> Markup:
    """Return a bar for a cell of a table.

    Args:
        count: What it stands for.
        most: The count of a bar of the full length.
        kind: The class that colours it.
    """
    length = 100 * count / most if most else 0.0
    rectangle = element("rect", class_=kind, x="0", y="1", height="8", width=_number(max(length, 0.5)))
    picture = (rectangle,) if count else ()
    return element("svg", *picture, class_="bar", viewBox="0 0 100 10", aria_hidden="true")


def kind_of(score: float, *, is_signed: bool) -> str:
    """Return the class that colours a score."""
    if not is_signed:
        return "size"
    return "loss" if score < 0 else "gain"


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers between two others, both included, in steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    # Adding 0 makes 0 of -0.
    return [index * step + 0.0 for index in range(first, last + 1)]


def _plot(label: str, *content: Markup) -> Markup:
    return element(
        "svg", *content, class_="plot", viewBox=f"0 0 {_WIDTH:g} {_HEIGHT:g}", role="img", aria_label=label
    )


def _bar(one: Bin, start: float, end: float, most: int, *, is_signed: bool) -> Markup:
    left, right = (_across(edge, start, end) for edge in (one.start, one.end))
    top = _up(_height(one.count, most))
    return element(
        "rect",
        element(
            "title",
            f"{one.start:.4g} to {one.end:.4g}: {counted(one.count, 'allele')}",
        ),
        class_=kind_of(one.start, is_signed=is_signed),
        x=_number(left),
        y=_number(top),
        width=_number(max(right - left - 0.6, 0.6)),
        height=_number(_BASE - top),
    )


def _height(count: int, most: int) -> float:
    """Return how high a count is drawn, 1 for the most."""
    return count / most if most <= _FEW else math.log10(1 + count) / math.log10(1 + most)


def _count_axis(most: int, caption: str) -> Iterator[Markup]:
    counts = (
        sorted({round(tick) for tick in ticks(0.0, float(most), 4)})
        if most <= _FEW
        else [0, *(10**power for power in range(int(math.log10(most)) + 1))]
    )
    # Numbers have to keep apart: of many powers of ten, every second or third is named.
    every = math.ceil(len(counts) / 6)
    for index, count in enumerate(counts):
        height = _up(_height(count, most))
        yield _line(_LEFT, height, _WIDTH - _RIGHT, height, "axis" if count == 0 else "grid")
        if index % every == 0 or count <= 1:
            yield _text(_LEFT - 6, height + 3.5, f"{count:,}", "end")
    yield _sideways(caption)


def _score_axis_below(start: float, end: float) -> Iterator[Markup]:
    for tick in ticks(start, end):
        across = _across(tick, start, end)
        yield _line(across, _BASE, across, _BASE + 4, "axis")
        yield _text(across, _BASE + 15, f"{tick:.6g}")


def _score_axis_left(low: float, high: float) -> Iterator[Markup]:
    for tick in ticks(low, high, 5):
        height = _up((tick - low) / (high - low))
        yield _line(_LEFT, height, _WIDTH - _RIGHT, height, "axis" if tick == 0 else "grid")
        yield _text(_LEFT - 6, height + 3.5, f"{tick:.4g}", "end")
    yield _sideways("strongest score")


def _spans(places: Sequence[Place], lengths: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Return the stretch that is drawn of each contig: of several all that is known, of one what is there."""
    found: dict[str, tuple[int, int]] = {}
    for place in places:
        first, last = found.get(place.chromosome, (place.position, place.position))
        found[place.chromosome] = min(first, place.position), max(last, place.position)
    if len(found) == 1:
        name, (first, last) = next(iter(found.items()))
        room = max(math.ceil((last - first) * _MARGIN), 1)
        return {name: (max(first - room, 0), last + room)}
    return {name: (0, max(last, lengths.get(name, 0), 1)) for name, (_, last) in found.items()}


def _dot(
    place: Place, spans: Mapping[str, tuple[int, int]], low: float, high: float, *, is_signed: bool
) -> Markup:
    where = f"{clipped(place.chromosome)}:{place.position:,}"
    return element(
        "circle",
        element("title", f"{where}  {shown_score(place.score, is_signed=is_signed)}"),
        class_=kind_of(place.score, is_signed=is_signed),
        cx=_number(_along(place.chromosome, place.position, spans)),
        cy=_number(_up((place.score - low) / (high - low))),
        r="2.6",
    )


def _along(chromosome: str, position: int, spans: Mapping[str, tuple[int, int]]) -> float:
    """Return where a position is drawn, contigs behind one another."""
    total = sum(last - first for first, last in spans.values())
    before = itertools.takewhile(lambda item: item[0] != chromosome, spans.items())
    offset = sum(last - first for _, (first, last) in before)
    return _across(float(offset + position - spans[chromosome][0]), 0.0, float(total))


def _contig_axis(spans: Mapping[str, tuple[int, int]]) -> Iterator[Markup]:
    if len(spans) == 1:
        yield from _position_axis(*next(iter(spans.items())))
        return
    free = _LEFT
    for name, (first, last) in spans.items():
        left, right = (_along(name, edge, spans) for edge in (first, last))
        yield _line(right, _TOP, right, _BASE, "grid")
        short = name.removeprefix("chr")[:8]
        half = _LETTER * len(short) / 2
        middle = (left + right) / 2
        if middle - half >= free:
            free = middle + half + 3
            yield _text(middle, _BASE + 15, short)
    yield _text(_LEFT + _inner_width() / 2, _HEIGHT - 5, "contig")


def _position_axis(name: str, span: tuple[int, int]) -> Iterator[Markup]:
    first, last = span
    unit, caption = (1e6, "Mb") if last - first > 20_000 else (1.0, "bp")
    for tick in ticks(first / unit, last / unit, 5):
        across = _across(tick * unit, float(first), float(last))
        yield _line(across, _BASE, across, _BASE + 4, "axis")
        yield _text(across, _BASE + 15, f"{tick:,.10g}")
    yield _text(_LEFT + _inner_width() / 2, _HEIGHT - 5, f"{clipped(name)} ({caption})")


def _sideways(text: str) -> Markup:
    middle = (_TOP + _BASE) / 2
    return element(
        "text",
        text,
        x="11",
        y=_number(middle),
        text_anchor="middle",
        transform=f"rotate(-90 11 {_number(middle)})",
    )


def _text(across: float, height: float, text: str, anchor: str = "middle") -> Markup:
    return element("text", text, x=_number(across), y=_number(height), text_anchor=anchor)


def _line(left: float, top: float, right: float, bottom: float, kind: str) -> Markup:
    return element(
        "line", class_=kind, x1=_number(left), y1=_number(top), x2=_number(right), y2=_number(bottom)
    )


def _inner_width() -> float:
    return _WIDTH - _LEFT - _RIGHT


def _across(value: float, start: float, end: float) -> float:
    return _LEFT + _inner_width() * (value - start) / (end - start)


def _up(part: float) -> float:
    return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1.0 - part)


def _number(value: float) -> str:
    return f"{value:.1f}"
