"""How scores are distributed, track by track, in bounded memory and whatever the order they come in.

A score falls into the bucket of its upper 16 bits as float32: sign, exponent and 7 bits of mantissa.
A bucket spans at most 1 part in 128 of its values, and a track has at most 65,279 of them, however many
scores are counted. Counts add up, so that neither batches, nor shards, nor the order of the input can
change the outcome, as they do for sketches that sample or that centre their buckets on the data.
"""

import dataclasses
import functools

import numpy as np
from jaxtyping import Float, Int16, Int64

MAX_BUCKET = 0x7F80
"""The bucket of infinity, which no score is in: buckets are between -32,639 and 32,639."""

RELATIVE_WIDTH = 2**-7
"""Width of a bucket over its least magnitude, at most, down to magnitudes of 2**-126."""

_BUCKETS_PER_TRACK = 1 << 16
_OFFSET = 1 << 15
_SHIFT = 16
_MAGNITUDE = 0x7FFFFFFF


def buckets(scores: Float[np.ndarray, "*shape"]) -> Int16[np.ndarray, "*shape"]:
    """Return the bucket of each score: a number that grows with it, is 0 for 0 and changes sign with it.

    What is nearer to zero than 2**-133 is zero. NaN and infinities have no meaningful bucket.
    """
    bits = np.ascontiguousarray(scores, np.float32).view(np.int32)
    magnitude = ((bits & _MAGNITUDE) >> _SHIFT).astype(np.int16)
    return np.where(bits < 0, -magnitude, magnitude)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sketch:
    """Counts of the scores of several tracks, by bucket.

    Attributes:
        track_count: Number of tracks.
        codes: Track and bucket of every bucket that is not empty, in one number; ascending.
        counts: How many scores are in it; positive.
    """

    track_count: int
    codes: Int64[np.ndarray, " filled"]
    counts: Int64[np.ndarray, " filled"]

    def merged(self, other: "Sketch") -> "Sketch":
        """Return the sketch of both sketches' scores, which are of the same tracks."""
        codes, place = np.unique(np.concatenate([self.codes, other.codes]), return_inverse=True)
        counts = np.zeros(len(codes), np.int64)
        np.add.at(counts, place, np.concatenate([self.counts, other.counts]))
        return Sketch(track_count=self.track_count, codes=codes, counts=counts)

    @property
    def totals(self) -> Int64[np.ndarray, " tracks"]:
        """How many scores each track has."""
        return np.diff(self._below[self._starts])

    def ranks(
        self, scores: Float[np.ndarray, "rows columns"], tracks: Int64[np.ndarray, " columns"]
    ) -> Float[np.ndarray, "rows columns"]:
        """Return which part of a track's scores is below each score, ties counted half.

        Args:
            scores: Scores; NaN has no rank.
            tracks: The track of each column, or -1 for one that is not here.

        Returns:
            For n scores of a track between 1/(2n) and 1 - 1/(2n), as a score beyond all of them ranks as
            if it tied with the last; NaN where the track has none.
        """
        known = np.where(tracks < 0, 0, tracks)
        codes = _codes(scores, known)
        below = self._below[np.searchsorted(self.codes, codes, "left")]
        not_above = self._below[np.searchsorted(self.codes, codes, "right")]
        before, after = self._below[self._starts[known]], self._below[self._starts[known + 1]]
        total = np.where(tracks < 0, 0, after - before)
        with np.errstate(invalid="ignore", divide="ignore"):
            rank = (below + not_above - 2 * before) / 2 / total
            end = 1 / (2 * total)
        return np.where(np.isfinite(scores) & (total > 0), np.clip(rank, end, 1 - end), np.nan)

    @functools.cached_property
    def _below(self) -> Int64[np.ndarray, " filled_and_one"]:
        """How many scores, of all tracks, are in buckets before each one."""
        return np.concatenate([[0], np.cumsum(self.counts)])

    @functools.cached_property
    def _starts(self) -> Int64[np.ndarray, " tracks_and_one"]:
        """Where each track begins in `codes`, and the end of the last."""
        return np.searchsorted(self.codes, np.arange(self.track_count + 1) * _BUCKETS_PER_TRACK)


def sketch_of(scores: Float[np.ndarray, "rows tracks"]) -> Sketch:
    """Return the sketch of scores; those that are not finite do not count."""
    codes = _codes(scores, np.arange(scores.shape[1]))[np.isfinite(scores)]
    found, counts = np.unique(codes, return_counts=True)
    return Sketch(track_count=scores.shape[1], codes=found, counts=counts)


def joined(
    track_sizes: Int64[np.ndarray, " tracks"],
    bucket: Int16[np.ndarray, " buckets"],
    counts: Int64[np.ndarray, " counts"],
) -> Sketch:
    """Return the sketch that `parts` took apart.

    Raises:
        ValueError: It is none: sizes do not add up, or buckets do not ascend, do not exist or are empty.
    """
    if (track_sizes < 0).any() or track_sizes.sum() != len(bucket) or len(bucket) != len(counts):
        raise ValueError("the tracks' sizes do not add up")
    if (np.abs(bucket.astype(np.int64)) >= MAX_BUCKET).any() or (counts < 1).any():
        raise ValueError("a bucket does not exist or is empty")
    track = np.repeat(np.arange(len(track_sizes)), track_sizes)
    codes = track * _BUCKETS_PER_TRACK + bucket + _OFFSET
    if (np.diff(codes) <= 0).any():
        raise ValueError("the buckets do not ascend")
    return Sketch(track_count=len(track_sizes), codes=codes, counts=counts)


def parts(
    sketch: Sketch,
) -> tuple[Int64[np.ndarray, " tracks"], Int16[np.ndarray, " filled"], Int64[np.ndarray, " filled"]]:
    """Return a sketch as it is stored: buckets per track, and each bucket with its count."""
    sizes = np.bincount(sketch.codes // _BUCKETS_PER_TRACK, minlength=sketch.track_count)
    bucket = (sketch.codes % _BUCKETS_PER_TRACK - _OFFSET).astype(np.int16)
    return sizes.astype(np.int64), bucket, sketch.counts


def _codes(
    scores: Float[np.ndarray, "rows tracks"], tracks: Int64[np.ndarray, " tracks"]
) -> Int64[np.ndarray, "rows tracks"]:
    codes: np.ndarray = tracks * _BUCKETS_PER_TRACK + buckets(scores) + _OFFSET
    return codes
