"""The network, cut where inference needs it cut (MODEL_SPEC section 2).

Arrays have a leading batch axis. S is bases, L tokens of 128 bp, P pair positions of 2,048 bp.
Every function but `transform` also works on a stretch of the sequence (see `convolutions`), and every
function on one part of a sequence that several devices share (see `parts` and `sharded_network`).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Float32, Int

from vep_cli.model.attention import attention, attention_bias, mlp
from vep_cli.model.config import BIN_SIZES, TOKEN_SIZE, ModelConfig
from vep_cli.model.convolutions import down_block, stem, up_block
from vep_cli.model.embedders import Embeddings, embed_bases, embed_pairs, embed_tokens
from vep_cli.model.heads import predict_head, present
from vep_cli.model.layers import Parameters, max_pool, organism_embedding, rounded
from vep_cli.model.output_type import OutputType
from vep_cli.model.pair import pair_update
from vep_cli.model.parts import WHOLE, Part
from vep_cli.model.splice_sites import SpliceSites


class Features(NamedTuple):
    """The encoder's activations: `skips` by bin size, [B, S / bin size, C], and `tokens`, [B, L, D]."""

    skips: Mapping[int, Array]
    tokens: Array


class Trunk(NamedTuple):
    """The transformer's activations: `tokens` [B, L, D] and `pair` [B, P, P, F], of a part its rows."""

    tokens: Array
    pair: Array


