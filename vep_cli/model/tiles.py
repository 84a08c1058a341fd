"""A long sequence in tiles, for what would not fit in memory at once.

The encoder and the decoder see a few hundred bases to each side and no further. Run on a tile with a
halo on both sides, they give the tile's own positions as a run on the whole sequence does. All windows
of one sequence have the same length, so that one compiled program serves them: at an end of the
sequence the window is moved inwards, not shortened, and the zeros beyond the end stay where they were.
"""

import dataclasses
from collections.abc import Callable, Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from vep_cli.errors import UsageError
from vep_cli.model.config import TOKEN_SIZE
from vep_cli.model.network import Features

HALO = 1024
"""Base pairs to each side of a tile: the encoder reaches 513 bp, the decoder 762 bp, in whole tokens."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tile:
    """A stretch of a sequence, in base pairs; 0-based, half-open.

    Attributes:
        start: First base that the tile gives.
        stop: End of what it gives.
        window_start: First base that is read for it.
        window_stop: End of what is read.
    """

    start: int
    stop: int
    window_start: int
    window_stop: int

    def window(self, values: Float[Array | np.ndarray, "B positions C"], bin_size: int) -> Array | np.ndarray:
        """Return what is read of a whole sequence's values, one per `bin_size` bases."""
        return values[:, self.window_start // bin_size : self.window_stop // bin_size]

    def core(self, values: Float[Array | np.ndarray, "B positions C"], bin_size: int) -> Array | np.ndarray:
        """Return the tile's own part of what was computed for its window."""
        return values[
            :, (self.start - self.window_start) // bin_size : (self.stop - self.window_start) // bin_size
        ]

    def own(self, bin_size: int) -> slice:
        """Return where the tile's own positions lie in the whole sequence."""
        return slice(self.start // bin_size, self.stop // bin_size)


def tiles_of(length: int, size: int) -> tuple[Tile, ...]:
    """Return the tiles of a sequence, in order.

    Args:
        length: Of the sequence, in bases.
        size: Of a tile; a divisor of `length` in whole tokens. One tile needs no halo.

    Raises:
        UsageError: The tiles do not divide the sequence.
    """
    if size <= 0 or length % size or size % TOKEN_SIZE:
        raise UsageError(
            f"a sequence of {length} bp cannot be cut into tiles of {size} bp",
            remedy=f"choose a divisor of {length} that is a multiple of {TOKEN_SIZE}",
        )
    window = min(length, size + 2 * HALO)
    starts = range(0, length, size)
    return tuple(
        Tile(start=start, stop=start + size, window_start=window_start, window_stop=window_start + window)
        for start in starts
        for window_start in [min(max(start - HALO, 0), length - window)]
    )


def encode_in_tiles(
    encode: Callable[[Array], Features], sequence: Float[np.ndarray, "B S 4"], tiles: Sequence[Tile]
) -> dict[int, np.ndarray]:
    """Return the encoder's activations of a whole sequence by bin size, the tokens' last.

    They are kept in the host's memory.

    Args:
        encode: `network.encode` of a window.
        sequence: One-hot bases.
        tiles: The sequence's tiles.
    """
    whole: dict[int, np.ndarray] = {}
    for tile in tiles:
        features = encode(jnp.asarray(tile.window(sequence, 1)))
        for bin_size, values in {**features.skips, TOKEN_SIZE: features.tokens}.items():
            core = np.asarray(tile.core(values, bin_size))
            if bin_size not in whole:
                batch, _, channels = core.shape
                whole[bin_size] = np.empty((batch, sequence.shape[1] // bin_size, channels), core.dtype)
            whole[bin_size][:, tile.own(bin_size)] = core
    return whole
