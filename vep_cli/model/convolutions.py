"""Convolutions along the sequence, and the blocks of the encoder and decoder (MODEL_SPEC sections 1, 2).

A sequence that is cut is padded with zeros at the cut, at every layer, as the official network
pads the ends of its interval; results are exact away from a cut by more than the kernels reach.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from vep_cli.model.layers import Parameters, batch_norm, gelu_sigmoid, linear, product_precision

MIN_KERNEL_VARIANCE = 1e-4
"""Least value of inputs x variance that a kernel is divided by, so that a constant one stays finite."""


def convolution(
    kernel: Float[Array, "taps inputs outputs"], bias: Float[Array, " outputs"], x: Float[Array, "B S inputs"]
) -> Float[Array, "B S outputs"]:
    """Return the cross-correlation of `x` with `kernel`, zeros beyond both ends, plus `bias`."""
    product = jax.lax.conv_general_dilated(
        x,
        kernel,
        window_strides=(1,),
        padding="SAME",
        dimension_numbers=("NWC", "WIO", "NWC"),
        precision=product_precision(),
    )
    return product + bias


def standardise(
    kernel: Float[Array, "taps inputs outputs"], scale: Float[Array, " outputs"]
) -> Float[Array, "taps inputs outputs"]:
    """Return `kernel` with mean 0 and variance scale^2 / (taps x inputs) for each output channel."""
    taps, inputs, _ = kernel.shape
    centred = kernel - kernel.mean((0, 1))
    variance = jnp.square(centred).mean((0, 1))
    return centred * (scale * jax.lax.rsqrt(jnp.maximum(taps * inputs * variance, MIN_KERNEL_VARIANCE)))


def standardised_convolution(
    params: Parameters, x: Float[Array, "B S inputs"]
) -> Float[Array, "B S outputs"]:
    """Return the convolution with a kernel standardised per output channel."""
    return convolution(standardise(params["kernel"], params["scale"]), params["bias"], x)


def convolution_block(params: Parameters, x: Float[Array, "B S inputs"]) -> Float[Array, "B S outputs"]:
    """Return batch norm, GELU, standardised convolution."""
    return standardised_convolution(params["convolution"], gelu_sigmoid(batch_norm(params["norm"], x)))


def pointwise_block(params: Parameters, x: Float[Array, "B S inputs"]) -> Float[Array, "B S outputs"]:
    """Return batch norm, GELU, and a linear map of each position."""
    return linear(params["linear"], gelu_sigmoid(batch_norm(params["norm"], x)))


def stem(params: Parameters, sequence: Float[Array, "B S 4"]) -> Float[Array, "B S C"]:
    """Return the encoder's first stage: a wide convolution of the bases and one residual block."""
    kernel, bias = params["convolution"]["kernel"], params["convolution"]["bias"]
    x = convolution(kernel, bias, sequence.astype(kernel.dtype))
    return x + convolution_block(params["block"], x)


def down_block(params: Parameters, x: Float[Array, "B S inputs"]) -> Float[Array, "B S outputs"]:
    """Return an encoder stage: two residual blocks, new channels starting from zero."""
    first = convolution_block(params["first"], x)
    first += jnp.pad(x, ((0, 0), (0, 0), (0, first.shape[-1] - x.shape[-1])))
    return first + convolution_block(params["second"], first)


def up_block(
    params: Parameters, x: Float[Array, "B S inputs"], skip: Float[Array, "B 2*S C"]
) -> Float[Array, "B 2*S C"]:
    """Return a decoder stage: twice the positions, and the encoder's activations of that stage added."""
    narrow = convolution_block(params["input"], x) + x[..., : skip.shape[-1]]
    wide: Array = jnp.repeat(narrow, 2, axis=1) * params["residual_scale"]
    wide += pointwise_block(params["skip"], skip)
    return wide + convolution_block(params["output"], wide)
