"""The transformer's attention over tokens and its multi-layer perceptron (MODEL_SPEC section 2).

Logits for a whole 1 Mb interval would be [heads, 8192, 8192]. They are computed for a block of
query rows at a time; each row's sums run in the same order either way.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Float32

from vep_cli.model.layers import (
    Parameters,
    batch_norm,
    contract_in_float32,
    gelu_tanh,
    layer_norm,
    linear,
    rotary_angles,
    rotate,
)
from vep_cli.model.parts import WHOLE, Part

SOFT_CAP = 5.0
"""Attention logits are squeezed into (-SOFT_CAP, SOFT_CAP)."""

MAX_LOGITS = 2**22
"""Most logits computed at a time: few enough for a processor's cache, enough to keep a GPU busy."""


def rows_per_block(rows: int, logits_per_row: int, max_logits: int) -> int:
    """Return the largest divisor of `rows` whose logits number at most `max_logits`, or 1."""
    most = max(1, max_logits // logits_per_row)
    return next(size for size in range(min(rows, most), 0, -1) if rows % size == 0)


def attention_bias(params: Parameters, pair: Float[Array, "B R P F"]) -> Float[Array, "B R H P"]:
    """Return the heads' logit offsets for each query and key pair position."""
    bias = linear(params["output"], gelu_tanh(batch_norm(params["norm"], pair)))
    return bias.swapaxes(2, 3)


def attention(
    params: Parameters,
    tokens: Float[Array, "B Q D"],
    bias: Float[Array, "B R H P"],
    max_positions: int,
    max_logits: int = MAX_LOGITS,
    part: Part = WHOLE,
) -> Float[Array, "B Q D"]:
    """Return multi-head attention of the tokens to all tokens of the sequence, without the residual.

    Args:
        params: The block's parameters.
        tokens: Activations of the part; positions count from the sequence's start.
        bias: Added to the logits of every token of a pair position alike, by the part's query positions.
        max_positions: Positions that the rotary frequencies are spread over.
        max_logits: Bound on the logits held at a time.
        part: Which tokens these are. Only keys and values pass between parts: one head's, whatever
            the number of the queries'.
    """
    batch, length, _ = tokens.shape
    heads = bias.shape[2]
    normed = batch_norm(params["input_norm"], tokens)
    queries = linear(params["query"], normed).reshape(batch, length, heads, -1)
    queries = layer_norm(params["query_norm"], queries)
    keys = layer_norm(params["key_norm"], linear(params["key"], normed))
    values = layer_norm(params["value_norm"], linear(params["value"], normed))
    positions = part.start(length) + jnp.arange(length)
    cosines, sines = rotary_angles(positions, keys.shape[-1], max_positions, tokens.dtype)
    queries = rotate(queries, cosines[:, None], sines[:, None])
    keys = part.gathered(rotate(keys, cosines, sines))
    mixed = attend(queries, keys, part.gathered(values), bias, max_logits)
    output = linear(params["output"], mixed.reshape(batch, length, -1))
    return batch_norm(params["output_norm"], output)


def attend(
    queries: Float[Array, "B Q H K"],
    keys: Float[Array, "B L K"],
    values: Float[Array, "B L V"],
    bias: Float[Array, "B R H P"],
    max_logits: int,
) -> Float[Array, "B Q H V"]:
    """Return the heads' values, in blocks of the query rows of whole pair positions."""
    batch, length, heads, key_size = queries.shape
    rows = bias.shape[1]
    block = rows_per_block(rows, batch * heads * keys.shape[1] * (length // rows), max_logits)
    if block == rows:
        return _attend_rows(queries, keys, values, bias)
    blocked_queries = queries.reshape(batch, rows // block, -1, heads, key_size).swapaxes(0, 1)
    blocked_bias = bias.reshape(batch, rows // block, block, heads, -1).swapaxes(0, 1)
    mixed = jax.lax.map(
        lambda of_rows: _attend_rows(of_rows[0], keys, values, of_rows[1]), (blocked_queries, blocked_bias)
    )
    return jnp.reshape(mixed.swapaxes(0, 1), (batch, length, heads, -1))


def _attend_rows(
    queries: Float[Array, "B Q H K"],
    keys: Float[Array, "B L K"],
    values: Float[Array, "B L V"],
    bias: Float[Array, "B R H P"],
) -> Float[Array, "B Q H V"]:
    batch, pair_rows, heads, pairs = bias.shape
    logits = contract_in_float32("bqhk,blk->bqhl", queries, keys) / jnp.sqrt(keys.shape[-1])
    # A pair position's offset holds for all its tokens: broadcasting it spares a copy as large as the logits.
    cells = logits.reshape(batch, pair_rows, -1, heads, pairs, keys.shape[1] // pairs)
    cells = SOFT_CAP * jnp.tanh((cells + bias[:, :, None, :, :, None]) / SOFT_CAP)
    # Capped logits cannot overflow, so that no row's maximum has to be looked for first.
    return averaged("bqhl,blv->bqhv", jnp.exp(cells).reshape(logits.shape), values)


def averaged(
    subscripts: str, weights: Float32[Array, "..."], values: Float[Array, "... V"]
) -> Float[Array, "... V"]:
    """Return the values' averages, as softmax has it, whose weights need not sum to 1.

    A column of ones beside the values gives the sums of the weights in the same product, where sums and
    quotients of their own would each read all weights again.

    Args:
        subscripts: Of `einsum` for weights and values; the last axis of the values is the last of the result.
        weights: Above 0; the logits' exponentials, less a constant for each average.
        values: What is averaged.
    """
    counted = jnp.concatenate([values, jnp.ones_like(values[..., :1])], axis=-1)
    sums = contract_in_float32(subscripts, weights.astype(values.dtype), counted)
    return (sums[..., :-1] / sums[..., -1:]).astype(values.dtype)


def mlp(params: Parameters, tokens: Float[Array, "B L D"]) -> Float[Array, "B L D"]:
    """Return the transformer's multi-layer perceptron, without the residual."""
    hidden = linear(params["hidden"], batch_norm(params["input_norm"], tokens))
    output = linear(params["output"], jax.nn.relu(hidden))
    return batch_norm(params["output_norm"], output)
