"""Counts by name that stay small, whatever a damaged file has for names."""

import collections
from collections.abc import Iterable

from vep_cli.report.wording import clipped

MOST_NAMES = 100
"""Names that are told apart; a run of ours has far fewer."""

OTHERS = "(others)"


class BoundedCounts:
    """Counts of the first names that come, and of all further ones together, so that the sum is exact."""

    def __init__(self, most: int = MOST_NAMES) -> None:
        """Begin with nothing.

        Args:
            most: Names that are told apart.
        """
        self._most = most
        self._counts: collections.Counter[str] = collections.Counter()

    def add(self, name: str, count: int = 1) -> None:
        """Count a name; of a long one its beginning."""
        name = clipped(name)
        is_known = name in self._counts or len(self._counts) < self._most
        self._counts[name if is_known else OTHERS] += count

    def __getitem__(self, name: str) -> int:
        """Return how often a name came."""
        return self._counts[name]

    def total(self) -> int:
        """Return how many names came, each as often as it did."""
        return self._counts.total()

    def in_order(self, known: Iterable[str]) -> list[tuple[str, int]]:
        """Return the names that came, known ones first and in their order, and the count of each."""
        order = [name for name in known if name in self._counts]
        order += sorted(set(self._counts) - set(order), key=lambda name: (name == OTHERS, name))
        return [(name, self._counts[name]) for name in order]
