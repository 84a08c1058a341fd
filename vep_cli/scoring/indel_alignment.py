"""Line ALT predictions up with REF positions after an insertion or a deletion (MODEL_SPEC section 5).

Both sequences begin at the same base, so behind an indel the same base pair sits at different
indices. On the host, each REF position becomes the ALT position that it is compared with; on the
device, aligned values are gathered at those only, so that no aligned copy of 1 Mb is ever made.

An insertion has one spare stretch: its anchor base takes, per track, the maximum over itself and
the inserted bases. Deleted bases, and what fell off the window's end, read as zero.
The rule is exact for left-aligned variants. In a window on '-' all of it is mirrored; the official
scorers do so too, although by then predictions are in the order of '+' again.
"""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32, Int, Int32, Int64

from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.stretches import Stretches, take
from vep_cli.scoring.masks import NOWHERE, bucket

SHORT_INSERTION = 16
"""Positions of the smallest bucket of inserted bases."""


def alternate_positions(
    positions: Int64[np.ndarray, " positions"], variant: Variant, interval: Interval
) -> Int64[np.ndarray, " positions"]:
    """Return the ALT position that each REF position is compared with.

    Args:
        positions: Base pairs from the window's start, all within it.
        variant: The variant; one that begins outside the window changes nothing.
        interval: The window.

    Returns:
        Base pairs from the window's start, `NOWHERE` where ALT has no counterpart.
    """
    change = variant.length_change
    if change == 0 or not _begins_inside(variant, interval):
        return positions
    along = _mirrored(positions, interval)
    behind = along > _anchor(variant, interval)
    shifted = along + change * behind
    deleted = behind & (shifted <= _anchor(variant, interval))
    fell_off = along >= interval.width - max(change, 0)
    return np.where(deleted | fell_off, NOWHERE, _mirrored(shifted, interval))


def inserted_positions(variant: Variant, interval: Interval) -> Int32[np.ndarray, " padded"]:
    """Return the ALT positions whose maximum the anchor base takes.

    Args:
        variant: The variant.
        interval: The window.

    Returns:
        The anchor first, then the inserted bases, padded to a bucket with the anchor; nothing but
        `NOWHERE` where nothing is inserted, as many as for a short insertion, which so has the same programs.
    """
    anchor = _anchor(variant, interval)
    end = min(anchor + variant.length_change + 1, interval.width)
    inserted = np.arange(max(anchor, 0), end, dtype=np.int32)
    if variant.length_change <= 0 or not _begins_inside(variant, interval) or len(inserted) == 0:
        return np.full(SHORT_INSERTION, NOWHERE, np.int32)
    padded = np.full(bucket(len(inserted), smallest=SHORT_INSERTION), inserted[0], np.int32)
    padded[: len(inserted)] = inserted
    return _mirrored(padded, interval)


def gather(
    values: Float[Array, "positions tracks"] | Stretches, positions: Int[Array, "*shape"]
) -> Float32[Array, "*shape tracks"]:
    """Return the values at some positions in float32, zero at `NOWHERE`."""
    return take(values, positions).astype(jnp.float32)


def gather_aligned(
    alternate: Float[Array, "positions tracks"] | Stretches,
    positions: Int[Array, "*shape"],
    inserted: Int[Array, " inserted"],
) -> Float32[Array, "*shape tracks"]:
    """Return ALT values aligned to REF.

    Args:
        alternate: ALT predictions as the network gives them.
        positions: From `alternate_positions`.
        inserted: From `inserted_positions`.

    Returns:
        The value at each position; at the anchor of an insertion the maximum over the insertion.
    """
    # Without an insertion the "anchor" is NOWHERE, and both sides of the choice are zero there.
    maximum = gather(alternate, inserted).max(axis=0)
    at_anchor = (positions == inserted[0])[..., None]
    return jnp.where(at_anchor, maximum, gather(alternate, positions))


def _begins_inside(variant: Variant, interval: Interval) -> bool:
    return variant.chromosome == interval.chromosome and interval.start <= variant.start < interval.end


def _mirrored(positions: Int[np.ndarray, " positions"], interval: Interval) -> Int[np.ndarray, " positions"]:
    """Return the positions, counted from the window's other end where it is on '-'."""
    return interval.width - 1 - positions if interval.strand == "-" else positions


def _anchor(variant: Variant, interval: Interval) -> int:
    """Return the last base that both alleles have, from the window's start; -1 is possible."""
    shared = min(len(variant.reference_bases), len(variant.alternate_bases))
    return variant.start - interval.start + shared - 1
