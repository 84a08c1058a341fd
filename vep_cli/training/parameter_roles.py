"""Which parameters are learnt by gradients, which are averages of statistics, and which decay."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from vep_cli.model.layers import MOVING_VARIANCE, Parameters
from vep_cli.model.precision import Precision
from vep_cli.model.shapes import Path, flatten, unflatten

VARIANCE = "variance"
"""The leaf of a batch norm outside training."""

DECAYING = ("kernel", "weight")
"""Names of the leaves that weight decay is for: maps, but no scales, offsets or embeddings."""


def for_training(params: Parameters) -> dict[str, Any]:
    """Return parameters whose batch norms go by the statistics of each batch."""
    return _renamed(params, VARIANCE, MOVING_VARIANCE)


def for_inference(params: Parameters) -> dict[str, Any]:
    """Return parameters whose batch norms go by the averages that training has made."""
    return _renamed(params, MOVING_VARIANCE, VARIANCE)


def is_statistic(path: Path) -> bool:
    """Say whether a leaf is a moving average, which no gradient is for."""
    return path[-1] == MOVING_VARIANCE


def decays(path: Path) -> bool:
    """Say whether weight decay is for a leaf."""
    return path[-1] in DECAYING


def cast_for_step(params: Parameters, precision: Precision) -> dict[str, Any]:
    """Return parameters in the type of `precision`, but the statistics, which stay in float32."""
    leaves = flatten(params)
    return unflatten(
        {path: leaf if is_statistic(path) else leaf.astype(precision.dtype) for path, leaf in leaves.items()}
    )


def moved(
    averages: Mapping[Path, Array], values: Mapping[Path, Array], step: Array, decay: float
) -> dict[Path, Array]:
    """Return exponential moving averages after one more value of each.

    Args:
        averages: By leaf.
        values: By leaf.
        step: Number of values before this one. While they are few, they count for more.
        decay: What is kept of an average per step, in the long run.
    """
    kept = jnp.minimum(decay, (1.0 + step) / (10.0 + step))
    return {path: kept * averages[path] + (1 - kept) * value for path, value in values.items()}


def _renamed(params: Parameters, name: str, new_name: str) -> dict[str, Any]:
    return unflatten(
        {
            (*path[:-1], new_name if path[-1] == name else path[-1]): leaf
            for path, leaf in flatten(params).items()
        }
    )
