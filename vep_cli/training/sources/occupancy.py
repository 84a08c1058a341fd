"""How much of the time a factor sits on each place of a sequence, by the odds of its motif.

Berg & von Hippel, J Mol Biol 1987: the logarithm of a site's odds is, up to a scale, its binding energy; at a
given concentration, occupancy is a sigmoid of it.
"""

import numpy as np
from jaxtyping import Float32, Float64, UInt8

from vep_cli.training.sources.motif_files import Motif


def occupancy(
    bases: UInt8[np.ndarray, " bases"], motif: Motif, threshold: float, temperature: float
) -> Float32[np.ndarray, "bases 2"]:
    """Return the occupancy of the motif centred on each base, on '+' and on '-'.

    Args:
        bases: Codes 0 to 3, 4 for N, which counts as no evidence.
        motif: What is bound.
        threshold: Log odds over the best site's at which a site is occupied half of the time.
        temperature: Log odds, natural, that change the odds of being occupied by a factor of e.
    """
    log_odds = motif.log_odds()
    best = log_odds.max(axis=1).sum()
    # Backwards, A, C, G, T are each other's complements.
    strands = [_occupied(scan(bases, matrix), threshold * best, temperature) for matrix in _both(log_odds)]
    return np.stack(strands, axis=-1)


def scan(
    bases: UInt8[np.ndarray, " bases"], log_odds: Float64[np.ndarray, "positions 4"]
) -> Float32[np.ndarray, " bases"]:
    """Return the log odds of the site centred on each base; minus infinity where it does not fit in."""
    width = len(log_odds)
    found = np.full(len(bases), -np.inf, np.float32)
    count = len(bases) - width + 1
    if count <= 0:
        return found
    columns = np.concatenate([log_odds, np.zeros((width, 1))], axis=1).astype(np.float32)
    sums = np.zeros(count, np.float32)
    for position in range(width):
        sums += columns[position][bases[position : position + count]]
    first = width // 2
    found[first : first + count] = sums
    return found


def smoothed(values: Float32[np.ndarray, " bases"], deviation: int) -> Float32[np.ndarray, " bases"]:
    """Return the sum of a gaussian at each base, as high as the base's value; 0 deviation leaves them."""
    if deviation == 0:
        return values
    reach = min(4 * deviation, len(values) - 1)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    places = np.flatnonzero(values > _NOTHING)
    padded = np.zeros(len(values) + 2 * reach)
    for offset, height in enumerate(kernel):
        # Each place once per offset, so that plain indexing adds all.
        padded[places + offset] += height * values[places]
    return padded[reach : reach + len(values)].astype(np.float32)


def shifted(values: Float32[np.ndarray, " bases"], distance: int) -> Float32[np.ndarray, " bases"]:
    """Return the values moved to the right (negative: left), with 0 where none comes from."""
    moved = np.zeros_like(values)
    if distance >= 0:
        moved[distance:] = values[: len(values) - distance]
    else:
        moved[:distance] = values[-distance:]
    return moved


_NOTHING = 1e-3
"""Occupancy below which a place adds nothing that anyone could measure."""


def _both(log_odds: Float64[np.ndarray, "positions 4"]) -> tuple[np.ndarray, np.ndarray]:
    return log_odds, log_odds[::-1, ::-1]


def _occupied(
    scores: Float32[np.ndarray, " bases"], half: float, temperature: float
) -> Float32[np.ndarray, " bases"]:
    # exp of more than 80 would overflow, and is as good as never.
    return (1 / (1 + np.exp(np.minimum((half - scores) / temperature, 80)))).astype(np.float32)
