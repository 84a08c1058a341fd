"""Letters to the numbers that the network reads."""

import numpy as np
from jaxtyping import Float32


def _encoding_table() -> Float32[np.ndarray, "256 4"]:
    table = np.zeros((256, 4), np.float32)
    for column, letter in enumerate("ACGT"):
        table[[ord(letter), ord(letter.lower())], column] = 1.0
    return table


_ENCODING = _encoding_table()


def one_hot(bases: str) -> Float32[np.ndarray, "bases 4"]:
    """Return one row per base with a 1 in the column of A, C, G or T; any other letter is all zero."""
    return _ENCODING[np.frombuffer(bases.encode("ascii", "replace"), np.uint8)]
