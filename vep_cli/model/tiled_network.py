"""The network over a sequence whose activations per base would not fit in memory at once.

Encoder, decoder and heads run tile by tile, the transformer on the whole; what comes out is what
`network.predict_to_compare` gives. All of it is one program: tiles are an axis that `lax.map` goes along.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from vep_cli.model.config import BIN_SIZES, TOKEN_SIZE, ModelConfig
from vep_cli.model.embedders import Embeddings, embed_bases, embed_tokens
from vep_cli.model.layers import Parameters
from vep_cli.model.network import Features, decode, embed, encode, predict_heads, transform
from vep_cli.model.output_type import OutputType
from vep_cli.model.splice_sites import SpliceSites
from vep_cli.model.tiles import Tile, tiles_of

MAX_ACTIVATIONS = 1 << 28
"""Values of one activation per base, over which a sequence is computed in tiles: 1 GiB in float32."""

TILE_SIZE = 1 << 16
"""Base pairs of a tile at most."""


def needs_tiles(config: ModelConfig, length: int) -> bool:
    """Return whether a sequence of `length` bases is too long to be computed at once."""
    return length * config.encoder_channels[0] > MAX_ACTIVATIONS


def tile_size_for(length: int) -> int:
    """Return the largest tile up to `TILE_SIZE` that divides a sequence of `length` bases."""
    tokens = length // TOKEN_SIZE
    largest = TILE_SIZE // TOKEN_SIZE
    return TOKEN_SIZE * max(size for size in range(1, largest + 1) if tokens % size == 0)


def predict_to_compare_in_tiles(
    params: Parameters,
    sequence: Float[Array, "B S 4"],
    organism_index: Int[Array, " B"],
    config: ModelConfig,
    outputs: frozenset[OutputType],
    tile_size: int | None = None,
) -> dict[OutputType, Any]:
    """Return what `network.predict_to_compare` does, with one tile's memory for what is computed per base.

    For splice junctions the embedding of every base is kept whole.

    Args:
        params: As for `network.predict`.
        sequence: One-hot bases.
        organism_index: 0 human, 1 mouse.
        config: Sizes of the network.
        outputs: What to predict.
        tile_size: Base pairs of a tile; by default what `tile_size_for` gives.

    Raises:
        UsageError: The network does not take a sequence of this length, or the tiles do not divide it.
    """
    length = sequence.shape[1]
    config.check_length(length)
    tiles = tiles_of(length, tile_size or tile_size_for(length))
    features = encode_in_tiles(params, sequence, tiles)
    trunk = transform(params, features.tokens, organism_index, config)
    coarse = frozenset(output for output in outputs if output.resolution > 1)
    embeddings = embed(params, trunk, {}, organism_index, coarse)
    predictions: dict[OutputType, Any] = {}
    if coarse:
        predictions |= predict_heads(params, embeddings, organism_index, config, coarse)
    if coarse != outputs:
        predictions |= _predict_bases(
            params, trunk.tokens, features.skips, organism_index, config, outputs - coarse, tiles
        )
    return {output: predictions[output] for output in sorted(outputs)}


def encode_in_tiles(params: Parameters, sequence: Float[Array, "B S 4"], tiles: Sequence[Tile]) -> Features:
    """Return what `network.encode` does."""

    def encode_one(window: Mapping[int, Array]) -> dict[int, Array]:
        features = encode(params, window[1])
        return {**features.skips, TOKEN_SIZE: features.tokens}

    whole = _over_tiles(encode_one, {1: sequence}, tiles)
    return Features({bin_size: whole[bin_size] for bin_size in BIN_SIZES}, whole[TOKEN_SIZE])


def _predict_bases(
    params: Parameters,
    tokens: Float[Array, "B L D"],
    skips: Mapping[int, Array],
    organism_index: Int[Array, " B"],
    config: ModelConfig,
    outputs: frozenset[OutputType],
    tiles: Sequence[Tile],
) -> dict[OutputType, Any]:
    """Return the outputs that read the embedding of every base."""
    token_embedding = embed_tokens(params["embedders"]["token"], tokens, organism_index)
    channels = tokens.shape[-1]
    coarse = jnp.concatenate([tokens, token_embedding], axis=-1)
    with_junctions = OutputType.SPLICE_JUNCTIONS in outputs
    wanted = outputs - {OutputType.SPLICE_JUNCTIONS} | (
        {OutputType.SPLICE_SITES} if with_junctions else set()
    )

    def predict_one(window: Mapping[int, Array]) -> dict[int, Any]:
        token, embedding = window[TOKEN_SIZE][..., :channels], window[TOKEN_SIZE][..., channels:]
        decoded = decode(params, token, {size: window[size] for size in BIN_SIZES})
        base = embed_bases(params["embedders"]["base"], decoded, embedding, organism_index)
        embeddings = Embeddings(base=base, token=None, pair=None)
        predicted = predict_heads(params, embeddings, organism_index, config, frozenset(wanted))
        return {1: {"predicted": predicted, **({"base": base} if with_junctions else {})}}

    whole = _over_tiles(predict_one, {**skips, TOKEN_SIZE: coarse}, tiles)[1]
    predictions: dict[OutputType, Any] = whole["predicted"]
    if with_junctions:
        predictions[OutputType.SPLICE_JUNCTIONS] = SpliceSites(
            probabilities=predictions[OutputType.SPLICE_SITES], embedding=whole["base"]
        )
    return predictions


def _over_tiles(
    function: Callable[[Mapping[int, Array]], Mapping[int, Any]],
    values: Mapping[int, Float[Array, "B positions C"]],
    tiles: Sequence[Tile],
) -> dict[int, Any]:
    """Apply a function to each tile's window, and join the tiles' own parts of what it returns.

    Args:
        function: Takes windows and returns trees of arrays [B, positions, ...], both by bin size.
        values: Arrays of the whole sequence, by bin size.
        tiles: The sequence's tiles.
    """
    size = tiles[0].stop - tiles[0].start
    width = tiles[0].window_stop - tiles[0].window_start

    def run(place: tuple[Array, Array]) -> dict[int, Any]:
        start, offset = place
        windows = {
            bin_size: jax.lax.dynamic_slice_in_dim(whole, start // bin_size, width // bin_size, axis=1)
            for bin_size, whole in values.items()
        }
        return {
            bin_size: jax.tree.map(
                lambda part, bin_size=bin_size: jax.lax.dynamic_slice_in_dim(
                    part, offset // bin_size, size // bin_size, axis=1
                ),
                tree,
            )
            for bin_size, tree in function(windows).items()
        }

    starts = jnp.array([tile.window_start for tile in tiles])
    offsets = jnp.array([tile.start - tile.window_start for tile in tiles])
    joined: dict[int, Any] = jax.tree.map(_joined, jax.lax.map(run, (starts, offsets)))
    return joined


def _joined(parts: Float[Array, "tiles B positions ..."]) -> Float[Array, "B all_positions ..."]:
    by_batch = jnp.moveaxis(parts, 0, 1)
    return by_batch.reshape(by_batch.shape[0], -1, *by_batch.shape[3:])
