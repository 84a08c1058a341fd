"""The small operations that every part of the network is made of (MODEL_SPEC section 1).

Pure functions over arrays whose last axis is channels. Parameters are nested dicts; a layer's
own dict holds the leaves that its function names.

Activations have the type of the parameters. Where that is bfloat16, what loses most by it is
computed in float32 all the same (MODEL_SPEC section 4): the statistics of layer norms, the sums of
attention and of the heads' linear maps, and everything after the latter.
"""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike
from jaxtyping import Array, Float, Float32, Int

Parameters = Mapping[str, Any]
"""A nested dict of arrays."""

MOVING_VARIANCE = "moving_variance"
"""The leaf of a batch norm that is being trained, in the place of `variance`."""

EPSILON = 1e-5
"""Added to every variance before its root is taken."""


def product_precision() -> jax.lax.Precision | None:
    """Return how exact products are: as `jax.default_matmul_precision` says, in full where it says nothing.

    Accelerators otherwise round float32 operands, which the agreement with the official
    float32 outputs does not survive.
    """
    chosen = jax.config.jax_default_matmul_precision  # type: ignore[attr-defined] # jax makes it at run time
    return None if chosen else jax.lax.Precision.HIGHEST


def contract(subscripts: str, *operands: Float[Array, "..."]) -> Float[Array, "..."]:
    """Return `einsum` at `product_precision`."""
    product: Array = jnp.einsum(subscripts, *operands, precision=product_precision())
    return product


def contract_in_float32(subscripts: str, *operands: Float[Array, "..."]) -> Float32[Array, "..."]:
    """Return `contract` with sums and result in float32, whatever the type of the operands."""
    product: Array = jnp.einsum(
        subscripts, *operands, precision=product_precision(), preferred_element_type=jnp.float32
    )
    return product


def rounded(x: Float32[Array, "*shape"], dtype: DTypeLike) -> Float32[Array, "*shape"]:
    """Return `x` with no more digits than `dtype` has, float32 or bfloat16.

    Compilers are free to leave out a cast that is cast back; they keep this.
    """
    if dtype == jnp.float32:
        return x
    return jax.lax.reduce_precision(x, exponent_bits=8, mantissa_bits=7)


def linear(params: Parameters, x: Float[Array, "*batch inputs"]) -> Float[Array, "*batch outputs"]:
    """Return `x @ weight + bias`; the leaf `bias` may be absent."""
    product: Array = contract("...i,io->...o", x, params["weight"]) + params.get("bias", 0.0)
    return product


def organism_linear(
    params: Parameters, x: Float[Array, "batch *positions inputs"], organism_index: Int[Array, " batch"]
) -> Float32[Array, "batch *positions outputs"]:
    """Return `x @ weight[organism] + bias[organism]`, each batch row with its organism's own."""
    weight, bias = params["weight"][organism_index], params["bias"][organism_index]
    product = contract_in_float32("b...i,bio->b...o", x, weight)
    shifted: Array = product + bias.reshape(len(bias), *[1] * (x.ndim - 2), -1)
    return shifted


def organism_embedding(
    table: Float[Array, "organisms channels"],
    x: Float[Array, "batch *positions channels"],
    organism_index: Int[Array, " batch"],
) -> Float[Array, "batch *positions channels"]:
    """Return each batch row of `x` plus its organism's row of `table`."""
    rows = table[organism_index]
    return x + rows.reshape(len(rows), *[1] * (x.ndim - 2), -1)


