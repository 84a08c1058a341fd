"""What the masks of a scorer come to on the chromosome, for people to look at.

Read from the very arrays that go to the device, so that what is shown is what was scored.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Int

from vep_cli.genome.interval import Interval
from vep_cli.scoring.masks import NOWHERE


def bin_regions(bins: Int[np.ndarray, "*shape"], interval: Interval, resolution: int) -> tuple[Interval, ...]:
    """Return the stretches that bins of the window cover, ascending.

    Args:
        bins: Indices of bins in any order; `NOWHERE` stands for none.
        interval: The window, not on '-'.
        resolution: Base pairs per bin.
    """
    chosen = np.unique(bins[bins != NOWHERE]).astype(np.int64)
    starts = chosen[np.diff(chosen, prepend=-2) != 1]
    lasts = chosen[np.diff(chosen, append=NOWHERE) != 1]
    return tuple(
        Interval(
            chromosome=interval.chromosome,
            start=interval.start + int(start) * resolution,
            end=interval.start + (int(last) + 1) * resolution,
        )
        for start, last in zip(starts, lasts, strict=True)
    )


def row_regions(
    arrays: Mapping[str, np.ndarray], rows: Int[np.ndarray, " parts"], interval: Interval, row_count: int
) -> tuple[tuple[Interval, ...], ...]:
    """Return the stretches of each of `row_count` rows, ascending.

    Args:
        arrays: From `spans.aligned_span_arrays`, which lays out parts.
        rows: The row that each part belongs to, below 0 for padding.
        interval: The window, not on '-'.
        row_count: Rows of the result.
    """
    positions, part_of_block = arrays["positions"], arrays["row_of_block"]
    parts = (np.flatnonzero(rows == row) for row in range(row_count))
    return tuple(bin_regions(positions[np.isin(part_of_block, part)], interval, 1) for part in parts)
