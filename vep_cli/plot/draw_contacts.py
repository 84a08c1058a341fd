"""How contacts change: the map turned by 45 degrees, so that its diagonal is the chromosome."""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize

from vep_cli.genome.interval import Interval
from vep_cli.plot import style
from vep_cli.plot.axes import Page, edge
from vep_cli.plot.content import ContactChange
from vep_cli.plot.draw_signals import largest
from vep_cli.plot.layout import Box
from vep_cli.plot.wording import MINUS, number

_COLOURS = LinearSegmentedColormap.from_list("vep", [style.REFERENCE, "#ffffff", style.ALTERNATE])
_BAR = (18.0, 1.6)
"""Millimetres of the scale's width and height."""


def draw_contacts(page: Page, box: Box, change: ContactChange) -> Axes:
    """Draw the upper half of the map; a pair of bins stands above their middle, as high as they are apart."""
    axes = page.axes(box)
    scale = largest(np.abs(change.difference).ravel()) or 1.0
    norm = Normalize(-scale, scale)
    across, up = corners(change)
    upper = np.ma.masked_array(change.difference, np.tri(len(change.difference), k=-1, dtype=bool))
    axes.pcolormesh(
        across, up, upper, cmap=_COLOURS, norm=norm, rasterized=True, linewidth=0, antialiased=False
    )
    axes.set_xlim(edge(change.start), edge(change.end))
    axes.set_ylim(0, (change.end - change.start) / 2)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.patch.set_visible(False)
    left, right, apex = edge(change.start), edge(change.end), (change.end - change.start) / 2
    axes.plot([left, (left + right) / 2, right], [0, apex, 0], color=style.RULE, linewidth=0.4)
    _draw_bar(page, box, norm)
    return axes


def corners(
    change: ContactChange,
) -> tuple[Float[np.ndarray, "edges edges"], Float[np.ndarray, "edges edges"]]:
    """Return where the corners of the map's cells are: along the chromosome, and half the distance apart."""
    edges = edge(change.start) + change.resolution * np.arange(len(change.difference) + 1, dtype=float)
    row, column = edges[:, None], edges[None, :]
    return (row + column) / 2, (column - row) / 2


def draw_zoom(page: Page, box: Box, change: ContactChange, shown: Interval) -> None:
    """Draw the lines from the ends of what is shown above to where they are on the map's own axis."""
    axes = page.axes(Box(top=box.top - style.ZOOM, height=style.ZOOM + box.height))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(style.ZOOM + box.height, 0)
    for place, end in ((0, shown.start), (1, shown.end)):
        below = (end - change.start) / (change.end - change.start)
        axes.plot(
            [place, below, below],
            [0, style.ZOOM, style.ZOOM + box.height],
            color=style.RULE,
            linewidth=0.5,
            zorder=0,
        )


def _draw_bar(page: Page, box: Box, norm: Normalize) -> None:
    width, height = _BAR
    top = box.top + 11.5
    left, bottom = page.place(6.0, top + height)
    axes = page.figure.add_axes((left, bottom, width / page.width, height / page.height))
    bar = page.figure.colorbar(ScalarMappable(norm, _COLOURS), cax=axes, orientation="horizontal")
    bar.outline.set_linewidth(0.3)
    bar.set_ticks([norm.vmin or 0, 0, norm.vmax or 0])
    bar.set_ticklabels([f"{MINUS}{number(norm.vmax or 0.0)}", "0", number(norm.vmax or 0.0)])
    axes.tick_params(length=1.2)
