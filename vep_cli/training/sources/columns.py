"""Which tracks a source's profiles are targets of, and how profiles add up to targets."""

import dataclasses
import fnmatch
import functools
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float32, Int64

from vep_cli.errors import UsageError
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import ORGANISMS, Track, TrackTable
from vep_cli.training.sources.source import ColumnTargets

STRAND_PARTNERS = np.array([1, 0])
"""Of two profiles, of '+' and '-'."""

ALL_TRACKS: Mapping[str, float] = {"*": 1.0}


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Mixing:
    """Targets that are weighted sums of profiles.

    Attributes:
        output: The head.
        columns: By organism, the head's columns; none of an organism without such tracks.
        weights: By organism, the weight of each profile in each column.
    """

    output: OutputType
    columns: Mapping[str, Int64[np.ndarray, " columns"]]
    weights: Mapping[str, Float32[np.ndarray, "profiles columns"]]

    def targets(self, profiles: Float32[np.ndarray, "bases profiles"], organism: str) -> ColumnTargets:
        """Return the targets at the head's finest resolution, unknown where a profile that counts is."""
        binned = summed(profiles, self.output.resolution)
        values = np.zeros((len(binned), len(self.columns[organism])), np.float32)
        for profile, weight in self._terms.get(organism, ()):
            values += binned[:, profile] * weight
        return ColumnTargets(columns=self.columns[organism], values=values)

    @functools.cached_property
    def _terms(self) -> dict[str, list[tuple[np.ndarray, np.ndarray]]]:
        return {organism: _terms(weights) for organism, weights in self.weights.items() if weights.size}


def summed(
    profiles: Float32[np.ndarray, "bases profiles"], size: int
) -> Float32[np.ndarray, "bins profiles"]:
    """Return the sums over bins of `size` bases."""
    if size == 1:
        return profiles
    sums: np.ndarray = profiles.reshape(-1, size, profiles.shape[-1]).sum(axis=1)
    return sums


def chosen_tracks(
    tracks: TrackTable, output: OutputType, weights: Mapping[str, float]
) -> list[tuple[Track, float]]:
    """Return the tracks of a head that the patterns name, each with the weight of the first that does.

    Args:
        tracks: All that the model predicts.
        output: The head.
        weights: By pattern, with '*' and '?', of the track's name or that of its biosample.

    Raises:
        UsageError: A pattern names no track of the head.
    """
    of_output = tracks.by_output.get(output, ())
    for pattern in weights:
        if not any(_is_named(track, pattern) for track in of_output):
            raise UsageError(
                f"{pattern!r} names no track of {output}",
                remedy="patterns are of names or biosamples in the track table; quote them as there",
            )
    found: list[tuple[Track, float]] = []
    for track in of_output:
        named = [weight for pattern, weight in weights.items() if _is_named(track, pattern)]
        found += [(track, weight) for weight in named[:1]]
    return found


def stranded(output: OutputType, chosen: Sequence[tuple[Track, float]]) -> Mixing:
    """Return how two profiles, of '+' and '-', make tracks: a '.' track is the sum of both."""
    rows = {"+": (1.0, 0.0), "-": (0.0, 1.0), ".": (1.0, 1.0)}
    return mixing(
        output, [(track, [weight * part for part in rows[track.strand]]) for track, weight in chosen]
    )


def mixing(output: OutputType, chosen: Sequence[tuple[Track, Sequence[float]]]) -> Mixing:
    """Return how profiles make tracks, from the weight of each profile in each track."""
    columns, weights = {}, {}
    profiles = len(chosen[0][1]) if chosen else 0
    for organism in ORGANISMS:
        here = [(track.index, row) for track, row in chosen if track.organism == organism]
        columns[organism] = np.array([index for index, _ in here], np.int64)
        weights[organism] = np.array([row for _, row in here], np.float32).reshape(-1, profiles).T
    return Mixing(output=output, columns=columns, weights=weights)


def identity(output: OutputType, columns: int) -> Mixing:
    """Return the mixing of profiles that are the head's columns, whatever the organism."""
    return Mixing(
        output=output,
        columns=dict.fromkeys(ORGANISMS, np.arange(columns)),
        weights=dict.fromkeys(ORGANISMS, np.eye(columns, dtype=np.float32)),
    )


def _terms(
    weights: Float32[np.ndarray, "profiles columns"],
) -> list[tuple[Int64[np.ndarray, " columns"], Float32[np.ndarray, " columns"]]]:
    """Return, as often as a column has weights, a profile of each column and its weight.

    A column that has fewer repeats its first profile with a weight of 0, so that no column is unknown
    because of a profile that has no part in it.
    """
    is_used = weights != 0
    first = is_used.argmax(axis=0)
    terms = []
    for place in range(max(int(is_used.sum(axis=0).max(initial=0)), 1)):
        ranks = np.where(is_used, is_used.cumsum(axis=0) - 1, -1) == place
        profile = np.where(ranks.any(axis=0), ranks.argmax(axis=0), first)
        terms.append((profile, np.where(ranks.any(axis=0), weights[profile, np.arange(len(profile))], 0)))
    return [(profile, weight.astype(np.float32)) for profile, weight in terms]


def _is_named(track: Track, pattern: str) -> bool:
    return fnmatch.fnmatchcase(track.name, pattern) or fnmatch.fnmatchcase(track.biosample_name, pattern)
