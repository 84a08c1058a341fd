"""What matplotlib is asked for in more than one place: boxes of the page, positions, labels beside panels."""

import dataclasses

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.tracks import Track
from vep_cli.plot import style
from vep_cli.plot.layout import Box
from vep_cli.plot.wording import is_mechanistic, panel_subtitles, panel_title

TO_CENTRE = 0.5
"""From the 0-based edge of a base to where it stands on an axis that counts from 1."""

_LINE = 2.5
"""Millimetres from one line beside a panel to the next."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Page:
    """A page to draw on.

    Attributes:
        figure: matplotlib's figure.
        width: In millimetres.
        height: In millimetres.
    """

    figure: Figure
    width: float
    height: float

    def axes(self, box: Box) -> Axes:
        """Return axes that fill a box between the margins."""
        inside = self.width - style.LEFT - style.RIGHT
        corner = (style.LEFT / self.width, 1 - box.bottom / self.height)
        return self.figure.add_axes((*corner, inside / self.width, box.height / self.height))

    def place(self, left: float, top: float) -> tuple[float, float]:
        """Return matplotlib's coordinates of a point, in millimetres from the top left corner."""
        return left / self.width, 1 - top / self.height

    def text(self, left: float, top: float, words: str, **look: object) -> None:
        """Write a line of which the upper left corner is at a point."""
        self.figure.text(*self.place(left, top), words, va="top", **look)  # type: ignore[arg-type]


def edge(position: float | int) -> float:
    """Return where the left edge of a 0-based base is on an axis that counts from 1."""
    return position + TO_CENTRE


def show_positions(axes: Axes, shown: Interval) -> None:
    """Let axes reach from one end of a stretch to the other."""
    axes.set_xlim(edge(shown.start), edge(shown.end))


def bare(axes: Axes) -> None:
    """Take everything away that is not data."""
    axes.set_axis_off()
    axes.patch.set_visible(False)


def number_positions(axes: Axes, chromosome: str) -> None:
    """Draw the axis of positions, in whole bases with thousands separated."""
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda position, _: f"{position:,.0f}"))
    axes.set_xlabel(f"position on {chromosome} (bp)", labelpad=1.5)


def label_panel(page: Page, track: Track, box: Box) -> None:
    """Write beside a panel what it shows."""
    page.text(2.0, box.top, panel_title(track), fontsize=style.LABEL_SIZE, fontweight="bold")
    for line, words in enumerate(panel_subtitles(track), start=1):
        is_rule = is_mechanistic(track) and words == track.supervision
        look = {"color": style.ALTERNATE, "fontstyle": "italic"} if is_rule else {"color": style.FAINT}
        page.text(2.0, box.top + 0.4 + _LINE * line, words, fontsize=style.SMALL_SIZE, **look)


def mark_variant(axes: Axes, variant: Variant) -> None:
    """Draw where the variant is: a line, or a band over the bases that REF has more than ALT."""
    shared = min(len(variant.reference_bases), len(variant.alternate_bases))
    if variant.length_change < 0:
        span = edge(variant.start + shared), edge(variant.end)
        axes.axvspan(*span, facecolor=style.INK, alpha=0.12, linewidth=0, zorder=-1)
    middle = edge((variant.start + variant.end) / 2)
    axes.axvline(middle, color=style.INK, linewidth=0.5, dashes=(2, 1.5), zorder=5)
