"""Which positions a scorer reads: index lists of few possible shapes, made on the host.

A mask over 1 Mb for each gene of a window would be tens of megabytes a variant. Scorers send the
positions themselves instead, in blocks of `BLOCK` that each belong to one row of the result:
short enough to gather cheaply, and summing by blocks keeps float32 sums of 100,000 positions
good to about 1e-6. Lists are padded with `NOWHERE` up to a bucket size, so that the number of
compiled programs stays small; a gather reads zero there.
"""

import dataclasses

import numpy as np
from jaxtyping import Int32, Int64

from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant

BLOCK = 256
"""Positions per block, about the square root of the longest sums, so that both levels round alike."""

NOWHERE = int(np.iinfo(np.int32).max)
"""The position that no array has: reads as zero."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class BlockLayout:
    """Where each of a list of positions goes among blocks of which each belongs to one row.

    Attributes:
        row_of_block: The row of the result that each block adds to.
        place: Index into the flattened blocks of each position.
        length: Positions of each row, padding excluded.
    """

    row_of_block: Int32[np.ndarray, " blocks"]
    place: Int64[np.ndarray, " positions"]
    length: Int32[np.ndarray, " rows"]

    @classmethod
    def of_rows(cls, row: Int64[np.ndarray, " positions"], row_count: int) -> "BlockLayout":
        """Lay out positions whose rows (ascending) are `row`, with rows and blocks padded to buckets."""
        rows = bucket(row_count, smallest=16)
        length = np.bincount(row, minlength=rows)
        blocks_of_row = -(-length // BLOCK)
        first_block = np.cumsum(blocks_of_row) - blocks_of_row
        first_position = np.cumsum(length) - length
        row_of_block = np.zeros(bucket(int(blocks_of_row.sum()), smallest=32), np.int32)
        row_of_block[: blocks_of_row.sum()] = np.repeat(np.arange(rows), blocks_of_row)
        return cls(
            row_of_block=row_of_block,
            place=np.arange(len(row)) + (first_block * BLOCK - first_position)[row],
            length=length.astype(np.int32),
        )

    def blocks(self, positions: Int64[np.ndarray, " positions"]) -> Int32[np.ndarray, "blocks block"]:
        """Return the positions in their places, `NOWHERE` in all others."""
        blocks = np.full((len(self.row_of_block), BLOCK), NOWHERE, np.int32)
        blocks.ravel()[self.place] = positions
        return blocks


def bucket(size: int, *, smallest: int) -> int:
    """Return the least of smallest, 4 smallest, 16 smallest, ... that is not below `size`."""
    allowed = smallest
    while allowed < size:
        allowed *= 4
    return allowed


def center_bins(
    variant: Variant, interval: Interval, *, width: int | None, resolution: int
) -> Int32[np.ndarray, "blocks block"]:
    """Return the bins of a window round the variant's first base (MODEL_SPEC section 7).

    Args:
        variant: The variant.
        interval: The window that was predicted; its width is a multiple of `resolution`.
        width: Base pairs, rounded up to whole bins; None for the whole window.
        resolution: Base pairs per bin.

    Returns:
        Bin indices, padded with `NOWHERE` where the window ends first; nothing but padding where the
        variant begins outside. The shape depends on the widths alone, never on the variant.
    """
    bins = interval.width // resolution
    size = bins if width is None else min(-(-width // resolution), bins)
    block = min(size, BLOCK)
    padded = np.full(-(-size // block) * block, NOWHERE, np.int32)
    inside = variant.chromosome == interval.chromosome and interval.start <= variant.start < interval.end
    if inside:
        first, end = _center_range(variant, interval, width=width, resolution=resolution)
        padded[: end - first] = np.arange(first, end)
    return padded.reshape(-1, block)


def _center_range(
    variant: Variant, interval: Interval, *, width: int | None, resolution: int
) -> tuple[int, int]:
    """Return (first bin, bin after the last)."""
    bins = interval.width // resolution
    if width is None:
        return 0, bins
    center = (variant.start - interval.start) // resolution
    size = -(-width // resolution)
    return max(center - size // 2, 0), min(center - size // 2 + size, bins)
