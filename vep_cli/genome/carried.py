"""The alleles that one sample carries on a contig, and which of them lie on one copy of the chromosome.

Two alleles lie on one copy for certain where they are phased, on the same side, in one phase set, or where
one of them is on every copy. Of a whole genome there are millions, so they are columns of numbers.
"""

import dataclasses
import functools
from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Int8, Int32, Int64

from vep_cli.genome.edits import Edit, Edits
from vep_cli.genome.genotype import Copy

COPIES = tuple(Copy)
"""In the order in which a column numbers them."""

FIRST, SECOND, BOTH, UNPHASED = range(len(COPIES))

HAPLOID = -1
"""The group of haploid genotypes: whether their copy is a phased one's first or second, nothing says."""

UNKNOWN = "?"
"""The bases of an allele whose bases are not known, or that does not fit the reference."""

_BACKGROUNDS_KEPT = 4
"""Whose edits are remembered: those of either copy, and of alleles on both, of the last phase sets."""

_LANE_STRIDE = 1 << 40
"""More than any coordinate, so that (lane, position) fits one sortable integer."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Carried:
    """The alleles of one contig, in order, each once.

    Attributes:
        start: First base that each changes.
        end: Base after the last one.
        copy: Which copy has it, as `COPIES` numbers them.
        group: What `copy` counts in: the number of a phase set, or `HAPLOID`. Of no meaning where the copy
            is none of the two.
        is_usable: Whether its bases are known and no other allele of its copy overlaps it.
        text: The new bases of all.
        text_start: Where in `text` those of each begin.
        text_length: How many they are.
    """

    start: Int64[np.ndarray, " alleles"]
    end: Int64[np.ndarray, " alleles"]
    copy: Int8[np.ndarray, " alleles"]
    group: Int32[np.ndarray, " alleles"]
    is_usable: Bool[np.ndarray, " alleles"]
    text: bytes
    text_start: Int64[np.ndarray, " alleles"]
    text_length: Int64[np.ndarray, " alleles"]

    def bases(self, number: int) -> str:
        """Return what an allele puts in the place of the bases that it changes."""
        start = self.text_start[number]
        return self.text[start : start + self.text_length[number]].decode()

    def find(self, edit: Edit) -> int | None:
        """Return the number of an allele; None where the sample does not carry it."""
        first, last = np.searchsorted(self.start, [edit.start, edit.start + 1]).tolist()
        for number in range(first, last):
            if self.end[number] == edit.end and self.bases(number) == edit.bases:
                return number
        return None

    def copy_of(self, number: int) -> Copy:
        """Return which copy carries an allele."""
        return COPIES[int(self.copy[number])]

    def background(self, number: int) -> Edits:
        """Return the alleles that lie, for certain, on every copy that an allele lies on.

        The allele itself may be among them.
        """
        copy, group = int(self.copy[number]), int(self.group[number])
        return self._backgrounds(copy, group) if copy in (FIRST, SECOND) else self._backgrounds(BOTH, 0)

    def count_left_out(self, number: int, start: int, end: int) -> int:
        """Return how many other alleles may lie on a copy of an allele and are not in its background.

        Args:
            number: The allele.
            start: First base; alleles that begin here or behind count.
            end: Base after the last one.
        """
        here = slice(*np.searchsorted(self.start, [start, end]).tolist())
        copy, group = int(self.copy[number]), int(self.group[number])
        overlaps = _overlaps(self.start[here], self.end[here], int(self.start[number]), int(self.end[number]))
        # Of two unphased alleles that overlap, each is on the copy that the other is not on.
        is_elsewhere = overlaps & (self.copy[here] == UNPHASED) & (copy == UNPHASED)
        if copy in (FIRST, SECOND):
            is_elsewhere = (self.copy[here] == FIRST + SECOND - copy) & (self.group[here] == group)
        is_applied = self._is_background(copy, group, here) & ~overlaps
        is_other = np.arange(here.start, here.stop) != number
        return int((is_other & ~is_elsewhere & ~is_applied).sum())

    @functools.cached_property
    def _backgrounds(self) -> Callable[[int, int], Edits]:
        # Not on the method itself, which would keep the alleles as long as the program runs.
        return functools.lru_cache(maxsize=_BACKGROUNDS_KEPT)(self._make_background)

    def _make_background(self, copy: int, group: int) -> Edits:
        numbers = np.flatnonzero(self._is_background(copy, group, slice(None)))
        start, end = self.start[numbers], self.end[numbers]
        gained = self.text_length[numbers] - (end - start)
        return Edits.of(start, end, gained, lambda number: self.bases(int(numbers[number])))

    def _is_background(self, copy: int, group: int, here: slice) -> Bool[np.ndarray, " _"]:
        is_background = self.copy[here] == BOTH
        if copy in (FIRST, SECOND):
            is_background |= (self.copy[here] == copy) & (self.group[here] == group)
        usable: Bool[np.ndarray, " _"] = is_background & self.is_usable[here]
        return usable


def in_conflict(
    start: Int64[np.ndarray, " alleles"],
    end: Int64[np.ndarray, " alleles"],
    copy: Int8[np.ndarray, " alleles"],
    group: Int32[np.ndarray, " alleles"],
) -> Bool[np.ndarray, " alleles"]:
    """Return which alleles overlap another that the genotypes put on the same copy.

    One that is on every copy is on that of any other. Phased alleles of two phase sets, and unphased ones,
    may be on two copies.

    Args:
        start: First base that each changes, ascending.
        end: Base after the last one, ascending where starts are equal.
        copy: As `Carried` has them.
        group: Likewise.
    """
    conflicts = np.zeros(len(start), bool)
    is_both = copy == BOTH
    is_phased = (copy == FIRST) | (copy == SECOND)
    lane = np.where(is_both, 0, 1 + 2 * (group.astype(np.int64) - HAPLOID) + copy)
    sure = np.flatnonzero(is_both | is_phased)
    conflicts[sure] = _clashing(lane[sure], start[sure], end[sure])
    for some, others in ((is_both, ~is_both), (~is_both, is_both)):
        conflicts[some] |= _overlap_any(start[some], end[some], start[others], end[others])
    return conflicts


def _clashing(
    lane: Int64[np.ndarray, " alleles"],
    start: Int64[np.ndarray, " alleles"],
    end: Int64[np.ndarray, " alleles"],
) -> Bool[np.ndarray, " alleles"]:
    """Return which alleles overlap another of their lane."""
    order = np.argsort(lane, kind="stable")
    first, last = (lane * _LANE_STRIDE + place for place in (start, end))
    first, last = first[order], last[order]
    is_twin = (first[1:] == first[:-1]) & (last[1:] == last[:-1])
    clashes = np.zeros(len(order), bool)
    clashes[1:] = (first[1:] < np.maximum.accumulate(last)[:-1]) | is_twin
    clashes[:-1] |= (first[1:] < last[:-1]) | is_twin
    found = np.zeros_like(clashes)
    found[order] = clashes
    return found


def _overlap_any(
    start: Int64[np.ndarray, " some"],
    end: Int64[np.ndarray, " some"],
    other_start: Int64[np.ndarray, " others"],
    other_end: Int64[np.ndarray, " others"],
) -> Bool[np.ndarray, " some"]:
    """Return which alleles overlap any of the others, whose starts ascend."""
    # Before the first of the others, nothing reaches anywhere.
    reach = np.append(np.full(1, -1), np.maximum.accumulate(other_end))
    overlaps = reach[np.searchsorted(other_start, end, side="left")] > start
    insertions = other_start[other_start == other_end]
    found: Bool[np.ndarray, " some"] = overlaps | ((start == end) & np.isin(start, insertions))
    return found


def _overlaps(
    start: Int64[np.ndarray, " alleles"], end: Int64[np.ndarray, " alleles"], first: int, last: int
) -> Bool[np.ndarray, " alleles"]:
    """Return which alleles overlap [first, last), as `Edits.around` has it."""
    is_same = (start == first) & (end == last)
    found: Bool[np.ndarray, " alleles"] = ((start < last) & (first < end)) | is_same
    return found
