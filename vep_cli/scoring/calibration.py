"""Quantiles: where a score ranks among those of a background of variants, by scorer and track.

The definition is that of the official `quantile_score` (its FAQ; Avsec et al., Nature 2026): the rank of
the raw score among the scores that common variants have with the same scorer and track. Unsigned scores
have it in [0, 1]; for signed ones it is stretched to [-1, 1], so that the median is 0.
"""

import dataclasses
import functools
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, Int64

from vep_cli.model.tracks import Track
from vep_cli.scoring.labels import without_opposite_strand
from vep_cli.scoring.scorer import Scores
from vep_cli.scoring.sketch import Sketch, sketch_of

TrackKey = tuple[str, str, str, str]
"""Organism, output type, name and strand, by which tracks are told apart."""

_MAX_WAITING = 1 << 20
"""Scores of one scorer that wait to be counted, or as many as it has buckets: each time costs all buckets."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class MadeOf:
    """What a calibration was made of.

    Attributes:
        background: Name of the file of variants.
        background_sha256: Its hash.
        allele_count: Alleles of it that have a score.
        weights_sha256: Hash of the model's parameters.
        organism: 'human' or 'mouse'.
        window: Base pairs that the network saw.
        precision: Number format of the network.
        run: What an output's header says of such a run: weights, reference, annotation and the like.
    """

    background: str
    background_sha256: str
    allele_count: int
    weights_sha256: str
    organism: str
    window: int
    precision: str
    run: Mapping[str, str]

    def __str__(self) -> str:
        """Return one line for people."""
        return (
            f"{self.allele_count} alleles of {self.background} sha256:{self.background_sha256} "
            f"({self.organism}, window {self.window} bp, {self.precision})"
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Distribution:
    """How one scorer's background scores are distributed.

    Attributes:
        tracks: What the tracks of the sketch are.
        sketch: The scores.
    """

    tracks: tuple[TrackKey, ...]
    sketch: Sketch

    def places(self, tracks: tuple[Track, ...]) -> Int64[np.ndarray, "{len(tracks)}"]:  # noqa: F821 - an axis
        """Return where each track is in the sketch; -1 for one that is not."""
        return np.array([self._place_of.get(track_key(track), -1) for track in tracks], np.int64)

    @functools.cached_property
    def _place_of(self) -> dict[TrackKey, int]:
        return {key: place for place, key in enumerate(self.tracks)}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Calibration:
    """Background distributions of one model's scores.

    Attributes:
        made_of: What it was made of.
        distributions: By the official name of the scorer.
    """

    made_of: MadeOf
    distributions: Mapping[str, Distribution]

    def filled(self, scores: Scores) -> Scores:
        """Return the scores with their quantiles, NaN where there is no background."""
        return dataclasses.replace(scores, quantile=self._quantiles(scores).astype(np.float32))

    def _quantiles(self, scores: Scores) -> Float[np.ndarray, "rows tracks"]:
        distribution = self.distributions.get(scores.scorer.official_name)
        if distribution is None:
            return np.full(scores.raw.shape, np.nan)
        rank = distribution.sketch.ranks(scores.raw, distribution.places(scores.tracks))
        return 2 * rank - 1 if scores.scorer.is_signed else rank


class Background:
    """Collects the scores of background variants; what comes of it does not depend on their order."""

    def __init__(self) -> None:
        self._collectors: dict[str, _Collector] = {}

    def see(self, scores: Scores) -> None:
        """Count every score that is not NaN and not of the strand opposite to its gene, row by row."""
        name = scores.scorer.official_name
        if name not in self._collectors:
            self._collectors[name] = _Collector(scores.tracks)
        raw = without_opposite_strand(scores.raw, scores.rows, scores.tracks)
        self._collectors[name].see(raw)

    def distributions(self) -> dict[str, Distribution]:
        """Return what was counted so far, by the official name of the scorer."""
        return {name: self._collectors[name].distribution() for name in sorted(self._collectors)}


class _Collector:
    """One scorer's scores: those that are counted, and those that wait to be."""

    def __init__(self, tracks: tuple[Track, ...]) -> None:
        self._keys = tuple(map(track_key, tracks))
        self._counted = sketch_of(np.zeros((0, len(tracks)), np.float32))
        self._waiting: list[np.ndarray] = []
        self._waiting_count = 0

    def see(self, raw: Float[np.ndarray, "rows tracks"]) -> None:
        self._waiting.append(raw)
        self._waiting_count += raw.size
        if self._waiting_count > max(_MAX_WAITING, len(self._counted.codes)):
            self._count()

    def distribution(self) -> Distribution:
        self._count()
        return Distribution(tracks=self._keys, sketch=self._counted)

    def _count(self) -> None:
        if self._waiting:
            self._counted = self._counted.merged(sketch_of(np.concatenate(self._waiting)))
            self._waiting, self._waiting_count = [], 0


def track_key(track: Track) -> TrackKey:
    """Return what a calibration knows a track by."""
    return track.organism, track.output_type.value, track.name, track.strand