def gelu_sigmoid(x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return the sigmoid approximation of GELU, which all but the pair activations use."""
    return x * jax.nn.sigmoid(1.702 * x)


def gelu_tanh(x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return the tanh approximation of GELU, which the pair activations use."""
    return jax.nn.gelu(x, approximate=True)


def batch_norm(params: Parameters, x: Float[Array, "*batch channels"]) -> Float[Array, "*batch channels"]:
    """Return `x` over its channels' root mean square in training, scaled and shifted; no mean is removed.

    In training itself, the leaf `moving_variance` stands for `variance`, and what counts is the batch's
    own mean square (see `batch_mean_square`).
    """
    if MOVING_VARIANCE in params:
        mean_square = batch_mean_square(params[MOVING_VARIANCE], x)
    else:
        mean_square = params["variance"]
    gain = params["scale"] * jax.lax.rsqrt(mean_square + EPSILON)
    normed: Array = x * gain + params["offset"]
    return normed


@jax.custom_vjp
def batch_mean_square(
    moving: Float32[Array, " channels"], x: Float[Array, "*batch channels"]
) -> Float[Array, " channels"]:
    """Return the mean square of each channel, in the type of `x`.

    What `jax.grad` gives for `moving`, on which nothing depends, is that mean square in float32: so the
    statistics of all norms leave a step through its gradients, each at the place of the moving average
    that it belongs into.
    """
    del moving
    return _mean_square(x).astype(x.dtype)


def _mean_square(x: Float[Array, "*batch channels"]) -> Float32[Array, " channels"]:
    return jnp.square(x.astype(jnp.float32)).mean(range(x.ndim - 1))


def _batch_mean_square_forward(moving: Array, x: Array) -> tuple[Array, tuple[Array, Array]]:
    del moving
    mean_square = _mean_square(x)
    return mean_square.astype(x.dtype), (mean_square, x)


def _batch_mean_square_backward(saved: tuple[Array, Array], cotangent: Array) -> tuple[Array, Array]:
    mean_square, x = saved
    summed_over = x.size // x.shape[-1]
    return mean_square, x * (cotangent * (2 / summed_over)).astype(x.dtype)


batch_mean_square.defvjp(_batch_mean_square_forward, _batch_mean_square_backward)


def layer_norm(params: Parameters, x: Float[Array, "*batch channels"]) -> Float[Array, "*batch channels"]:
    """Return `x` normalised to mean 0 and variance 1 over its channels, scaled and shifted."""
    centred = x - x.mean(-1, keepdims=True, dtype=jnp.float32)
    return rms_norm(params, centred).astype(x.dtype)


def rms_norm(params: Parameters, x: Float[Array, "*batch channels"]) -> Float[Array, "*batch channels"]:
    """Return `x` over its root mean square over channels, scaled and shifted."""
    wide = x.astype(jnp.float32)
    mean_square = jnp.square(wide).mean(-1, keepdims=True)
    scale, offset = params["scale"], params["offset"]
    normed: Array = wide * scale * jax.lax.rsqrt(mean_square + EPSILON) + offset
    return normed.astype(x.dtype)


def max_pool(x: Float[Array, "B S C"]) -> Float[Array, "B S//2 C"]:
    """Return the larger of each two neighbours; the length is even."""
    batch, length, channels = x.shape
    return x.reshape(batch, length // 2, 2, channels).max(2)


def mean_pool(x: Float[Array, "B S C"], width: int) -> Float[Array, "B S//{width} C"]:
    """Return the mean of each `width` neighbours; the length is a multiple of it."""
    batch, length, channels = x.shape
    return x.reshape(batch, length // width, width, channels).mean(2)


def rotary_frequencies(size: int, max_positions: int) -> Float32[Array, "{size//2}"]:  # noqa: F821 - an axis
    """Return the rotary embedding's angles per position, in radians.

    The table is float32 throughout, as the official one is: a float64 table rounded at the end
    differs in the last bits, which at a million bases is a visible angle (MODEL_SPEC section 3).
    """
    steps = size // 2
    spread = jnp.geomspace(1, max_positions - steps + 1, steps, dtype=jnp.float32)
    return 1 / (jnp.arange(steps, dtype=jnp.float32) + spread)


def rotary_angles(
    positions: Int[Array, "*batch"], size: int, max_positions: int, dtype: DTypeLike = jnp.float32
) -> tuple[Float[Array, "*batch {size}"], Float[Array, "*batch {size}"]]:
    """Return the cosines and sines that `rotate` takes.

    Args:
        positions: Of tokens or bases, 0-based.
        size: Channels of what will be rotated; even.
        max_positions: Positions that the frequencies are spread over.
        dtype: What positions, frequencies, angles and results are rounded to. In bfloat16 positions above
            256 are no longer exact, and the official network was trained with that.
    """
    frequencies = rounded(jnp.repeat(rotary_frequencies(size, max_positions), 2), dtype)
    angles = rounded(rounded(positions[..., None].astype(jnp.float32), dtype) * frequencies, dtype)
    return jnp.cos(angles).astype(dtype), jnp.sin(angles).astype(dtype)


def rotate(
    x: Float[Array, "*batch C"], cosines: Float[Array, "*#batch C"], sines: Float[Array, "*#batch C"]
) -> Float[Array, "*batch C"]:
    """Return `x` with each two neighbouring channels turned by their angle (rotary embedding)."""
    pairs = x.reshape(*x.shape[:-1], -1, 2)
    turned = jnp.stack([-pairs[..., 1], pairs[..., 0]], -1).reshape(x.shape)
    return x * cosines + turned * sines
