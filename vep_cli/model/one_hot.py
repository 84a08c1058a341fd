"""Letters to the numbers that the network reads."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float32, UInt8

_LETTERS = np.frombuffer(b"ACGT", np.uint8)


def letters_of(bases: str) -> UInt8[np.ndarray, " bases"]:
    """Return the ASCII codes of bases, in upper case; what is not ASCII is some other letter."""
    return np.frombuffer(bases.upper().encode("ascii", "replace"), np.uint8)


def one_hot(letters: UInt8[Array | np.ndarray, "*shape"]) -> Float32[Array, "*shape 4"]:
    """Return one row per letter with a 1 in the column of A, C, G or T; any other letter is all zero.

    On the device: the rows of a window take sixteen times the memory of its letters.

    Args:
        letters: From `letters_of`.
    """
    return (jnp.asarray(letters)[..., None] == _LETTERS).astype(jnp.float32)
