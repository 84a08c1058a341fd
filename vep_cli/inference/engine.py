"""Windows in, scores out: predicts REF and ALT and lets the scorers compare them on the device.

With several models, each predicts and scores by itself, and their scores are averaged.
"""

import dataclasses
import functools
import itertools
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import jax
import numpy as np

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.window import Window
from vep_cli.inference.junctions import site_arrays
from vep_cli.model.output_type import OutputType
from vep_cli.model.splice_sites import SpliceSites
from vep_cli.model.tracks import Track, TrackTable
from vep_cli.scoring.ensemble import combined
from vep_cli.scoring.scorer import Predictions, ScoreMasks, Scorer, Scores
from vep_cli.scoring.splice_junctions import JunctionPredictions

logger = logging.getLogger(__name__)

MAX_WARNINGS = 20
"""Variants whose prediction is not finite that are named."""

Predict = Callable[[Iterable[str]], Iterator[Predictions]]
"""Yields the predictions of each sequence, in order; see `predictor.Predictor.predict`."""

Junctions = Callable[
    [SpliceSites, SpliceSites, Mapping[str, np.ndarray]], tuple[JunctionPredictions, JunctionPredictions]
]
"""Returns the splice junctions of REF and ALT; see `predictor.Predictor.junctions`."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """A window and what each scorer needs to score it."""

    window: Window
    masks: tuple[ScoreMasks, ...]

    @property
    def reference_key(self) -> tuple[object, str]:
        """Equal for windows that share REF; the sequence too, as the variant's REF is written into it."""
        return self.window.interval, self.window.reference_bases


class Engine:
    """One network or several, and the scorers that read their predictions."""

    def __init__(
        self,
        predict: Sequence[Predict],
        scorers: Sequence[Scorer],
        tracks: TrackTable,
        annotation: Annotation | None,
        *,
        junctions: Junctions | None = None,
    ) -> None:
        """Join the parts.

        Args:
            predict: Each predicts the chosen tracks with one model; scores are averaged over them.
            scorers: Each reads an output type that `tracks` has.
            tracks: The chosen tracks.
            annotation: Genes, for the scorers that need them.
            junctions: Predicts splice junctions, if a scorer reads them; there is one model then.
        """
        self._predict = tuple(predict)
        self._scorers = tuple(scorers)
        self._tracks: Mapping[OutputType, tuple[Track, ...]] = tracks.by_output
        self._annotation = annotation
        self._junctions = junctions
        self._overflows = 0
        # One program per scorer: their masks come in several shapes each, and one program for all of
        # them would be compiled anew for every combination.
        self._compute = tuple(jax.jit(scorer.compute) for scorer in self._scorers)

    def score(self, windows: Sequence[Window]) -> Iterator[tuple[Scores, ...]]:
        """Yield the scores of each window, in order; none where no scorer has anything to say.

        Neighbours with the same REF sequence share one prediction of it. Windows that no scorer reads
        are not predicted.
        """
        jobs = [_Job(window=window, masks=self._masks(window)) for window in windows]
        scored = self._score_jobs([job for job in jobs if _is_read(job)])
        for job in jobs:
            yield next(scored) if _is_read(job) else ()

    def _masks(self, window: Window) -> tuple[ScoreMasks, ...]:
        return tuple(
            scorer.masks(window.variant, window.interval, self._annotation) for scorer in self._scorers
        )

    def _score_jobs(self, jobs: Sequence[_Job]) -> Iterator[tuple[Scores, ...]]:
        groups = [list(group) for _, group in itertools.groupby(jobs, key=lambda job: job.reference_key)]
        streams = [predict(_sequences(groups)) for predict in self._predict]
        for group in groups:
            references = [next(stream) for stream in streams]
            for job in group:
                alternates = [next(stream) for stream in streams]
                members = map(functools.partial(self._score_one, job), references, alternates)
                yield tuple(map(combined, zip(*members, strict=True)))

    def _score_one(self, job: _Job, reference: Predictions, alternate: Predictions) -> tuple[Scores, ...]:
        on_device = [
            compute(*self._read(scorer, job.window, reference, alternate), mask.arrays) if mask.rows else ()
            for scorer, compute, mask in zip(self._scorers, self._compute, job.masks, strict=True)
        ]
        parts = zip(self._scorers, jax.device_get(on_device), job.masks, strict=True)
        scores = [
            scorer.label(values, mask.rows, self._tracks[scorer.output_type])
            for scorer, values, mask in parts
            if mask.rows
        ]
        # Genes may have no splice junction.
        scores = [one for one in scores if one.rows]
        if any(_has_overflow(one) for one in scores):
            self._warn_of_overflow(job.window)
        return tuple(map(_without_infinities, scores))

    def _read(
        self, scorer: Scorer, window: Window, reference: Predictions, alternate: Predictions
    ) -> tuple[Predictions, Predictions]:
        """Return the predictions that a scorer reads."""
        output = scorer.output_type
        before, after = reference[output], alternate[output]
        if output is not OutputType.SPLICE_JUNCTIONS:
            return {output: before}, {output: after}
        if self._junctions is None or self._annotation is None:
            raise ValueError("splice junctions are scored only with what predicts them, and with genes")
        before, after = self._junctions(before, after, site_arrays(window, self._annotation))
        return {output: before}, {output: after}

    def _warn_of_overflow(self, window: Window) -> None:
        self._overflows += 1
        if self._overflows <= MAX_WARNINGS:
            logger.warning("%s: the network's prediction is not finite; scores are missing", window.variant)
        if self._overflows == MAX_WARNINGS:
            logger.warning("further predictions that are not finite are not named")


def _is_read(job: _Job) -> bool:
    return any(mask.rows for mask in job.masks)


def _has_overflow(scores: Scores) -> bool:
    """Return whether the network gave infinities or NaN; gene scorers have a NaN of their own."""
    values = np.stack([scores.raw, scores.reference, scores.alternate])
    by_gene = any(label.gene for label in scores.rows)
    return bool(np.isinf(values).any() or (np.isnan(values).any() and not by_gene))


def _without_infinities(scores: Scores) -> Scores:
    raw, reference, alternate = (
        np.where(np.isinf(values), np.float32(np.nan), values)
        for values in (scores.raw, scores.reference, scores.alternate)
    )
    return dataclasses.replace(scores, raw=raw, reference=reference, alternate=alternate)


def _sequences(groups: Sequence[Sequence[_Job]]) -> Iterator[str]:
    """Yield what to predict: each group's REF, then its ALTs."""
    for group in groups:
        yield group[0].window.reference_bases
        for job in group:
            yield job.window.alternate_bases
