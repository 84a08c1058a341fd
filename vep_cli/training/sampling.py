"""Which windows a step reads: a function of seed, stage, step and split, and of nothing else."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from vep_cli.errors import UsageError
from vep_cli.training.copies import LENGTH_UNIT, Copy
from vep_cli.training.pieces import Split

_TRIES = 1000
"""Draws of one window; a piece with any window that can be read is drawn long before."""


@runtime_checkable
class Stage(Protocol):
    """What sampling reads of a stage's settings."""

    @property
    def name(self) -> str:
        """Name of the stage."""

    @property
    def window(self) -> int:
        """Bases of a window."""

    @property
    def batch(self) -> int:
        """Windows of a step."""

    @property
    def copies(self) -> int:
        """How many edited copies of each piece are read, the first ones."""

    @property
    def near_sites(self) -> float:
        """Part of the windows that are drawn to hold a splice site."""

    @property
    def shift(self) -> bool:
        """Whether windows begin at any base; otherwise at multiples of the window."""

    @property
    def reverse_complement(self) -> bool:
        """Whether every second window, at random, is of the other strand."""


SitesOf = Callable[[int], np.ndarray]
"""The places of the splice sites of a copy, by its index; counted from its first base."""


_Pick = Callable[[np.random.Generator], tuple[int, int]]
"""Draws the index of a copy and the first base of a window of it."""


class Crop(NamedTuple):
    """A window of a copy.

    Attributes:
        copy: Index of the copy.
        start: Its first base, counted from the copy's.
        is_reversed: Whether it is read as its reverse complement.
    """

    copy: int
    start: int
    is_reversed: bool


def choose_crops(
    copies: Sequence[Copy], stage: Stage, *, seed: int, step: int, split: Split, sites: SitesOf
) -> list[Crop]:
    """Return the windows of a step.

    Windows of the training split are drawn at random, those of other splits go through the tiles of the
    pieces in a fixed order, again and again. Of a window, at least half the bases are not N.

    Args:
        copies: All copies of the pieces.
        stage: Window, batch and augmentation.
        seed: Of the run.
        step: Of the stage, from 0.
        split: Which pieces.
        sites: Asked where the stage wants windows near splice sites.

    Raises:
        UsageError: No piece of the split has such a window, or splice sites that the stage wants.
    """
    eligible = [
        number
        for number, copy in enumerate(copies)
        if is_read(copy, stage, split) and len(copy) >= stage.window
    ]
    if split is Split.TRAIN:
        generator = np.random.default_rng([seed, step, *stage.name.encode()])
        anywhere = _anywhere(copies, eligible, stage)
        near = _near_sites(copies, eligible, stage, sites) if stage.near_sites and eligible else anywhere
        found = [
            _draw(
                near if stage.near_sites and generator.random() < stage.near_sites else anywhere,
                copies,
                stage,
                generator,
            )
            for _ in range(stage.batch if eligible else 0)
        ]
    else:
        tiles = [tile for number in eligible for tile in _tiles(copies, number, stage.window)]
        tiles = [tiles[place] for place in np.random.default_rng(0).permutation(len(tiles))]
        first = step * stage.batch
        found = [tiles[(first + place) % len(tiles)] if tiles else None for place in range(stage.batch)]
    crops = [crop for crop in found if crop is not None]
    if len(crops) == stage.batch:
        return crops
    raise UsageError(
        f"no piece of the split {split} has a window of {stage.window} bases that are not mostly N",
        remedy=f"make the window of the stage {stage.name!r} smaller, or add pieces",
    )


def is_read(copy: Copy, stage: Stage, split: Split) -> bool:
    """Return whether the stage reads the copy: edited ones only to train on, as many as it says."""
    most = stage.copies if split is Split.TRAIN else 0
    return copy.piece.split is split and copy.number <= most


def _tiles(copies: Sequence[Copy], number: int, window: int) -> list[Crop]:
    starts = range(0, len(copies[number]) - window + 1, window)
    return [Crop(number, start, False) for start in starts if _is_known(copies[number], start, window)]


def _draw(pick: _Pick, copies: Sequence[Copy], stage: Stage, generator: np.random.Generator) -> Crop | None:
    """Return a window that is not mostly N, or None where none of many is."""
    for _ in range(_TRIES):
        number, start = pick(generator)
        is_reversed = bool(stage.reverse_complement and generator.integers(2))
        if _is_known(copies[number], start, stage.window):
            return Crop(number, start, is_reversed)
    return None


def _anywhere(copies: Sequence[Copy], eligible: Sequence[int], stage: Stage) -> _Pick:
    """Return what picks copy and start of a window; the longer a copy, the likelier it is."""
    lengths = np.array([len(copies[number]) for number in eligible], float)
    start_in = _shifted_crop if stage.shift else _tile

    def pick(generator: np.random.Generator) -> tuple[int, int]:
        number = eligible[int(generator.choice(len(eligible), p=lengths / lengths.sum()))]
        return number, start_in(copies[number], stage.window, generator)

    return pick


def _near_sites(copies: Sequence[Copy], eligible: Sequence[int], stage: Stage, sites: SitesOf) -> _Pick:
    """Return what picks windows with a splice site at a random place; every site is as likely."""
    places = [sites(number) for number in eligible]
    counts = np.array([len(one) for one in places], float)
    if not counts.any():
        raise UsageError(
            f"the stage {stage.name!r} wants windows near splice sites, but its pieces have none",
            remedy="leave out near_sites, or add a [[data.source]] of SPLICE_SITES",
        )

    def pick(generator: np.random.Generator) -> tuple[int, int]:
        chosen = int(generator.choice(len(eligible), p=counts / counts.sum()))
        number, site = eligible[chosen], int(generator.choice(places[chosen]))
        last = len(copies[number]) - stage.window
        return number, min(max(site - int(generator.integers(stage.window)), 0), last)

    return pick


def _shifted_crop(copy: Copy, window: int, generator: np.random.Generator) -> int:
    return int(generator.integers(len(copy) - window + 1))


def _tile(copy: Copy, window: int, generator: np.random.Generator) -> int:
    return window * int(generator.integers(len(copy) // window))


def _is_known(copy: Copy, start: int, window: int) -> bool:
    """Return whether at least half the bases are known, to the nearest `LENGTH_UNIT`."""
    first = start // LENGTH_UNIT
    last = max((start + window) // LENGTH_UNIT, first + 1)
    return bool(2 * (copy.known_before[last] - copy.known_before[first]) >= (last - first) * LENGTH_UNIT)
