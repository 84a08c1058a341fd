"""Random edits of a sequence, as evolution and disease make them: what teaches the effects of variants."""

import dataclasses
import enum
import pathlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float64, Int32, Int64, UInt8

from vep_cli.training.pieces import UNKNOWN_BASE

NOWHERE = -1
"""Reference position of an inserted base."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class CopySettings:
    """How many edited copies there are of each piece to train on, and how much is edited.

    Rates are edits per base.

    Attributes:
        count: Edited copies of each piece, besides the piece itself.
        seed: Of the edits.
        substitution_rate: Of single-base substitutions.
        near_sites_rate: Of those within `near_sites_distance` of a splice site.
        near_sites_distance: In bases.
        near_sites: Annotation, GTF or GFF3, with the splice sites of each genome.
        indel_rate: Of insertions and deletions, as many of either.
        longest_indel: In bases; all lengths from 1 are equally likely.
        structural_rate: Of deletions, tandem duplications and inversions, as many of each.
        shortest_structural: In bases.
        longest_structural: In bases; the logarithms of lengths are spread evenly.
    """

    count: int = 0
    seed: int = 1
    substitution_rate: float = 0.002
    near_sites_rate: float = 0.02
    near_sites_distance: int = 50
    near_sites: Mapping[str, pathlib.Path] = dataclasses.field(default_factory=dict)
    indel_rate: float = 0.0005
    longest_indel: int = 20
    structural_rate: float = 0.00001
    shortest_structural: int = 50
    longest_structural: int = 2000

    def __post_init__(self) -> None:
        """Reject rates that are none."""
        for name in ("substitution_rate", "near_sites_rate", "indel_rate", "structural_rate"):
            if not 0 <= getattr(self, name) <= 0.5:
                raise ValueError(f"{name} = {getattr(self, name)} is not between 0 and 0.5")
        if not 1 <= self.shortest_structural <= self.longest_structural or self.longest_indel < 1:
            raise ValueError("the lengths of edits are not positive and ascending")


class Edited(NamedTuple):
    """A sequence after its edits; without any, with `reference` ascending from the start.

    Attributes:
        bases: Codes of the bases.
        reference: 0-based position of the reference that each base came from; `NOWHERE` if inserted.
        is_reversed: Whether the base is of the reference's other strand, having been inverted.
        is_edited: Whether the base is substituted, inserted, duplicated, inverted, or beside a break.
    """

    bases: UInt8[np.ndarray, " bases"]
    reference: Int32[np.ndarray, " bases"]
    is_reversed: Bool[np.ndarray, " bases"]
    is_edited: Bool[np.ndarray, " bases"]


class _Kind(enum.IntEnum):
    INSERTION = 0
    DELETION = 1
    DUPLICATION = 2
    INVERSION = 3


class _Event(NamedTuple):
    start: int
    length: int
    kind: _Kind


def unedited(bases: UInt8[np.ndarray, " bases"], start: int) -> Edited:
    """Return the sequence as it is; `start` is the 0-based reference position of its first base."""
    nothing = np.zeros(len(bases), bool)
    reference = np.arange(start, start + len(bases), dtype=np.int32)
    return Edited(bases=bases, reference=reference, is_reversed=nothing, is_edited=nothing)


def edit(
    bases: UInt8[np.ndarray, " bases"],
    start: int,
    substitution_rate: Float64[np.ndarray, " bases"],
    settings: CopySettings,
    generator: np.random.Generator,
) -> Edited:
    """Return a sequence with random edits.

    Args:
        bases: Codes of the bases.
        start: 0-based reference position of the first one.
        substitution_rate: Of each base; see `substitution_rates`.
        settings: Rates and lengths of the other edits.
        generator: Source of the random numbers.
    """
    substituted = _substituted(bases, substitution_rate, generator)
    events = _apart(_events(len(bases), settings, generator))
    source, is_reversed, is_rearranged = _rearranged(len(bases), events)
    is_inserted = source == NOWHERE
    found = substituted[source]
    found[is_inserted] = generator.integers(0, 4, int(is_inserted.sum()), np.uint8)
    breaks = np.diff(source) != 1
    is_edited = is_rearranged | (substituted != bases)[source] | is_inserted
    is_edited[:-1] |= breaks
    is_edited[1:] |= breaks
    return Edited(
        bases=np.where(is_reversed, complement(found), found),
        reference=np.where(is_inserted, NOWHERE, source + start).astype(np.int32),
        is_reversed=is_reversed,
        is_edited=is_edited,
    )


def substitution_rates(
    length: int, sites: Int64[np.ndarray, " sites"], settings: CopySettings
) -> Float64[np.ndarray, " {length}"]:
    """Return the rate of substitutions of each base.

    Args:
        length: Bases.
        sites: Places of splice sites, counted from the first base.
        settings: The rate near sites and elsewhere.
    """
    is_near = np.zeros(length, bool)
    is_near[sites] = True
    is_near = widened(is_near, settings.near_sites_distance)
    return np.where(is_near, settings.near_sites_rate, settings.substitution_rate)


def complement(bases: UInt8[np.ndarray, "*shape"]) -> UInt8[np.ndarray, "*shape"]:
    """Return the complement of each base; N stays."""
    return np.where(bases == UNKNOWN_BASE, bases, (UNKNOWN_BASE - 1 - bases).astype(np.uint8))


def widened(flags: Bool[np.ndarray, " bases"], distance: int) -> Bool[np.ndarray, " bases"]:
    """Return which bases are at most `distance` from a flagged one."""
    counts = np.concatenate([[0], np.cumsum(flags)])
    places = np.arange(len(flags))
    last = np.minimum(places + distance + 1, len(flags))
    return counts[last] > counts[np.maximum(places - distance, 0)]


def _substituted(
    bases: UInt8[np.ndarray, " bases"], rate: Float64[np.ndarray, " bases"], generator: np.random.Generator
) -> UInt8[np.ndarray, " bases"]:
    is_hit = (generator.random(len(bases)) < rate) & (bases != UNKNOWN_BASE)
    other = (bases + generator.integers(1, 4, len(bases), np.uint8)) % 4
    return np.where(is_hit, other, bases).astype(np.uint8)


def _events(length: int, settings: CopySettings, generator: np.random.Generator) -> list[_Event]:
    """Return insertions, deletions, duplications and inversions, as many as the rates make likely."""
    indels = generator.poisson(settings.indel_rate * length)
    structural = generator.poisson(settings.structural_rate * length)
    kinds = np.concatenate([generator.integers(0, 2, indels), generator.integers(1, 4, structural)])
    shortest, longest = np.log([settings.shortest_structural, settings.longest_structural])
    lengths = np.concatenate(
        [
            generator.integers(1, settings.longest_indel + 1, indels),
            np.exp(generator.uniform(shortest, longest, structural)).astype(np.int64),
        ]
    )
    starts = generator.integers(1, max(length - 1, 2), len(kinds))
    rows = zip(starts.tolist(), lengths.tolist(), kinds.tolist(), strict=True)
    return [_Event(start, size, _Kind(kind)) for start, size, kind in rows if start + size < length]


def _apart(events: list[_Event]) -> Iterator[_Event]:
    """Yield the events in order, but those that begin before the end of one that was yielded."""
    reach = 0
    for event in sorted(events):
        if event.start > reach:
            yield event
            reach = event.start + (0 if event.kind is _Kind.INSERTION else event.length)


def _rearranged(
    length: int, events: Iterator[_Event]
) -> tuple[Int64[np.ndarray, " new"], Bool[np.ndarray, " new"], Bool[np.ndarray, " new"]]:
    """Return the source of each base after the events, whether it is inverted, and whether one moved it."""
    chunks: list[tuple[Int64[np.ndarray, " _"], bool, bool]] = []
    done = 0
    for event in events:
        chunks.append((np.arange(done, event.start), False, False))
        span = np.arange(event.start, event.start + event.length)
        match event.kind:
            case _Kind.INSERTION:
                chunks.append((np.full(event.length, NOWHERE), False, True))
            case _Kind.DUPLICATION:
                chunks.append((np.concatenate([span, span]), False, True))
            case _Kind.INVERSION:
                chunks.append((span[::-1], True, True))
            case _Kind.DELETION:
                pass
        done = event.start + (0 if event.kind is _Kind.INSERTION else event.length)
    chunks.append((np.arange(done, length), False, False))
    sources, reversals, moves = zip(*chunks, strict=True)
    sizes = [len(source) for source in sources]
    return np.concatenate(sources), np.repeat(reversals, sizes), np.repeat(moves, sizes)
