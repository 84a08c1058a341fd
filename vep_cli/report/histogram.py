"""How values are distributed, counted in one pass: exact, in bounded memory, in whatever order they come."""

import collections
import dataclasses
import math

_BITS = 11
"""There are at most two to this power bins on either side of zero."""

_FINEST = -60
"""Binary exponent of the first width; what is smaller is as good as zero."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Values from `start` up to, but not with, `end`.

    Attributes:
        start: The smallest value.
        end: The first value beyond.
        count: How many values.
    """

    start: float
    end: float
    count: int


class Histogram:
    """Counts of values in bins of one width, a power of two that doubles as far as the values need.

    The edges are multiples of the width, so that halves of bins are never needed, and zero is an edge.

    Attributes:
        count: How many values came.
        smallest: The smallest; infinite as long as none came.
        largest: The largest; minus infinity likewise.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.count = 0
        self.smallest = math.inf
        self.largest = -math.inf
        self._exponent = _FINEST
        self._counts: collections.Counter[int] = collections.Counter()

    def add(self, value: float) -> None:
        """Count a value, which is finite."""
        self.count += 1
        self.smallest = min(self.smallest, value)
        self.largest = max(self.largest, value)
        needed = math.frexp(value)[1] - _BITS if value else _FINEST
        while self._exponent < needed:
            self._exponent += 1
            self._counts = _halved(self._counts)
        scaled = math.ldexp(value, -self._exponent)
        # Beside a huge value a tiny one scales to zero, and would lose its sign.
        self._counts[math.floor(scaled) if scaled else -(value < 0)] += 1

    def bins(self, most: int) -> list[Bin]:
        """Return the bins from the smallest value to the largest, empty ones between them too.

        Args:
            most: As many at most, and more than half of that where the values are of different bins at all;
                at least 2.
        """
        counts, exponent = self._counts, self._exponent
        while counts and max(counts) - min(counts) >= most:
            counts, exponent = _halved(counts), exponent + 1
        if not counts:
            return []
        return [
            Bin(start=math.ldexp(index, exponent), end=math.ldexp(index + 1, exponent), count=counts[index])
            for index in range(min(counts), max(counts) + 1)
        ]


def _halved(counts: collections.Counter[int]) -> collections.Counter[int]:
    """Return the counts with each two neighbouring bins as one."""
    merged: collections.Counter[int] = collections.Counter()
    for index, count in counts.items():
        merged[index // 2] += count
    return merged
