"""Values per base of some parts of a sequence, read by position as if all of it were there."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Int32

from vep_cli.model.config import TOKEN_SIZE


class Stretches(NamedTuple):
    """What was computed of a sequence.

    Attributes:
        values: Of the bases of some tokens, one token after the other.
        place: Which of those tokens each token of the sequence is, -1 where it was not computed.
    """

    values: Float[Array, "bases channels"]
    place: Int[Array, " tokens"]


def take(values: Float[Array, "bases channels"] | Stretches, positions: Int[Array, "*shape"]) -> Array:
    """Return the values at some positions, zero at positions beyond the sequence.

    Args:
        values: Of each base of a sequence, or of some.
        positions: Not negative.

    Returns:
        [*shape, channels] in the type of the values; NaN where nothing was computed, so that a mistake
        about what is read shows.
    """
    if not isinstance(values, Stretches):
        return values.at[positions].get(mode="fill", fill_value=0)
    beyond = values.values.shape[0] // TOKEN_SIZE
    token = values.place.at[positions // TOKEN_SIZE].get(mode="fill", fill_value=beyond)
    found = values.values.at[jnp.maximum(token, 0) * TOKEN_SIZE + positions % TOKEN_SIZE].get(
        mode="fill", fill_value=0
    )
    return jnp.where((token < 0)[..., None], jnp.nan, found)


def held_positions(values: Float[Array, "bases channels"] | Stretches) -> Int32[Array, " bases"]:
    """Return the position in the sequence of each base that there are values of, -1 for room left over."""
    if not isinstance(values, Stretches):
        return jnp.arange(len(values), dtype=jnp.int32)
    tokens, room = len(values.place), values.values.shape[0] // TOKEN_SIZE
    slots = jnp.where(values.place >= 0, values.place, room)
    token = jnp.full(room, -1, jnp.int32).at[slots].set(jnp.arange(tokens, dtype=jnp.int32), mode="drop")
    positions = token[:, None] * TOKEN_SIZE + jnp.arange(TOKEN_SIZE, dtype=jnp.int32)
    return jnp.where(token[:, None] < 0, -1, positions).ravel()


def dense(
    values: Float[Array | np.ndarray, "*bins channels"] | Stretches,
) -> Float[Array | np.ndarray, "*bins channels"]:
    """Return values as they are, of stretches what they hold: in order, if they hold every token."""
    return values.values if isinstance(values, Stretches) else values


def places(tiles: Int[np.ndarray, " tiles"], tile: int, length: int) -> Int32[np.ndarray, " tokens"]:
    """Return `Stretches.place` of a sequence of `length` bp, of which tiles of `tile` bp are computed."""
    per_tile = tile // TOKEN_SIZE
    place = np.full((length // tile, per_tile), -1, np.int32)
    place[tiles] = np.arange(len(tiles) * per_tile).reshape(-1, per_tile)
    return place.ravel()
