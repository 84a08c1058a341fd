"""The sequence of one copy of a chromosome round one allele, and where on it the reference's bases lie."""

import dataclasses
from collections.abc import Callable

import numpy as np
from jaxtyping import Int64

from vep_cli.genome.edits import Edit, Edits
from vep_cli.genome.interval import Interval
from vep_cli.genome.normalisation import SequenceSource
from vep_cli.genome.reference import Reference

_Positions = Int64[np.ndarray, " places"]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Coordinates:
    """Positions on a copy of a chromosome, counted so that an allele's REF lies where the reference has it.

    What lies to its right is shifted by the insertions and deletions between, and so is what lies to its
    left: windows and masks round the allele are the same as on the reference.

    Attributes:
        left: Other changes of the copy, before the allele.
        right: Those behind it.
        turn: The position from which on those at the right count.
    """

    left: Edits
    right: Edits
    turn: int

    @classmethod
    def round(cls, edit: Edit, edits: Edits) -> "Coordinates":
        """Return the coordinates round an allele.

        Args:
            edit: The allele.
            edits: What the copy carries; what overlaps the allele, and the allele itself, is left out.
        """
        before, behind = edits.around(edit)
        return cls(
            left=edits.part(0, before, edits.shift(before)),
            right=edits.part(behind, len(edits), edits.shift(behind)),
            turn=edit.end,
        )

    def count_within(self, interval: Interval) -> int:
        """Return how many changes of the copy lie in a window of the allele."""
        first, last = self._within(interval)
        return len(self.left) - first + last

    def has_indel_within(self, interval: Interval) -> bool:
        """Return whether any base of a window of the allele lies elsewhere than on the reference."""
        first, last = self._within(interval)
        return self.left.is_shifted(first, len(self.left)) or self.right.is_shifted(0, last)

    def first_from(self, position: _Positions) -> _Positions:
        """Return where the first base is that the copy has, of those at a reference position or behind it."""
        return self._by_side(position < self.turn, position, self.left.first_from, self.right.first_from)

    def behind_last(self, position: _Positions) -> _Positions:
        """Return the position behind the last base that the copy has, before a reference position."""
        return self._by_side(position <= self.turn, position, self.left.behind_last, self.right.behind_last)

    def placed(self, bases: Int64[np.ndarray, " bases"]) -> Int64[np.ndarray, " kept"]:
        """Return where bases of the reference lie, without those that the copy has not."""
        is_kept = np.where(bases < self.turn, self.left.is_kept(bases), self.right.is_kept(bases))
        return self.first_from(bases[is_kept])

    def original(self, position: _Positions) -> _Positions:
        """Return where the reference has positions of the copy; of gained bases, where they were put."""
        return self._by_side(position < self.turn, position, self.left.original, self.right.original)

    def _within(self, interval: Interval) -> tuple[int, int]:
        """Return the first change at the left that is in a window, and how many at the right are."""
        return self.left.ended_by(interval.start), self.right.begun_before(interval.end)

    @staticmethod
    def _by_side(
        is_left: np.ndarray,
        position: _Positions,
        of_left: Callable[[_Positions], _Positions],
        of_right: Callable[[_Positions], _Positions],
    ) -> _Positions:
        return np.where(is_left, of_left(position), of_right(position))


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Haplotype:
    """The bases of one copy of a chromosome round one allele, which itself has REF there.

    Attributes:
        reference: What the copy differs from.
        coordinates: Where and how; intervals are in these.
    """

    reference: Reference
    coordinates: Coordinates

    def fetch(self, interval: Interval) -> str:
        """Return the bases of `interval` in upper case, N where it reaches past the contig.

        The strand is not looked at.

        Raises:
            FastaError: There is no such contig, or the file is damaged there.
        """
        own = self.coordinates
        middle = min(max(own.turn, interval.start), interval.end)
        source: SequenceSource = self.reference
        left = own.left.make(source, interval.chromosome, interval.start, middle)
        return left + own.right.make(source, interval.chromosome, middle, interval.end)