def encode(params: Parameters, sequence: Float[Array, "B S 4"], part: Part = WHOLE) -> Features:
    """Return the encoder's activations of one-hot bases (A, C, G, T; zeros for N)."""
    skips = {1: stem(params["encoder"]["bin_1"], part.widened(sequence, 1))}
    for bin_size in BIN_SIZES[1:]:
        skips[bin_size] = down_block(params["encoder"][f"bin_{bin_size}"], max_pool(skips[bin_size // 2]))
    tokens = part.narrowed(max_pool(skips[BIN_SIZES[-1]]), TOKEN_SIZE)
    return Features({bin_size: part.narrowed(skips[bin_size], bin_size) for bin_size in BIN_SIZES}, tokens)


def transform(
    params: Parameters,
    tokens: Float[Array, "B L D"],
    organism_index: Int[Array, " B"],
    config: ModelConfig,
    part: Part = WHOLE,
) -> Trunk:
    """Return the transformer's activations; they depend on every token."""
    batch, rows = tokens.shape[0], tokens.shape[1] // config.pair_pooling
    no_pair = jnp.zeros((batch, rows, rows * part.count, config.pair_channels), tokens.dtype)
    trunk = Trunk(organism_embedding(params["organism"], tokens, organism_index), no_pair)
    for block in range(config.tower_blocks):
        trunk = transform_block(params["tower"][f"block_{block}"], trunk, config, part)
    return trunk


def transform_block(params: Parameters, trunk: Trunk, config: ModelConfig, part: Part = WHOLE) -> Trunk:
    """Return the activations after one transformer block, whose parameters `params` are."""
    tokens, pair = trunk
    if "pair_update" in params:
        pooling, most = config.pair_pooling, config.max_positions
        pair = pair_update(params["pair_update"], tokens, pair, pooling, most, part)
    bias = attention_bias(params["attention_bias"], pair)
    tokens += attention(params["attention"], tokens, bias, config.max_positions, part=part)
    return Trunk(tokens + mlp(params["mlp"], tokens), pair)


def decode(
    params: Parameters, tokens: Float[Array, "B L D"], skips: Mapping[int, Array], part: Part = WHOLE
) -> Float[Array, "B S C"]:
    """Return the decoder's activations per base, from the transformer's tokens and the encoder's skips."""
    activations = part.widened(tokens, TOKEN_SIZE)
    for bin_size in reversed(BIN_SIZES):
        skip = part.widened(skips[bin_size], bin_size)
        activations = up_block(params["decoder"][f"bin_{bin_size}"], activations, skip)
    return part.narrowed(activations, 1)


def embed(
    params: Parameters,
    trunk: Trunk,
    skips: Mapping[int, Array],
    organism_index: Int[Array, " B"],
    outputs: frozenset[OutputType],
    part: Part = WHOLE,
) -> Embeddings:
    """Return the embeddings that the heads of `outputs` read; the decoder runs only if one reads bases."""
    embedders = params["embedders"]
    resolutions = {output.resolution for output in outputs}
    embeddings = Embeddings(base=None, token=None, pair=None)
    if resolutions & {1, TOKEN_SIZE}:
        token = embed_tokens(embedders["token"], trunk.tokens, organism_index)
        embeddings = embeddings._replace(token=token)
        if 1 in resolutions:
            decoded = decode(params, trunk.tokens, skips, part)
            base = embed_bases(embedders["base"], decoded, token, organism_index)
            embeddings = embeddings._replace(base=base)
    if OutputType.CONTACT_MAPS in outputs:
        pair = embed_pairs(embedders["pair"], trunk.pair, organism_index, part)
        embeddings = embeddings._replace(pair=pair)
    return embeddings


def predict(
    params: Parameters,
    sequence: Float[Array, "B S 4"],
    organism_index: Int[Array, " B"],
    config: ModelConfig,
    outputs: frozenset[OutputType],
) -> dict[OutputType, Float32[Array, "B *positions tracks"]]:
    """Return predictions as the experiments report them, each at `output.resolution`.

    Args:
        params: As `parameters.load` gives them, with track means (`parameters.with_track_means`), in the type
            to compute in (`precision.cast_parameters`).
        sequence: One-hot bases; the length is one that `config.check_length` accepts.
        organism_index: 0 human, 1 mouse.
        config: Sizes of the network.
        outputs: What to predict.

    Returns:
        Predictions in float32, rounded to the type of the parameters.

    Raises:
        UsageError: The network does not take a sequence of this length.
    """
    config.check_length(sequence.shape[1])
    embeddings = embed_sequence(params, sequence, organism_index, config, outputs)
    return predict_heads(params, embeddings, organism_index, config, outputs)


def predict_to_compare(
    params: Parameters,
    sequence: Float[Array, "B S 4"],
    organism_index: Int[Array, " B"],
    config: ModelConfig,
    outputs: frozenset[OutputType],
) -> dict[OutputType, Any]:
    """Return what `predict` does, for comparing alleles: with `SpliceSites` in place of splice junctions.

    Which junctions are predicted depends on both alleles, so that neither's can be predicted alone.
    """
    config.check_length(sequence.shape[1])
    embeddings = embed_sequence(params, sequence, organism_index, config, outputs)
    if OutputType.SPLICE_JUNCTIONS not in outputs:
        return dict(predict_heads(params, embeddings, organism_index, config, outputs))
    others = outputs - {OutputType.SPLICE_JUNCTIONS}
    with_sites = others | {OutputType.SPLICE_SITES}
    predicted = predict_heads(params, embeddings, organism_index, config, with_sites)
    predictions: dict[OutputType, Any] = {output: predicted[output] for output in sorted(others)}
    predictions[OutputType.SPLICE_JUNCTIONS] = SpliceSites(
        probabilities=predicted[OutputType.SPLICE_SITES], embedding=present(embeddings.base)
    )
    return predictions


def embed_sequence(
    params: Parameters,
    sequence: Float[Array, "B S 4"],
    organism_index: Int[Array, " B"],
    config: ModelConfig,
    outputs: frozenset[OutputType],
    part: Part = WHOLE,
) -> Embeddings:
    """Return the embeddings that the heads of `outputs` read, from one-hot bases."""
    features = encode(params, sequence, part)
    trunk = transform(params, features.tokens, organism_index, config, part)
    return embed(params, trunk, features.skips, organism_index, outputs, part)


def predict_heads(
    params: Parameters,
    embeddings: Embeddings,
    organism_index: Int[Array, " B"],
    config: ModelConfig,
    outputs: frozenset[OutputType],
) -> dict[OutputType, Float32[Array, "B *positions tracks"]]:
    """Return what `predict` does, from the embeddings that the heads of `outputs` read; at least one."""
    computed_in = jax.tree.leaves(embeddings)[0].dtype
    predictions = {
        output: predict_head(output, params["heads"], embeddings, organism_index, config)
        for output in sorted(outputs)
    }
    return {output: rounded(values, computed_in) for output, values in predictions.items()}
