"""The number format that the network computes in (MODEL_SPEC section 4).

Activations take the type of the parameters, so casting these is all that choosing it takes. What stays
in float32 whatever is chosen is said in `layers`.
"""

import enum
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from vep_cli.model.layers import Parameters
from vep_cli.model.parameters import TRACK_MEANS


class Precision(enum.StrEnum):
    """A number format. `FLOAT32` is exact; `BFLOAT16`, the official default, is for accelerators."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"

    @property
    def dtype(self) -> jnp.dtype:
        """The type of the parameters and activations."""
        return jnp.dtype(self.value)


def cast_parameters(params: Parameters, precision: Precision) -> dict[str, Any]:
    """Return `params` in the type of `precision`; track means, which no layer reads, stay as they are."""

    def cast(path: tuple[jax.tree_util.DictKey, ...], leaf: Array) -> Array:
        return leaf if path[-1].key == TRACK_MEANS else leaf.astype(precision.dtype)

    converted: dict[str, Any] = jax.tree_util.tree_map_with_path(cast, params)
    return converted
