"""Inputs and outputs of single operations, recorded from the official float32 code.

Weights are synthetic: a leaf that is not in the archive follows from its name (`_leaf`).
"""

import json
import pathlib
import zlib

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from vep_cli.model.config import ModelConfig
from vep_cli.model.layers import Parameters
from vep_cli.model.official_names import official_names
from vep_cli.model.shapes import unflatten

DATA = pathlib.Path(__file__).parent / "data"
ARRAYS = dict(np.load(DATA / "official_operations.npz"))
LEAVES = json.loads((DATA / "official_operations.json").read_text())
PATHS = {names: path for path, names in official_names(ModelConfig.alphagenome()).items()}

# What an independent float32 implementation of single operations is off by, as a share of the spread.
TOLERANCE = 1e-5


def value(case: str, name: str) -> Array:
    """Return one recorded array."""
    return jnp.asarray(ARRAYS[f"{case}/{name}"])


def leaves(case: str) -> dict[tuple[str, str], Array]:
    """Return a case's parameters by official module and leaf name, axes of length 1 left out."""
    return {
        (module, name): jnp.asarray(_stored_or_made(case, module, name, shape).squeeze())
        for module, name, shape in LEAVES[case]
    }


def params(case: str, official_prefix: str, our_prefix: str) -> Parameters:
    """Return a case's parameters in our layout, from below `our_prefix` (dotted)."""
    depth = len(our_prefix.split("."))
    ours = {PATHS[official_prefix + module, name]: leaf for (module, name), leaf in leaves(case).items()}
    assert all(".".join(path).startswith(our_prefix) for path in ours)
    return unflatten({path[depth:]: leaf for path, leaf in ours.items()})


def assert_close(found: Array, expected: Array, tolerance: float = TOLERANCE) -> None:
    """Require that the largest error is a small share of the expected values' spread."""
    assert found.shape == expected.shape
    error = np.abs(np.asarray(found) - np.asarray(expected)).max()
    assert error <= tolerance * max(np.std(expected), 1e-30), f"{error=} {np.std(expected)=}"


def _stored_or_made(case: str, module: str, name: str, shape: list[int]) -> np.ndarray:
    for kind in ("param", "state"):
        stored = ARRAYS.get(f"{case}/{kind}:{module}:{name}")
        if stored is not None:
            return stored
    return _leaf(module, name, shape)


def _leaf(module: str, name: str, shape: list[int]) -> np.ndarray:
    generator = np.random.Generator(np.random.PCG64(zlib.crc32(f"{module}/{name}".encode())))
    normal = np.asarray(generator.standard_normal(shape, dtype=np.float32))
    if name == "w" and not module.endswith("standardized_conv1_d"):
        centred = (normal - normal.mean(axis=-2, keepdims=True, dtype=np.float64)).astype(np.float32)
        gain_of_map = 0.1 if module.endswith("linear_pair") else 1.0
        return centred * np.float32(gain_of_map / np.sqrt(shape[-2]))
    gain = {
        "w": 0.1 / np.sqrt(np.prod(shape[:2])),
        "b": 0.05,
        "q_r_bias": 0.1,
        "k_r_bias": 0.1,
        "embeddings": 0.15,
    }
    return normal * np.float32(gain[name])
