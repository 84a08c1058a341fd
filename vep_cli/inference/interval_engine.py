"""Intervals in, interval scores out: predicts each window once and lets the scorers read it on the device."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence

import jax

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.interval import Interval
from vep_cli.model.tracks import TrackTable
from vep_cli.scoring.interval_scorer import GeneIntervalScorer, IntervalScores
from vep_cli.scoring.scorer import Predictions, ScoreMasks

PredictEach = Callable[[Iterable[str]], Iterator[Predictions]]
"""Yields the predictions of each sequence, in order; see `predictor.Predictor.predict`."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class IntervalWindow:
    """What the network sees of one interval.

    Attributes:
        interval: The window, on '+' or '.'.
        bases: Its letters.
    """

    interval: Interval
    bases: str


class IntervalEngine:
    """A network and the interval scorers that read its predictions."""

    def __init__(
        self,
        predict: PredictEach,
        scorers: Sequence[GeneIntervalScorer],
        tracks: TrackTable,
        annotation: Annotation,
    ) -> None:
        """Join the parts.

        Args:
            predict: Predicts `tracks`.
            scorers: Each reads an output type that `tracks` has.
            tracks: The chosen tracks.
            annotation: The genes.
        """
        self._predict = predict
        self._scorers = tuple(scorers)
        self._tracks = tracks.by_output
        self._annotation = annotation
        self._compute = tuple(jax.jit(scorer.compute) for scorer in self._scorers)

    def score(self, windows: Sequence[IntervalWindow]) -> Iterator[tuple[IntervalScores, ...]]:
        """Yield the scores of each window, in order, one per scorer that has a gene there.

        Windows without any are not predicted.

        Raises:
            UsageError: A window is narrower than a scorer's width, or on the '-' strand.
        """
        masks = [self._masks(window.interval) for window in windows]
        read = [any(one.rows for one in its_masks) for its_masks in masks]
        sequences = (window.bases for window, is_read in zip(windows, read, strict=True) if is_read)
        predictions = self._predict(sequences)
        for its_masks, is_read in zip(masks, read, strict=True):
            yield self._score_one(next(predictions), its_masks) if is_read else ()

    def _masks(self, interval: Interval) -> tuple[ScoreMasks, ...]:
        return tuple(scorer.masks(interval, self._annotation) for scorer in self._scorers)

    def _score_one(
        self, predictions: Predictions, masks: tuple[ScoreMasks, ...]
    ) -> tuple[IntervalScores, ...]:
        parts = [part for part in zip(self._scorers, self._compute, masks, strict=True) if part[2].rows]
        on_device = [
            compute({scorer.requested_output: predictions[scorer.requested_output]}, mask.arrays)
            for scorer, compute, mask in parts
        ]
        return tuple(
            scorer.label(values, mask.rows, self._tracks[scorer.requested_output])
            for (scorer, _, mask), values in zip(parts, jax.device_get(on_device), strict=True)
        )
