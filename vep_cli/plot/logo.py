"""Contributions of the bases of a stretch as logos: letters as tall as what they contribute."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from vep_cli.genome.interval import Interval
from vep_cli.plot import style
from vep_cli.plot.axes import Page, edge, label_panel, number_positions, show_positions
from vep_cli.plot.layout import Box
from vep_cli.plot.sheet import Sheet, blank_page, file_of, own_style
from vep_cli.plot.wording import MINUS, number, shortened
from vep_cli.scoring.contributions import BASES, Contributions

LETTERS, CHANGES, APART = 15.0, 7.5, 4.0
"""Millimetres of a logo's height, of the changes under it, and to the next one."""

COLOURS = {"A": "#009e73", "C": "#0072b2", "G": "#e69f00", "T": "#d55e00"}
"""Of Okabe and Ito's palette, near those that logos have by custom."""

_EFFECTS = LinearSegmentedColormap.from_list("vep", [style.REFERENCE, "#ffffff", style.ALTERNATE])
_LETTER_WIDTH = 0.92
_MOST_WRITTEN = 120
"""Bases of a stretch whose letters can be read in the row of changes."""
_NOTE_WIDTH = 165


def drawn_logos(contributions: Sequence[Contributions], notes: Sequence[str], sheet: Sheet) -> bytes:
    """Return logos as a file's bytes, the same every time.

    Args:
        contributions: One logo each, all of the same stretch; at least one.
        notes: What has to be known of a figure that has left its caption behind.
        sheet: What it is drawn on.
    """
    lines = [line for note in notes for line in textwrap.wrap(note, _NOTE_WIDTH)]
    panel = LETTERS + CHANGES + APART
    foot = style.TOP + panel * len(contributions) + style.AXIS
    with own_style():
        page = blank_page(sheet, foot + style.NOTE_LINE * (len(lines) + 1))
        _draw_title(page, contributions[0].interval)
        for place, one in enumerate(contributions):
            top = style.TOP + panel * place
            _draw_panel(page, one, top, is_last=place == len(contributions) - 1)
        for line, words in enumerate(lines):
            page.text(
                2.0, foot + style.NOTE_LINE * line, words, fontsize=style.SMALL_SIZE - 0.5, color=style.FAINT
            )
        return file_of(page, sheet)


def letter_path(base: str) -> Path:
    """Return the outline of a letter that fills the square from (0, 0) to (1, 1)."""
    outline = TextPath((0, 0), base, size=1, prop=FontProperties(family="DejaVu Sans", weight="bold"))
    box = outline.get_extents()
    fit = Affine2D().translate(-box.x0, -box.y0).scale(1 / box.width, 1 / box.height)
    path: Path = outline.transformed(fit)
    return path


def _draw_title(page: Page, interval: Interval) -> None:
    words = f"{interval.chromosome}:{interval.start + 1:,}-{interval.end:,}"
    page.text(2.0, 2.0, f"{words}: every base changed", fontsize=style.TITLE_SIZE, fontweight="bold")
    page.text(
        2.0,
        6.6,
        "letters: what the base contributes; below: the score of each change",
        fontsize=style.LABEL_SIZE,
        color=style.FAINT,
    )


def _draw_panel(page: Page, one: Contributions, top: float, *, is_last: bool) -> None:
    box = Box(top=top, height=LETTERS)
    label_panel(page, one.track, box)
    gene = one.label.gene
    words = [one.scorer.name, *([gene.name or gene.gene_id] if gene else [])]
    for line, text in enumerate(words):
        page.text(2.0, top + 9.2 + 2.5 * line, shortened(text), fontsize=style.SMALL_SIZE)
    _draw_letters(page.axes(box), one)
    axes = page.axes(Box(top=box.bottom + 0.8, height=CHANGES))
    _draw_changes(axes, one)
    if is_last:
        number_positions(axes, one.interval.chromosome)
    else:
        axes.tick_params(axis="x", bottom=False, labelbottom=False)


def _draw_letters(axes: Axes, one: Contributions) -> None:
    heights = np.nan_to_num(one.of_bases)
    show_positions(axes, one.interval)
    low, high = min(float(heights.min()), 0.0), max(float(heights.max()), 0.0)
    span = (high - low) or 1.0
    axes.set_ylim(low - 0.04 * span, high + 0.04 * span if high > low else 1.0)
    for base in BASES:
        outline, own = letter_path(base), [place for place, letter in enumerate(one.bases) if letter == base]
        letters = [
            outline.transformed(
                Affine2D()
                .scale(_LETTER_WIDTH, heights[place])
                .translate(edge(one.interval.start + place) + (1 - _LETTER_WIDTH) / 2, 0)
            )
            for place in own
            if heights[place]
        ]
        axes.add_collection(PathCollection(letters, facecolors=COLOURS[base], linewidths=0), autolim=False)
    axes.axhline(0, color=style.FAINT, linewidth=0.3)
    ticks = sorted({tick for tick in (low, 0.0, high)})
    axes.set_yticks(ticks, [_signed(tick) for tick in ticks])
    axes.tick_params(axis="x", bottom=False, labelbottom=False)
    axes.spines["bottom"].set_visible(False)


def _draw_changes(axes: Axes, one: Contributions) -> None:
    effects = np.ma.masked_invalid(one.effects.T)
    scale = float(np.abs(effects).max()) if effects.count() else 1.0
    start, end = edge(one.interval.start), edge(one.interval.end)
    axes.imshow(
        effects,
        cmap=_EFFECTS,
        vmin=-scale,
        vmax=scale,
        aspect="auto",
        interpolation="none",
        extent=(start, end, len(BASES) - 0.5, -0.5),
    )
    axes.set_facecolor(style.UNKNOWN)
    show_positions(axes, one.interval)
    axes.set_yticks(range(len(BASES)), list(BASES), fontsize=style.SMALL_SIZE - 1.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    if one.interval.width <= _MOST_WRITTEN:
        _write_bases(axes, one)


def _write_bases(axes: Axes, one: Contributions) -> None:
    """Write each base into its own cell, which has no change."""
    for place, base in enumerate(one.bases):
        if base in BASES:
            axes.text(
                one.interval.start + place + 1,
                BASES.index(base),
                base,
                fontsize=3,
                color=style.FAINT,
                ha="center",
                va="center_baseline",
            )


def _signed(value: float) -> str:
    return f"{MINUS}{number(-value)}" if value < 0 else number(value)
