"""Splice junctions as in a sashimi plot: an arc for each, REF's above the line and ALT's below it."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from vep_cli.genome.interval import Interval
from vep_cli.plot import style
from vep_cli.plot.axes import Page, edge, show_positions
from vep_cli.plot.content import Arcs
from vep_cli.plot.draw_signals import largest
from vep_cli.plot.layout import Box
from vep_cli.plot.wording import number

MAX_LABELS = 5
"""Junctions whose reads are written beside them: those that change most."""

_LABEL_WIDTH = 0.045
"""As a part of what is shown."""
_LABEL_HEIGHT = 0.22
"""As a part of the highest arc."""
_LOWEST = 0.25
_THICKEST = 2.4
_THINNEST = 0.25


def draw_junctions(page: Page, box: Box, arcs: Arcs, shown: Interval) -> Axes:
    """Draw the junctions of one tissue."""
    axes = page.axes(box)
    show_positions(axes, shown)
    axes.set_ylim(-1.25, 1.25)
    axes.axhline(0, color=style.FAINT, linewidth=0.4)
    strongest = largest(arcs.reference, arcs.alternate)
    # What changes is drawn last, over the others, and what is strong over what is weak.
    for index in np.lexsort((-np.arange(len(arcs.start)), arcs.is_changed)).tolist():
        _draw_pair(axes, arcs, index, strongest, shown)
    for index in labelled(arcs, shown):
        _label_pair(axes, arcs, index, shown)
    axes.set_yticks([0.65, -0.65], ["REF", "ALT"])
    axes.tick_params(axis="both", length=0, labelbottom=False)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.patch.set_visible(False)
    if not len(arcs.start):
        words = "no junction is predicted here"
        axes.text(0.5, 0.55, words, transform=axes.transAxes, ha="center", color=style.FAINT)
    return axes


def labelled(arcs: Arcs, shown: Interval) -> list[int]:
    """Return the junctions whose reads are written: those that change most and whose numbers have room."""
    change = np.where(arcs.is_changed, np.abs(arcs.alternate - arcs.reference), 0.0)
    chosen: list[int] = []
    for index in np.argsort(-change, kind="stable").tolist():
        middle, height = _apex(arcs, index, shown)
        has_room = all(
            abs(middle - other) > _LABEL_WIDTH * shown.width or abs(height - other_height) > _LABEL_HEIGHT
            for other, other_height in (_apex(arcs, one, shown) for one in chosen)
        )
        if change[index] > 0 and len(chosen) < MAX_LABELS and has_room and shown.start < middle < shown.end:
            chosen.append(index)
    return chosen


def _draw_pair(axes: Axes, arcs: Arcs, index: int, strongest: float, shown: Interval) -> None:
    before, after = float(arcs.reference[index]), float(arcs.alternate[index])
    left, right = edge(int(arcs.start[index])), edge(int(arcs.end[index]))
    colour = style.ARC
    if arcs.is_changed[index]:
        colour = style.ALTERNATE if after > before else style.REFERENCE
    for value, side in ((before, 1), (after, -1)):
        if value > 0:
            arc = _arc(left, right, side * _height(right - left, shown))
            width = max(_THICKEST * value / strongest, _THINNEST)
            axes.add_patch(PathPatch(arc, facecolor="none", edgecolor=colour, linewidth=width))


def _label_pair(axes: Axes, arcs: Arcs, index: int, shown: Interval) -> None:
    middle, height = _apex(arcs, index, shown)
    for value, side in ((arcs.reference[index], 1), (arcs.alternate[index], -1)):
        axes.text(
            edge(middle),
            side * height,
            number(float(value)),
            ha="center",
            va="center_baseline",
            fontsize=style.SMALL_SIZE,
            bbox={"boxstyle": "square,pad=0.08", "facecolor": "white", "edgecolor": "none", "alpha": 0.9},
            zorder=6,
        )


def _apex(arcs: Arcs, index: int, shown: Interval) -> tuple[float, float]:
    start, end = int(arcs.start[index]), int(arcs.end[index])
    return (start + end) / 2, _height(end - start, shown)


def _height(width: float | int, shown: Interval) -> float:
    """Return how high an arc is, of 1: longer introns reach over shorter ones."""
    return _LOWEST + (1 - _LOWEST) * math.sqrt(min(width / shown.width, 1))


def _arc(left: float, right: float, apex: float) -> Path:
    # A cubic curve is three quarters as high as its control points.
    control = apex / 0.75
    points = [(left, 0.0), (left, control), (right, control), (right, 0.0)]
    return Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
