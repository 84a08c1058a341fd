"""Which parts of a window the scorers read of what is predicted per base; no others are computed."""

import dataclasses
from collections.abc import Iterable, Mapping

import numpy as np
from jaxtyping import Bool, Int

from vep_cli.model.config import TOKEN_SIZE
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.masks import NOWHERE
from vep_cli.scoring.scorer import ScoreMasks, Scorer


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reads:
    """The tokens of 128 bp of either allele's sequence that are read.

    Attributes:
        reference: Of REF's.
        alternate: Of ALT's.
    """

    reference: Bool[np.ndarray, " tokens"]
    alternate: Bool[np.ndarray, " tokens"]


def reads_of(
    scorers: Iterable[Scorer],
    masks: Iterable[ScoreMasks],
    sites: Mapping[str, np.ndarray] | None,
    length: int,
) -> Reads:
    """Return what the scorers of one variant read.

    Args:
        scorers: The scorers.
        masks: Theirs, in the same order; the arrays of positions have the names of `spans`.
        sites: From `junctions.site_arrays`, where splice junctions are predicted.
        length: Of the window, in base pairs.
    """
    reads = Reads(
        reference=np.zeros(length // TOKEN_SIZE, bool), alternate=np.zeros(length // TOKEN_SIZE, bool)
    )
    for scorer, mask in zip(scorers, masks, strict=True):
        if scorer.output_type.resolution == 1 and scorer.output_type is not OutputType.SPLICE_JUNCTIONS:
            _mark(reads, mask.arrays, mask.arrays["positions"])
    if sites is not None:
        _mark(reads, sites, np.flatnonzero(sites["in_gene"]))
    return reads


def _mark(reads: Reads, arrays: Mapping[str, np.ndarray], positions: Int[np.ndarray, "..."]) -> None:
    """Mark the positions, ALT's positions that they are compared with, and what ALT inserts."""
    _mark_tokens(reads.reference, positions)
    _mark_tokens(reads.alternate, _compared(arrays, positions))
    _mark_tokens(reads.alternate, arrays.get("inserted_positions", positions[:0]))


def _compared(arrays: Mapping[str, np.ndarray], positions: Int[np.ndarray, "..."]) -> np.ndarray:
    if "alternate_positions" not in arrays:
        return positions
    of_alternate = arrays["alternate_positions"]
    return of_alternate[positions] if "in_gene" in arrays else of_alternate


def _mark_tokens(tokens: Bool[np.ndarray, " tokens"], positions: Int[np.ndarray, "..."]) -> None:
    tokens[positions[positions != NOWHERE] // TOKEN_SIZE] = True
