"""Signals: what both alleles have in grey, what one of them has more of in its colour; under it ALT - REF."""

import numpy as np
from matplotlib.axes import Axes

from vep_cli.genome.interval import Interval
from vep_cli.plot import style
from vep_cli.plot.axes import TO_CENTRE, Page, show_positions
from vep_cli.plot.content import Signal
from vep_cli.plot.layout import Box
from vep_cli.plot.wording import number

SMALLEST_SCALE = 0.02
"""Of the strip, as a part of the largest prediction: below it, nothing is to be seen that matters."""

_HEADROOM = 1.06


def draw_signal(page: Page, box: Box, signal: Signal, shown: Interval) -> Axes:
    """Draw both alleles over one another."""
    axes = page.axes(box)
    show_positions(axes, shown)
    top = signal_top(signal)
    axes.set_ylim(0, _HEADROOM * top)
    edges, shared = edge_positions(signal), np.fmin(signal.reference, signal.alternate)
    axes.stairs(shared, edges, fill=True, color=style.BOTH, linewidth=0)
    for values, colour in ((signal.reference, style.REFERENCE), (signal.alternate, style.ALTERNATE)):
        axes.stairs(values, edges, baseline=shared, fill=True, color=colour, linewidth=0)
    _scale(axes, [0.0, top], ["0", number(top)])
    return axes


def draw_difference(page: Page, box: Box, signal: Signal, shown: Interval) -> Axes:
    """Draw ALT - REF."""
    axes = page.axes(box)
    show_positions(axes, shown)
    scale = difference_scale(signal)
    axes.set_ylim(-_HEADROOM * scale, _HEADROOM * scale)
    for values, colour in (
        (np.fmax(signal.difference, 0), style.ALTERNATE),
        (np.fmin(signal.difference, 0), style.REFERENCE),
    ):
        axes.stairs(values, edge_positions(signal), fill=True, color=colour, linewidth=0)
    axes.axhline(0, color=style.FAINT, linewidth=0.3)
    _scale(axes, [0.0], [f"±{number(scale)}"])
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return axes


def signal_top(signal: Signal) -> float:
    """Return what the axis of a signal reaches up to; 1 where all is zero."""
    return max(largest(signal.reference, signal.alternate), signal.least_top) or 1.0


def difference_scale(signal: Signal) -> float:
    """Return what the strip of ALT - REF reaches up and down to; no number of no meaning fills it."""
    return max(largest(np.abs(signal.difference)), SMALLEST_SCALE * signal_top(signal))


def largest(*values: np.ndarray) -> float:
    """Return the largest finite number that is above zero, or zero."""
    numbers = np.concatenate(values)
    return float(numbers[np.isfinite(numbers)].max(initial=0.0))


def edge_positions(signal: Signal) -> np.ndarray:
    """Return the edges of a signal's columns on the axis of positions."""
    return signal.edges + TO_CENTRE


def _scale(axes: Axes, ticks: list[float], labels: list[str]) -> None:
    axes.set_yticks(ticks, labels)
    axes.tick_params(axis="x", bottom=False, labelbottom=False)
    axes.patch.set_visible(False)
