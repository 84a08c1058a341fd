"""The number format that the network computes in (MODEL_SPEC section 4).

Activations take the type of the parameters: casting these chooses between float32 and bfloat16. What stays
in float32 whatever is chosen is said in `layers`. TF32 has float32's activations, and products of
operands that the device rounds.
"""

import contextlib
import enum
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from vep_cli.model.layers import Parameters
from vep_cli.model.parameters import TRACK_MEANS


class Precision(enum.StrEnum):
    """A number format. `FLOAT32` is exact; `BFLOAT16`, the official default, is for accelerators.

    `TF32` rounds the operands of each product to 10 bits of mantissa, on NVIDIA GPUs from Ampere on.
    """

    FLOAT32 = "float32"
    TF32 = "tf32"
    BFLOAT16 = "bfloat16"

    @property
    def dtype(self) -> jnp.dtype:
        """The type of the parameters and activations."""
        return jnp.dtype("bfloat16" if self is Precision.BFLOAT16 else "float32")

    def products(self) -> contextlib.AbstractContextManager[object]:
        """Return the context in which programs have to be traced and called."""
        context: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
        if self is Precision.TF32:
            context = jax.default_matmul_precision("tensorfloat32")
        return context


def cast_parameters(params: Parameters, precision: Precision) -> dict[str, Any]:
    """Return `params` in the type of `precision`; track means, which no layer reads, stay as they are."""

    def cast(path: tuple[jax.tree_util.DictKey, ...], leaf: Array) -> Array:
        return leaf if path[-1].key == TRACK_MEANS else leaf.astype(precision.dtype)

    converted: dict[str, Any] = jax.tree_util.tree_map_with_path(cast, params)
    return converted
