"""The network in parts: REF's encoder once, of ALT what differs, and per base only what is read.

An ALT allele's encoder activations are those of REF but for a patch: a few kilobases around a
substitution, everything behind an indel. The transformer sees the whole sequence and is computed anew.
Decoder and heads run for the tiles that are read. All of it gives what `network.predict_to_compare`
does, but for the rounding of float32.

A leading axis of length 1 stands for the batch of `network`: one sequence is computed at a time, so
that a score cannot depend on what happens to be computed together with it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, UInt8

from vep_cli.model.config import BIN_SIZES, TOKEN_SIZE, ModelConfig
from vep_cli.model.embedders import Embeddings, embed_bases, embed_tokens
from vep_cli.model.layers import Parameters
from vep_cli.model.network import Features, Trunk, decode, embed, encode, predict_heads
from vep_cli.model.one_hot import one_hot
from vep_cli.model.output_type import OutputType
from vep_cli.model.splice_sites import SpliceSites
from vep_cli.model.stretches import Stretches
from vep_cli.model.tiles import HALO

Activations = Mapping[int, Array]
"""The encoder's activations [1, positions, C] by bin size: the skips, and the tokens at `TOKEN_SIZE`."""


class Encoded(NamedTuple):
    """The encoder's activations of a stretch of a sequence.

    Attributes:
        start: First base, at a token.
        stop: End of the stretch; what lies behind it in the arrays means nothing.
        activations: Of the stretch, and whatever room was left behind it.
    """

    start: Int[Array, ""]
    stop: Int[Array, ""]
    activations: Activations


