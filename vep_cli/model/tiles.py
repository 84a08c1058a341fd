"""A long sequence in tiles: which stretches are computed, and what is read for them.

The encoder and the decoder see a few hundred bases to each side and no further. Run on a tile with a
halo on both sides, they give the tile's own positions as a run on the whole sequence does. All windows
of one sequence have the same length, so that one compiled program serves them: at an end of the
sequence the window is moved inwards, not shortened, and the zeros beyond the end stay where they were.

Numbers are base pairs from the sequence's start, 0-based, half-open.
"""

import dataclasses

import numpy as np
from jaxtyping import Bool, Int32, UInt8

from vep_cli.model.config import TOKEN_SIZE, ModelConfig

HALO = 768
"""Base pairs to each side of a tile: the encoder reaches 513 bp, the decoder 762 bp, in whole tokens."""

ENCODER_REACH = 513
"""Base pairs from a changed base to the furthest base whose activations change."""

SMALL_TILE = 2048
"""What a substitution of up to 767 bases changes, wherever it lies in its token."""

DECODED_TILE = 8192
"""Base pairs of a tile of the decoder at most; a quarter as much is read around it."""

ENCODED_TILE = 65536
"""Base pairs of a tile of the encoder at most."""

_FEW_TILES = 4
"""Tiles that there is room for at least, so that one program serves a short mask wherever a border lies."""

MAX_ACTIVATIONS = 1 << 28
"""Values of one activation per base, over which a sequence is encoded in tiles: 1 GiB in float32."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Stretch:
    """A part of a sequence that is encoded in tiles of one size.

    Attributes:
        start: First base.
        tile: Base pairs of each tile.
        tiles: How many tiles; may be 0.
        capacity: Base pairs that there is room for, one of few values so that programs are few.
    """

    start: int
    tile: int
    tiles: int
    capacity: int

    @property
    def stop(self) -> int:
        """End of the stretch."""
        return self.start + self.tiles * self.tile


def tile_size(length: int, largest: int) -> int:
    """Return the largest tile of whole tokens up to `largest` bp that divides a sequence of `length` bp."""
    tokens = length // TOKEN_SIZE
    return TOKEN_SIZE * max(size for size in range(1, largest // TOKEN_SIZE + 1) if tokens % size == 0)


def whole_sequence(config: ModelConfig, length: int) -> Stretch:
    """Return a sequence as it is encoded: at once, or in tiles where its activations are too many."""
    fits = length * config.encoder_channels[0] <= MAX_ACTIVATIONS
    size = length if fits else tile_size(length, ENCODED_TILE)
    return Stretch(start=0, tile=size, tiles=length // size, capacity=length)


def changed_stretch(
    reference: UInt8[np.ndarray, " length"], alternate: UInt8[np.ndarray, " length"], tile: int
) -> Stretch:
    """Return the stretch whose activations may differ between two sequences.

    Args:
        reference: Letters of one.
        alternate: Letters of the other.
        tile: A size as `tile_size` gives, for long stretches.

    Returns:
        Without a difference, a stretch of no tile. Behind an indel nearly all letters differ, so that
        the stretch goes on to the end.
    """
    length = len(reference)
    small = min(SMALL_TILE, length)
    different = np.flatnonzero(reference != alternate)
    if len(different) == 0:
        return Stretch(start=0, tile=small, tiles=0, capacity=small)
    first = max(int(different[0]) - ENCODER_REACH, 0) // TOKEN_SIZE * TOKEN_SIZE
    end = min(int(different[-1]) + 1 + ENCODER_REACH, length)
    if end - first <= small:
        return Stretch(start=min(first, length - small), tile=small, tiles=1, capacity=small)
    tiles = -(-(end - first) // tile)
    capacity = tile * _capacity(tiles, length // tile)
    return Stretch(start=min(first, length - tiles * tile), tile=tile, tiles=tiles, capacity=capacity)


def decoded_tile(length: int) -> int:
    """Return the base pairs of the tiles that a sequence of `length` bp is decoded in."""
    return tile_size(length, DECODED_TILE)


def tiles_of_tokens(is_read: Bool[np.ndarray, " tokens"]) -> Bool[np.ndarray, " all_tiles"]:
    """Return which of the decoder's tiles have a token that is read."""
    per_tile = decoded_tile(len(is_read) * TOKEN_SIZE) // TOKEN_SIZE
    return np.logical_or.reduceat(is_read, np.arange(0, len(is_read), per_tile))


def decoded_tiles(is_read: Bool[np.ndarray, " all_tiles"]) -> tuple[Int32[np.ndarray, " capacity"], int]:
    """Return the numbers of the tiles that are read, padded to one of few sizes, and how many they are.

    Args:
        is_read: Whether each tile of the sequence is read.
    """
    numbers = np.flatnonzero(is_read)
    capacity = _FEW_TILES
    while capacity < len(numbers):
        capacity *= 4
    padded = np.zeros(min(capacity, len(is_read)), np.int32)
    padded[: len(numbers)] = numbers
    return padded, len(numbers)


def _capacity(tiles: int, of_sequence: int) -> int:
    """Return room for half the sequence, which is what an indel at its centre changes, or for all of it."""
    # A long deletion begins before the centre of its window.
    half = of_sequence // 2 + max(of_sequence // 16, 1)
    return half if tiles <= half < of_sequence else of_sequence
