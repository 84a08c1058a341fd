"""What each base of a stretch contributes to a score, from the scores of all its single-base changes."""

import dataclasses
import warnings

import numpy as np
from jaxtyping import Float, Float32

from vep_cli.genome.interval import Interval
from vep_cli.model.tracks import Track
from vep_cli.scoring.scored_record import ScoredRecord
from vep_cli.scoring.scorer import RowLabel, Scorer, Scores

BASES = "ACGT"

_Key = tuple[str, str]
"""A scorer's official name, and the gene of a row or ''."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Contributions:
    """One scorer's answers for one track, and one gene where it goes by genes.

    Attributes:
        scorer: The scorer.
        label: The gene, if any.
        track: The track.
        interval: The stretch.
        bases: Its letters.
        effects: The score of each change, by the base that comes in, in the order of `BASES`; NaN at the base
            that is there, and where a change has no score.
    """

    scorer: Scorer
    label: RowLabel
    track: Track
    interval: Interval
    bases: str
    effects: Float32[np.ndarray, "positions 4"]

    @property
    def of_bases(self) -> Float[np.ndarray, " positions"]:
        """What each base that is there contributes; NaN where no change of it has a score.

        The mean score of its changes; where scores say more or less, with the opposite sign, so that a base
        whose loss lowers the prediction contributes more than nothing.
        """
        means = _mean(self.effects)
        return -means if self.scorer.is_signed else means


@dataclasses.dataclass(eq=False)
class _Effects:
    scorer: Scorer
    label: RowLabel
    tracks: tuple[Track, ...]
    raw: Float32[np.ndarray, "positions 4 tracks"]


class Gathering:
    """Collects the scores of the changes of a stretch, as they come."""

    def __init__(self, interval: Interval, bases: str, panels: int) -> None:
        """Begin.

        Args:
            interval: The stretch.
            bases: Its letters.
            panels: How many contributions are wanted in the end; with 0 nothing is kept.
        """
        self._interval, self._bases, self._panels = interval, bases, panels
        self._effects: dict[_Key, _Effects] = {}

    def add(self, record: ScoredRecord) -> None:
        """Take the scores of the changes of one base, those that compare alleles and are not of introns."""
        if not self._panels:
            return
        for allele in record.alleles:
            variant = allele.allele.variant
            if variant is not None:
                place = variant.start - self._interval.start, BASES.index(variant.alternate_bases)
                for scores in allele.scores:
                    self._add_scores(scores, place)

    def strongest(self) -> tuple[Contributions, ...]:
        """Return of each scorer the track, and the gene, with the largest score, for as many as are wanted.

        They come in the order of the scorers.
        """
        found: dict[str, tuple[float, Contributions]] = {}
        for (scorer, _), effects in self._effects.items():
            sizes = np.nan_to_num(np.abs(effects.raw)).max(axis=(0, 1))
            track = int(sizes.argmax())
            if sizes[track] > found.get(scorer, (0.0,))[0]:
                found[scorer] = (float(sizes[track]), self._of_track(effects, track))
        return tuple(one for _, one in found.values())[: self._panels]

    def _add_scores(self, scores: Scores, place: tuple[int, int]) -> None:
        if not scores.scorer.is_difference:
            return
        for row, label in enumerate(scores.rows):
            if label.junction is None:
                self._of_row(scores, label).raw[place] = scores.raw[row]

    def _of_row(self, scores: Scores, label: RowLabel) -> _Effects:
        key = (scores.scorer.official_name, label.gene.gene_id if label.gene else "")
        if key not in self._effects:
            shape = (self._interval.width, len(BASES), len(scores.tracks))
            raw = np.full(shape, np.nan, np.float32)
            self._effects[key] = _Effects(scores.scorer, label, scores.tracks, raw)
        return self._effects[key]

    def _of_track(self, effects: _Effects, track: int) -> Contributions:
        return Contributions(
            scorer=effects.scorer,
            label=effects.label,
            track=effects.tracks[track],
            interval=self._interval,
            bases=self._bases,
            effects=effects.raw[:, :, track],
        )


def _mean(effects: Float32[np.ndarray, "positions 4"]) -> Float[np.ndarray, " positions"]:
    with warnings.catch_warnings():
        # Of a base without any score there is no mean, and NumPy says so for each.
        warnings.simplefilter("ignore", RuntimeWarning)
        means: np.ndarray = np.nanmean(effects, axis=1)
    return means
