"""Where the window of a variant lies: centred on it, or on a grid that neighbours share."""

import dataclasses

from vep_cli.errors import UsageError
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import centred_interval

GRID_UNIT = 2048
"""Base pairs of the network's coarsest bin: starts of snapped windows are multiples of it, so that its
bins are the same stretches of the chromosome in every window."""

_STEPS = 16
"""Grid steps of a window: the variant is within a 32nd of the window's width of its centre, unless the
window is so short that a step is one bin."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """How windows are placed.

    Attributes:
        width: Base pairs of every window.
        grid: Base pairs of which every window's start is a multiple, counted from the chromosome's first
            base; 1 centres windows.
    """

    width: int
    grid: int

    def interval(self, variant: Variant) -> Interval:
        """Return the window whose centre is the nearest to the middle of REF; of two, the right one.

        It may reach past either end of the chromosome.
        """
        centred = centred_interval(variant, self.width)
        if self.grid == 1:
            return centred
        start = (centred.start + self.grid // 2) // self.grid * self.grid
        return dataclasses.replace(centred, start=start, end=start + self.width)

    @property
    def room(self) -> int:
        """Width of the stretch round the middle of REF that lies in the window wherever that is snapped."""
        return self.width - 2 * (self.grid // 2)


def centred(width: int) -> Placement:
    """Centre windows of `width` bp on the variant, as the official code does (MODEL_SPEC section 5)."""
    return Placement(width=width, grid=1)


def snapped(width: int) -> Placement:
    """Start windows of `width` bp on a grid of about a 16th of that.

    Raises:
        UsageError: In so short a window, a variant may lie at its edge.
    """
    grid = max(width // _STEPS // GRID_UNIT, 1) * GRID_UNIT
    if width < 2 * grid:
        raise UsageError(
            f"windows of {width} bp cannot be snapped to a grid of {grid} bp",
            remedy=f"choose a --window of at least {2 * grid}, or --window-mode centered",
        )
    return Placement(width=width, grid=grid)