def encode_stretch(
    params: Parameters,
    letters: UInt8[Array, "1 S"],
    start: Int[Array, ""],
    tiles: Int[Array, ""],
    *,
    tile: int,
    capacity: int,
) -> Encoded:
    """Return what `network.encode` gives for a stretch, computed tile by tile.

    Args:
        params: Of the network.
        letters: Of the whole sequence, as `one_hot` takes them.
        start: First base of the stretch, at a token.
        tiles: How many tiles; may be 0.
        tile: Base pairs of each; whole tokens.
        capacity: Base pairs to make room for.
    """
    length = letters.shape[1]
    width = min(length, tile + 2 * HALO)

    def encode_letters(own: UInt8[Array, "1 W"]) -> Features:
        return encode(params, one_hot(own))

    def encode_tile(number: Int[Array, ""], room: Activations) -> Activations:
        own_start = start + number * tile
        window_start = jnp.clip(own_start - HALO, 0, length - width)
        features = encode_letters(jax.lax.dynamic_slice_in_dim(letters, window_start, width, axis=1))
        windows = {**features.skips, TOKEN_SIZE: features.tokens}
        return {
            bin_size: _put(
                room[bin_size], _part(windows[bin_size], own_start - window_start, tile, bin_size), number
            )
            for bin_size in room
        }

    shapes = jax.eval_shape(encode_letters, letters)
    room = {
        bin_size: jnp.zeros((1, capacity // bin_size, values.shape[-1]), values.dtype)
        for bin_size, values in {**shapes.skips, TOKEN_SIZE: shapes.tokens}.items()
    }
    filled: Activations = jax.lax.fori_loop(0, tiles, encode_tile, room)
    return Encoded(start, start + tiles * tile, filled)


def patched_tokens(reference: Float[Array, "1 L D"], patch: Encoded) -> Float[Array, "1 L D"]:
    """Return the encoder's tokens of an allele that differs from REF, whose tokens are given, by `patch`."""
    length = reference.shape[1] * TOKEN_SIZE
    return _overlaid_bins(reference, patch, jnp.zeros((), jnp.int32), length, TOKEN_SIZE)


def predict_coarse(
    params: Parameters,
    trunk: Trunk,
    organism_index: Int[Array, " 1"],
    config: ModelConfig,
    outputs: frozenset[OutputType],
) -> dict[OutputType, Array]:
    """Return `outputs`, none of which is predicted per base: [bins, tracks] or [bins, bins, tracks]."""
    if not outputs:
        return {}
    embeddings = embed(params, trunk, {}, organism_index, outputs)
    predicted = predict_heads(params, embeddings, organism_index, config, outputs)
    return {output: values[0] for output, values in predicted.items()}


def predict_tiles(
    params: Parameters,
    tokens: Float[Array, "1 L D"],
    reference: Activations,
    patch: Encoded,
    numbers: Int[Array, " room"],
    tiles: Int[Array, ""],
    place: Int[Array, " L"],
    organism_index: Int[Array, " 1"],
    *,
    tile: int,
    config: ModelConfig,
    outputs: frozenset[OutputType],
) -> dict[OutputType, Any]:
    """Return the outputs that are predicted per base, as `Stretches`.

    Args:
        params: As for `network.predict`.
        tokens: The transformer's.
        reference: REF's encoder activations.
        patch: The allele's.
        numbers: Numbers of the tiles to compute, and padding.
        tiles: How many of them are not padding.
        place: See `Stretches`.
        organism_index: 0 human, 1 mouse.
        tile: Base pairs of a tile.
        config: Sizes of the network.
        outputs: What to predict; splice junctions come as `SpliceSites` of stretches.
    """
    if not outputs:
        return {}
    length = reference[1].shape[1]
    width = min(length, tile + 2 * HALO)
    token_embedding = embed_tokens(params["embedders"]["token"], tokens, organism_index)

    def predict_tile(number: Int[Array, ""]) -> dict[str, Array]:
        own_start = number * tile
        window_start = jnp.clip(own_start - HALO, 0, length - width)
        token, embedding = (
            _part(values, window_start, width, TOKEN_SIZE) for values in (tokens, token_embedding)
        )
        decoded = decode(params, token, _overlaid(reference, patch, window_start, width))
        base = embed_bases(params["embedders"]["base"], decoded, embedding, organism_index)
        base = _part(base, own_start - window_start, tile, 1)
        return _predict_bases(params, base, organism_index, config, outputs)

    room = jax.tree.map(
        lambda one: jnp.zeros((1, len(numbers) * tile, one.shape[-1]), one.dtype),
        jax.eval_shape(predict_tile, numbers[0]),
    )

    def fill(slot: Int[Array, ""], room: dict[str, Array]) -> dict[str, Array]:
        return {name: _put(room[name], part, slot) for name, part in predict_tile(numbers[slot]).items()}

    filled = jax.lax.fori_loop(0, tiles, fill, room)
    stretches = {name: Stretches(values=values[0], place=place) for name, values in filled.items()}
    return {output: _named(stretches, output) for output in sorted(outputs)}


_EMBEDDING = "embedding"


def _predict_bases(
    params: Parameters,
    base: Float[Array, "1 bases E"],
    organism_index: Int[Array, " 1"],
    config: ModelConfig,
    outputs: frozenset[OutputType],
) -> dict[str, Array]:
    """Return the predictions, and for junctions what they are made of."""
    with_junctions = OutputType.SPLICE_JUNCTIONS in outputs
    wanted = outputs - {OutputType.SPLICE_JUNCTIONS} | (
        {OutputType.SPLICE_SITES} if with_junctions else set()
    )
    embeddings = Embeddings(base=base, token=None, pair=None)
    predicted = predict_heads(params, embeddings, organism_index, config, frozenset(wanted))
    by_name = {output.value: values for output, values in predicted.items()}
    return by_name | ({_EMBEDDING: base} if with_junctions else {})


def _named(stretches: Mapping[str, Stretches], output: OutputType) -> Stretches | SpliceSites:
    if output is not OutputType.SPLICE_JUNCTIONS:
        return stretches[output.value]
    return SpliceSites(
        probabilities=stretches[OutputType.SPLICE_SITES.value], embedding=stretches[_EMBEDDING]
    )


def _overlaid(reference: Activations, patch: Encoded, start: Int[Array, ""], width: int) -> dict[int, Array]:
    """Return a window of an allele's skips: the patch's where it reaches, else REF's."""
    return {
        bin_size: _overlaid_bins(reference[bin_size], patch, start, width, bin_size) for bin_size in BIN_SIZES
    }


def _overlaid_bins(
    reference: Float[Array, "1 positions C"], patch: Encoded, start: Int[Array, ""], width: int, bin_size: int
) -> Float[Array, "1 window C"]:
    window = _part(reference, start, width, bin_size)
    position = start // bin_size + jnp.arange(width // bin_size)
    is_patched = (position >= patch.start // bin_size) & (position < patch.stop // bin_size)
    values = patch.activations[bin_size]
    place = jnp.clip(position - patch.start // bin_size, 0, values.shape[1] - 1)
    return jnp.where(is_patched[:, None], values[:, place], window)


def _part(
    values: Float[Array, "1 positions C"], start: Int[Array, ""], width: int, bin_size: int
) -> Float[Array, "1 part C"]:
    """Return `width` base pairs of values, one per `bin_size`, from base `start` on."""
    part: Array = jax.lax.dynamic_slice_in_dim(values, start // bin_size, width // bin_size, axis=1)
    return part


def _put(
    room: Float[Array, "1 room C"], part: Float[Array, "1 part C"], slot: Int[Array, ""]
) -> Float[Array, "1 room C"]:
    filled: Array = jax.lax.dynamic_update_slice_in_dim(room, part, slot * part.shape[1], axis=1)
    return filled
