"""The made-up weights of the trunk that the oracle's numbers were recorded with."""

import math
import zlib

import numpy as np

_SCALES = {"standardized_conv1_d": 0.6, "rms_batch_norm_1": 0.25, "norm_q": 4.0}


def leaf(module: str, name: str, shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Return the value of a parameter from its official name: random, but always the same."""
    generator = np.random.Generator(np.random.PCG64((zlib.crc32(f"{module}/{name}".encode()) + seed) % 2**32))
    normal = np.asarray(generator.standard_normal(shape, dtype=np.float32))
    layer = module.split("/")[-1]
    if name == "w" and layer == "standardized_conv1_d":
        return normal * np.float32(0.1 / math.sqrt(shape[0] * shape[1]))
    if name == "w":
        normal = (normal - normal.mean(axis=-2, keepdims=True, dtype=np.float64)).astype(np.float32)
        gain = 0.1 if layer == "linear_pair" else 1.0
        return normal * np.float32(gain / math.sqrt(math.prod(shape[:-1])))
    if name == "bias":
        return normal * np.float32(0.05) - np.float32(0.1 if "/downres_block" in module else 0.0)
    if name == "scale":
        return np.float32(_SCALES.get(layer, 1.0)) * (np.float32(1.0) + np.float32(0.1) * normal)
    if name == "var_ema":
        return np.exp(np.float32(0.3) * normal)
    return normal * np.float32(0.05 if name == "b" else 0.1)
