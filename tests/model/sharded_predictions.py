"""Predicts on meshes of 8 CPU devices and writes how far that is from one device, as JSON.

A process of its own, because how many devices the CPU has is decided before jax starts.
"""

import functools
import json
import os
from typing import Any

# Programs run once, so that time spent on making them fast is lost.
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8 --xla_backend_optimization_level=0"
os.environ["JAX_PLATFORMS"] = "cpu"

from jaxtyping import install_import_hook

with install_import_hook("vep_cli", "beartype.beartype"):
    from vep_cli.model.config import ModelConfig
    from vep_cli.model.network import predict
    from vep_cli.model.one_hot import letters_of, one_hot
    from vep_cli.model.output_type import GENOME_TRACKS, OutputType
    from vep_cli.model.parameters import initialise, with_track_means
    from vep_cli.model.precision import Precision, cast_parameters
    from vep_cli.model.sharded_network import make_mesh, predict_on_mesh

import jax
import jax.numpy as jnp
import numpy as np

TOY = ModelConfig.toy()
ALL = frozenset(OutputType)


def toy_params(precision: Precision) -> dict[str, Any]:
    means = {output: np.full((2, TOY.head(output).width), 1.5, np.float32) for output in GENOME_TRACKS}
    return cast_parameters(with_track_means(initialise(TOY, jax.random.key(0)), means), precision)


def sequences(length: int, count: int) -> jax.Array:
    """Return random bases, the first sequence's with N at both ends and round a border of parts."""
    letters = np.random.default_rng(length).choice(list("ACGT"), (count, length))
    for start in (0, length // 2 - 50, length - 100):
        letters[0, start : start + 100] = "N"
    return one_hot(np.stack([letters_of("".join(one)) for one in letters]))


def differences(
    length: int,
    shards: int,
    *,
    outputs: frozenset[OutputType],
    count: int = 1,
    organism: int = 0,
    precision: Precision = Precision.FLOAT32,
) -> dict[str, Any]:
    """Return by output the largest difference relative to the largest value, and where the values lie."""
    params, bases = toy_params(precision), sequences(length, count)
    index = jnp.full(count, organism)
    choice: dict[str, Any] = {"config": TOY, "outputs": outputs}
    expected = jax.jit(functools.partial(predict, **choice))(params, bases, index)
    mesh = make_mesh(jax.devices()[:shards])
    found = jax.jit(functools.partial(predict_on_mesh, mesh=mesh, **choice))(params, bases, index)
    assert found.keys() == expected.keys()
    return {
        output: {
            "error": float(jnp.abs(found[output] - expected[output]).max() / jnp.abs(expected[output]).max()),
            "same_shape": found[output].shape == expected[output].shape,
            "devices": len(found[output].sharding.device_set),
            "is_shared_out": not found[output].sharding.is_fully_replicated,
            "nonzero": int((expected[output] != 0).sum()),
        }
        for output in sorted(outputs)
    }


COARSE = frozenset({OutputType.CHIP_TF, OutputType.CONTACT_MAPS})

CASES: dict[str, dict[str, Any]] = {
    "parts of two halos": {"length": 16384, "shards": 8, "outputs": ALL},
    "two parts, two mouse sequences": {
        "length": 8192,
        "shards": 2,
        "outputs": COARSE | {OutputType.RNA_SEQ, OutputType.SPLICE_JUNCTIONS},
        "count": 2,
        "organism": 1,
    },
    "bfloat16": {"length": 8192, "shards": 4, "outputs": COARSE, "precision": Precision.BFLOAT16},
}

if __name__ == "__main__":
    print(json.dumps({name: differences(**case) for name, case in CASES.items()}))
