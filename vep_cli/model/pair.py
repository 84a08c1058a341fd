"""Pair activations: what each 2,048 bp of the sequence has to do with each other (MODEL_SPEC section 2).

Axis 1 of a pair array is the query position, axis 2 the key position.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32

from vep_cli.model.attention import averaged, rows_per_block
from vep_cli.model.layers import (
    Parameters,
    contract,
    contract_in_float32,
    gelu_tanh,
    linear,
    mean_pool,
    rms_norm,
)
from vep_cli.model.parts import WHOLE, Part

MAX_ROW_LOGITS = 2**20
"""Most logits of rows computed at a time: with so few channels, what takes time is to read and write them."""


def distance_features(
    pair_positions: int, features: int, max_pair_positions: int
) -> Float32[np.ndarray, "{2*pair_positions} {features}"]:
    """Return what the network sees of the distances -n .. n-1 between n pair positions.

    Half of the features say whether the distance is shorter than a width, the widths growing
    geometrically; the other half are the same with the distance's sign.

    Args:
        pair_positions: n.
        features: Number of features; even.
        max_pair_positions: Pair positions of the longest sequence; it sets the widths.
    """
    count = features // 2
    widths = np.arange(count) + np.geomspace(1, max_pair_positions - count + 1, count, endpoint=False)
    distances = np.arange(-pair_positions, pair_positions)[:, None]
    within = (widths > np.abs(distances)).astype(np.float32)
    return np.concatenate([within, np.sign(distances).astype(np.float32) * within], -1)


def relative_shift(x: Float[Array, "B H rows width"]) -> Float[Array, "B H rows width-rows"]:
    """Return `x[..., q, rows + k - q]` at [..., q, k]: values by distance become values by position."""
    batch, heads, rows, width = x.shape
    # Dropping a value per row makes each one shorter than it was, so that they start one step earlier each.
    skewed = x.reshape(batch, heads, -1)[..., rows:].reshape(batch, heads, rows, width - 1)
    return skewed[..., : width - rows]


def sequence_to_pair(
    params: Parameters,
    tokens: Float[Array, "B L D"],
    pooling: int,
    max_positions: int,
    part: Part = WHOLE,
) -> Float[Array, "B R P F"]:
    """Return pair activations made from the tokens.

    Args:
        params: The block's parameters.
        tokens: Activations per 128 bp.
        pooling: Tokens per pair position.
        max_positions: Tokens of the longest sequence.
        part: Which tokens these are; they are the queries, and keys are all of the sequence.
    """
    pooled = rms_norm(params["norm"], mean_pool(tokens, pooling))
    everywhere = part.gathered(pooled)
    batch, rows, _ = pooled.shape
    pairs = everywhere.shape[1]
    heads, size = params["query_bias"].shape
    queries = linear(params["query"], pooled).reshape(batch, rows, heads, size)
    keys = linear(params["key"], everywhere).reshape(batch, pairs, heads, size)
    inputs = params["position"]["weight"].shape[0]
    features = jnp.asarray(distance_features(pairs, inputs, max_positions // pooling), pooled.dtype)
    distances = linear(params["position"], features).reshape(2 * pairs, heads, size)
    first = part.start(rows)
    # The distances k - q of the rows q from `first` on, and then q - k.
    to_keys = jax.lax.dynamic_slice_in_dim(distances, pairs - rows - first, rows + pairs)
    to_queries = jax.lax.dynamic_slice_in_dim(distances, first, rows + pairs)
    by_query = relative_shift(contract("bqhc,dhc->bhqd", queries + params["query_bias"], to_keys))
    by_key = relative_shift(contract("bkhc,dhc->bhkd", keys + params["key_bias"], to_queries))
    logits = contract("bqhc,bkhc->bhqk", queries, keys) + 0.5 * (by_query + by_key.swapaxes(2, 3))
    from_query = linear(params["output_query"], gelu_tanh(pooled))[:, :, None]
    from_key = linear(params["output_key"], gelu_tanh(everywhere))[:, None]
    return linear(params["output"], jnp.moveaxis(logits, 1, 3)) + from_query + from_key


def row_attention(
    params: Parameters, pair: Float[Array, "B R P F"], max_logits: int = MAX_ROW_LOGITS
) -> Float[Array, "B R P F"]:
    """Return attention within each row of the pair activations, without the residual.

    Args:
        params: The block's parameters.
        pair: Pair activations.
        max_logits: Bound on the logits held at a time.
    """
    batch, rows, columns, channels = pair.shape
    block = rows_per_block(rows, batch * columns * columns, max_logits)
    if block == rows:
        return _attend_within_rows(params, pair)
    blocks = pair.reshape(batch, rows // block, block, columns, channels).swapaxes(0, 1)
    mixed = jax.lax.map(lambda block_rows: _attend_within_rows(params, block_rows), blocks)
    return jnp.reshape(mixed.swapaxes(0, 1), pair.shape)


def _attend_within_rows(params: Parameters, pair: Float[Array, "B R P F"]) -> Float[Array, "B R P F"]:
    normed = rms_norm(params["norm"], pair)
    queries, keys, values = (linear(params[name], normed) for name in ("query", "key", "value"))
    logits = contract_in_float32("bpqf,bpkf->bpqk", queries, keys) / jnp.sqrt(queries.shape[-1])
    weights = jnp.exp(logits - logits.max(-1, keepdims=True))
    return averaged("bpqk,bpkf->bpqf", weights, values)


def pair_mlp(params: Parameters, pair: Float[Array, "B R P F"]) -> Float[Array, "B R P F"]:
    """Return the pair activations' multi-layer perceptron, without the residual."""
    hidden = linear(params["hidden"], rms_norm(params["norm"], pair))
    return linear(params["output"], jax.nn.relu(hidden))


def pair_update(
    params: Parameters,
    tokens: Float[Array, "B L D"],
    pair: Float[Array, "B R P F"],
    pooling: int,
    max_positions: int,
    part: Part = WHOLE,
) -> Float[Array, "B R P F"]:
    """Return the pair activations after one update from the tokens; before the first they are zeros.

    `pair` has the rows of the tokens' part; its rows do not read one another.
    """
    updated = pair + sequence_to_pair(params["sequence_to_pair"], tokens, pooling, max_positions, part)
    updated += row_attention(params["row_attention"], updated)
    return updated + pair_mlp(params["mlp"], updated)
