"""How many bases of a window are N, without reading the window for each variant again."""

import dataclasses
import functools

import numpy as np
from jaxtyping import Int64

from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference

BLOCK = 1 << 17
"""Bases that are read at a time."""

_BLOCKS_KEPT = 256
"""Blocks that are remembered: 33 Mb, many windows; at worst, where every other base is N, 260 MB."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Runs:
    """The N of one block.

    Attributes:
        start: First position of each run of N.
        end: The position after its last.
        count: All N.
    """

    start: Int64[np.ndarray, " runs"]
    end: Int64[np.ndarray, " runs"]
    count: int


class UnknownBases:
    """Counts the N of intervals of a reference; fast where they overlap, as those of sorted variants do."""

    def __init__(self, reference: Reference) -> None:
        """Count in this reference.

        Args:
            reference: Has to stay open.
        """
        self._reference = reference
        # Not on the method itself, which would keep the reference as long as the program runs.
        self._runs = functools.lru_cache(maxsize=_BLOCKS_KEPT)(self._read_runs)

    def count(self, interval: Interval) -> int:
        """Return how many letters of what `Reference.fetch` has for the interval are N.

        Raises:
            FastaError: The contig is not in the reference, or the file is damaged near the interval.
        """
        length = self._reference.lengths.get(interval.chromosome, 0)
        start, end = max(interval.start, 0), min(interval.end, length)
        if start >= end:
            return interval.width
        inside = self._count_before(interval.chromosome, end) - self._count_before(interval.chromosome, start)
        first, last = start // BLOCK, end // BLOCK
        inside += sum(self._runs(interval.chromosome, block).count for block in range(first, last))
        return interval.width - (end - start) + inside

    def _count_before(self, chromosome: str, position: int) -> int:
        """Return how many bases of the position's block before the position are N."""
        block, offset = divmod(position, BLOCK)
        if offset == 0:
            return 0  # the block may lie behind the contig's end
        runs = self._runs(chromosome, block)
        if runs.count == 0:
            return 0
        return int((np.minimum(runs.end, position) - np.minimum(runs.start, position)).sum())

    def _read_runs(self, chromosome: str, block: int) -> _Runs:
        first = block * BLOCK
        last = min(first + BLOCK, self._reference.lengths[chromosome])
        bases = self._reference.fetch(Interval(chromosome=chromosome, start=first, end=last))
        is_unknown = np.frombuffer(bases.encode(), np.uint8) == ord("N")
        edges = np.flatnonzero(np.diff(is_unknown, prepend=False, append=False)) + first
        return _Runs(start=edges[0::2], end=edges[1::2], count=int(is_unknown.sum()))
