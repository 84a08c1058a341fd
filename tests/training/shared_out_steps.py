"""Takes a step on four CPU devices and on one, and writes how far apart they are, as JSON.

A process of its own, because how many devices the CPU has is decided before jax starts.
"""

import json
import os

# Programs run once, so that time spent on making them fast is lost.
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4 --xla_backend_optimization_level=0"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
from toy_training import CONFIG, stage, toy_batch, toy_settings

from vep_cli.training.step import TrainState, compiled_step, make_batch_mesh, shardings
from vep_cli.training.trainer import initial_state, track_means

STAGE = stage(batch=4, learning_rate=1e-4)


def after_step(devices: int) -> tuple[TrainState, float, int]:
    """Return the state after one step, its loss, and on how many devices the batch lay."""
    mesh = make_batch_mesh(jax.devices()[:devices])
    settings = toy_settings(STAGE)
    step = compiled_step(CONFIG, STAGE, track_means(settings.model), 0.0, mesh)
    batch = jax.device_put(toy_batch(3, batch=4), shardings(mesh)[1])
    state, measures = step(jax.device_put(initial_state(settings), shardings(mesh)[0]), batch)
    return state, float(measures.total), len(batch.sequence.sharding.device_set)


def distance(one: TrainState, other: TrainState) -> float:
    """Return the mean distance of a parameter."""
    pairs = zip(jax.tree.leaves(one.params), jax.tree.leaves(other.params), strict=True)
    return float(
        jnp.mean(jnp.array([jnp.abs(jax.device_get(a) - jax.device_get(b)).mean() for a, b in pairs]))
    )


if __name__ == "__main__":
    (shared, loss, devices), (alone, loss_of_one, _) = after_step(4), after_step(1)
    print(
        json.dumps(
            {
                "devices": devices,
                "difference": distance(shared, alone),
                "changed": distance(alone, initial_state(toy_settings(STAGE))),
                "loss": loss,
                "loss_of_one": loss_of_one,
            }
        )
    )
