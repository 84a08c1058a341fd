"""Changes of a contig's sequence, one behind the other, and the sequence that they make."""

import dataclasses
from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Int64

from vep_cli.genome.interval import Interval
from vep_cli.genome.normalisation import SequenceSource, trim
from vep_cli.genome.variant import Variant


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Edit:
    """The bases [start, end) of a contig become others.

    Attributes:
        start: 0-based first base.
        end: 0-based base after the last one; `start` for an insertion before that base.
        bases: What is there instead; '' for a deletion.
    """

    start: int
    end: int
    bases: str

    @classmethod
    def of(cls, variant: Variant) -> "Edit":
        """Return what a variant changes, without the bases that its alleles share at their ends."""
        trimmed = trim(variant)
        return cls(start=trimmed.start, end=trimmed.end, bases=trimmed.alternate_bases)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Edits:
    """Edits of one contig of which no two overlap, in order: together they make another sequence.

    `made` positions are on that sequence, counted from wherever; others on the contig as it was.

    Attributes:
        start: First base of each.
        end: Base after the last one.
        gain: Bases gained before the first edit, ..., and behind the last.
        made_start: `start` and what is gained before.
        made_end: `end` and what is gained up to there.
        zero: What to take off a position and what is gained before it, to have the made one.
        bases: Returns what an edit, by its number, puts there.
    """

    start: Int64[np.ndarray, " edits"]
    end: Int64[np.ndarray, " edits"]
    gain: Int64[np.ndarray, " edits_and_one"]
    made_start: Int64[np.ndarray, " edits"]
    made_end: Int64[np.ndarray, " edits"]
    zero: int
    bases: Callable[[int], str]

    @classmethod
    def of(
        cls,
        start: Int64[np.ndarray, " edits"],
        end: Int64[np.ndarray, " edits"],
        gained: Int64[np.ndarray, " edits"],
        bases: Callable[[int], str],
    ) -> "Edits":
        """Return edits that gain so many bases each; made positions count from the contig's first base."""
        gain = np.concatenate([np.zeros(1, np.int64), np.cumsum(gained)])
        return cls(
            start=start,
            end=end,
            gain=gain,
            made_start=start + gain[:-1],
            made_end=end + gain[1:],
            zero=0,
            bases=bases,
        )

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.start)

    def part(self, first: int, last: int, zero: int) -> "Edits":
        """Return the edits [first, last), of which made positions have `zero` less; takes no time."""
        return Edits(
            start=self.start[first:last],
            end=self.end[first:last],
            gain=self.gain[first : last + 1],
            made_start=self.made_start[first:last],
            made_end=self.made_end[first:last],
            zero=self.zero + zero,
            bases=lambda number: self.bases(first + number),
        )

    def around(self, edit: Edit) -> tuple[int, int]:
        """Return how many edits lie before another one, and the number of the first that lies behind it.

        Those in between overlap it. Two insertions at one place do, as nothing says which comes first.
        """
        before = int(np.searchsorted(self.end, edit.start, side="right"))
        if edit.start == edit.end and before and self.start[before - 1] == edit.start:
            return before - 1, before
        return before, int(np.searchsorted(self.start, edit.end, side="left"))

    def shift(self, number: int) -> int:
        """Return what to add to a position between an edit and the one before it to have the made one."""
        return int(self.gain[number]) - self.zero

    def is_shifted(self, first: int, last: int) -> bool:
        """Return whether that is anything but zero before any edit from `first` to `last`, both included."""
        return bool((self.gain[first : last + 1] != self.zero).any())

    def ended_by(self, made: int) -> int:
        """Return how many edits end at or before a made position."""
        return int(np.searchsorted(self.made_end, made + self.zero, side="right"))

    def begun_before(self, made: int) -> int:
        """Return how many edits begin before a made position."""
        return int(np.searchsorted(self.made_start, made + self.zero, side="left"))

    def make(self, source: SequenceSource, chromosome: str, start: int, end: int) -> str:
        """Return the bases [start, end) of what is made, N where that reaches past the contig.

        Args:
            source: The unchanged sequence.
            chromosome: The contig.
            start: A made position.
            end: Likewise.

        Raises:
            FastaError: The file is damaged there.
        """
        if start >= end:
            return ""
        first, last = self.ended_by(start), self.begun_before(end)
        begin, finish = start - self.shift(first), end - self.shift(max(first, last))
        surplus = 0
        if first < last:
            # Either end may lie among the new bases of an edit.
            surplus = max(0, start + self.zero - int(self.made_start[first]))
            begin = min(begin, int(self.start[first]))
            finish = max(finish, int(self.end[last - 1]))
        whole = source.fetch(Interval(chromosome=chromosome, start=begin, end=finish))
        pieces, reached = [], begin
        for number in range(first, last):
            pieces += [whole[reached - begin : int(self.start[number]) - begin], self.bases(number)]
            reached = int(self.end[number])
        return "".join([*pieces, whole[reached - begin :]])[surplus : surplus + end - start]

    def first_from(self, position: Int64[np.ndarray, " places"]) -> Int64[np.ndarray, " places"]:
        """Return where the first base is that is kept, of those at a position or behind it."""
        number, is_lost = self._lost(position)
        made = np.where(is_lost, _at(self.made_end, number), position + self.gain[number])
        return made - np.int64(self.zero)

    def behind_last(self, position: Int64[np.ndarray, " places"]) -> Int64[np.ndarray, " places"]:
        """Return the made position behind the last base that is kept, of those before a position."""
        number, is_lost = self._lost(position - np.int64(1))
        made = np.where(is_lost, _at(self.made_start, number), position + self.gain[number])
        return made - np.int64(self.zero)

    def is_kept(self, position: Int64[np.ndarray, " places"]) -> Bool[np.ndarray, " places"]:
        """Return which bases have a place on what is made.

        All have but those of deletions, and those that more or fewer bases replace.
        """
        return ~self._lost(position)[1]

    def original(self, made: Int64[np.ndarray, " places"]) -> Int64[np.ndarray, " places"]:
        """Return where made positions were; of those among bases gained, where these were put."""
        made = made + np.int64(self.zero)
        number = np.searchsorted(self.made_end, made, side="right")
        is_gained = (_at(self.made_start, number) <= made) & self._changes_length(number)
        return np.where(is_gained, _at(self.start, number), made - self.gain[number])

    def _lost(
        self, position: Int64[np.ndarray, " places"]
    ) -> tuple[Int64[np.ndarray, " places"], Bool[np.ndarray, " places"]]:
        """Return how many edits end at or before each base, and whether the next one takes the base."""
        number = np.searchsorted(self.end, position, side="right")
        return number, (_at(self.start, number) <= position) & self._changes_length(number)

    def _changes_length(self, number: Int64[np.ndarray, " places"]) -> Bool[np.ndarray, " places"]:
        """Return whether the edits change how many bases there are; behind the last, none does."""
        following = np.minimum(number + 1, len(self))
        changes: Bool[np.ndarray, " places"] = self.gain[following] != self.gain[number]
        return changes


def _at(
    values: Int64[np.ndarray, " edits"], number: Int64[np.ndarray, " places"]
) -> Int64[np.ndarray, " places"]:
    """Return the values of some edits; anything for those behind the last."""
    return values[np.minimum(number, len(values) - 1)] if len(values) else np.zeros_like(number)
