"""Windows in, scores out: predicts what is read of REF and ALT, and lets the scorers compare them.

With several models, each predicts and scores by itself, and their scores are averaged.
"""

import dataclasses
import functools
import itertools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Bool

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.window import Window
from vep_cli.inference.contract import Allele, Network
from vep_cli.inference.forward_order import in_forward_order, junctions_in_forward_order
from vep_cli.inference.jobs import Job, make_job
from vep_cli.inference.predictor import whole
from vep_cli.inference.remembering import RememberingNetwork
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable
from vep_cli.scoring.calibration import Calibration
from vep_cli.scoring.ensemble import combined
from vep_cli.scoring.scorer import Predictions, Scorer, Scores, Values

logger = logging.getLogger(__name__)

MAX_WARNINGS = 20
"""Variants whose prediction is not finite that are named."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Family:
    """Scorers of one kind, whose masks have the same shapes.

    They are computed by one program: one for each would take longer to make ready, and one for all would
    be made anew for every combination of the kinds' shapes.

    Attributes:
        places: Where the scorers stand among those of the run.
        scorers: The scorers.
        compute: Takes (REF, ALT) predictions and mask arrays of each, and returns the values of each.
    """

    places: tuple[int, ...]
    scorers: tuple[Scorer, ...]
    compute: Callable[[Any, Any], tuple[Values, ...]]


class Engine:
    """One network or several, and the scorers that read their predictions."""

    def __init__(
        self,
        networks: Sequence[Network],
        scorers: Sequence[Scorer],
        tracks: TrackTable,
        annotation: Annotation | None,
        *,
        calibration: Calibration | None = None,
    ) -> None:
        """Join the parts.

        Args:
            networks: Each predicts the chosen tracks with one model; scores are averaged over them.
            scorers: Each reads an output type that `tracks` has.
            tracks: The chosen tracks.
            annotation: Genes, for the scorers that need them.
            calibration: Gives scores their quantiles; without it they have none.
        """
        self._networks = tuple(map(RememberingNetwork, networks))
        self._scorers = tuple(scorers)
        self._tracks: Mapping[OutputType, tuple[Track, ...]] = tracks.by_output
        self._annotation = annotation
        self._calibration = calibration
        self._overflows = 0
        self._families = tuple(_families(self._scorers))

    def score(self, windows: Sequence[Window]) -> Iterator[tuple[Scores, ...]]:
        """Yield the scores of each window, in order; see `score_jobs`."""
        return self.score_jobs([self.job(window) for window in windows])

    def job(self, window: Window) -> Job:
        """Return what scoring a window takes: host work, which another thread may do ahead of the device."""
        return make_job(window, self._scorers, self._annotation)

    def score_jobs(self, jobs: Sequence[Job]) -> Iterator[tuple[Scores, ...]]:
        """Yield the scores of each window, in order; none where no scorer has anything to say.

        Neighbours with the same REF sequence share one prediction of it; with a single network, the
        neighbours of an earlier call too. Windows that no scorer reads are not predicted.
        """
        scored = self._score_read([job for job in jobs if job.is_read])
        for job in jobs:
            yield next(scored) if job.is_read else ()

    def forget(self) -> None:
        """Let go of the last window's activations, which are kept in case the next window shares them."""
        for network in self._networks:
            network.forget()

    def _score_read(self, jobs: Sequence[Job]) -> Iterator[tuple[Scores, ...]]:
        for _, group in itertools.groupby(jobs, key=lambda job: job.reference_key):
            sharing = list(group)
            by_network = [self._score_group(network, sharing) for network in self._networks]
            for members in zip(*by_network, strict=True):
                yield tuple(map(self._with_quantiles, map(combined, zip(*members, strict=True))))

    def _score_group(self, network: RememberingNetwork, sharing: Sequence[Job]) -> list[tuple[Scores, ...]]:
        """Return one model's scores of windows that share REF."""
        read = np.logical_or.reduce([job.reads.reference for job in sharing])
        window = sharing[0].window
        reference = network.reference(window.reference_bases)
        before = self._predictions(network, reference, read, window)
        scored = [
            self._score_one(network, job, before, self._alternate(network, reference, job)) for job in sharing
        ]
        if len(self._networks) > 1:
            # One model after the other: what a model keeps of REF may be gigabytes.
            network.forget()
        return scored

    def _alternate(self, network: Network, reference: Allele, job: Job) -> Predictions:
        alternate = network.alternate(reference, job.window.alternate_bases)
        return self._predictions(network, alternate, job.reads.alternate, job.window)

    def _predictions(
        self, network: Network, allele: Allele, is_read: Bool[np.ndarray, " tokens"], window: Window
    ) -> Predictions:
        if window.interval.strand != "-":
            return network.read(allele, is_read)
        everything = whole(network.read(allele, np.ones_like(is_read)))
        return in_forward_order(everything, self._tracks)

    def _with_quantiles(self, scores: Scores) -> Scores:
        return scores if self._calibration is None else self._calibration.filled(scores)

    def _score_one(
        self, network: Network, job: Job, reference: Predictions, alternate: Predictions
    ) -> tuple[Scores, ...]:
        on_device: dict[int, Values] = {}
        for family in self._families:
            if any(job.masks[place].rows for place in family.places):
                pairs = [self._read(network, scorer, job, reference, alternate) for scorer in family.scorers]
                masks = [job.masks[place].arrays for place in family.places]
                on_device |= zip(family.places, family.compute(pairs, masks), strict=True)
        scores = [
            self._scorers[place].label(values, job.masks[place].rows, self._tracks_of(place))
            for place, values in sorted(jax.device_get(on_device).items())
            if job.masks[place].rows
        ]
        # Genes may have no splice junction.
        finite = tuple(_finite(one) for one in scores if one.rows)
        if not all(one.is_finite for one in finite):
            self._warn_of_overflow(job.window)
        return finite

    def _tracks_of(self, place: int) -> tuple[Track, ...]:
        return self._tracks[self._scorers[place].output_type]

    def _read(
        self,
        network: Network,
        scorer: Scorer,
        job: Job,
        reference: Predictions,
        alternate: Predictions,
    ) -> tuple[Predictions, Predictions]:
        """Return the predictions that a scorer reads."""
        output = scorer.output_type
        before, after = reference[output], alternate[output]
        if output is not OutputType.SPLICE_JUNCTIONS:
            return {output: before}, {output: after}
        if job.sites is None:
            raise ValueError("splice junctions are scored only with genes")
        before, after = network.junctions(before, after, job.sites)
        if job.window.interval.strand == "-":
            tracks, width = self._tracks[output], job.window.interval.width
            before, after = (junctions_in_forward_order(one, tracks, width) for one in (before, after))
        return {output: before}, {output: after}

    def _warn_of_overflow(self, window: Window) -> None:
        self._overflows += 1
        if self._overflows <= MAX_WARNINGS:
            logger.warning("%s: the network's prediction is not finite; scores are missing", window.variant)
        if self._overflows == MAX_WARNINGS:
            logger.warning("further predictions that are not finite are not named")


def _families(scorers: Sequence[Scorer]) -> Iterator[_Family]:
    places: dict[type[Scorer], list[int]] = {}
    for place, scorer in enumerate(scorers):
        places.setdefault(type(scorer), []).append(place)
    for own in places.values():
        members = tuple(scorers[place] for place in own)
        yield _Family(places=tuple(own), scorers=members, compute=_program(members))


@functools.lru_cache(maxsize=64)
def _program(scorers: tuple[Scorer, ...]) -> Callable[[Any, Any], tuple[Values, ...]]:
    """Return what computes some scorers, the same every time, so that nothing is traced twice."""
    return jax.jit(functools.partial(_compute_each, scorers))


def _compute_each(
    scorers: tuple[Scorer, ...],
    pairs: Sequence[tuple[Predictions, Predictions]],
    masks: Sequence[Mapping[str, Array]],
) -> tuple[Values, ...]:
    return tuple(
        scorer.compute(*pair, mask) for scorer, pair, mask in zip(scorers, pairs, masks, strict=True)
    )


def _has_overflow(scores: Scores) -> bool:
    """Return whether the network gave infinities or NaN.

    The NaN of a row without positions is the scorers' own, and so is that of the strand opposite to a gene.
    """
    read = np.array([not label.is_empty for label in scores.rows])
    by_gene = any(label.gene for label in scores.rows)
    aggregates = np.stack([scores.reference, scores.alternate])[:, read]
    is_lost = np.isinf(scores.raw) if by_gene else ~np.isfinite(scores.raw)
    return bool(is_lost.any() or not np.isfinite(aggregates).all())


def _finite(scores: Scores) -> Scores:
    """Return the scores with NaN wherever one was made of a prediction that is not finite."""
    reference, alternate = (
        np.where(np.isinf(values), np.float32(np.nan), values)
        for values in (scores.reference, scores.alternate)
    )
    # Not every scorer hands on a NaN: polyadenylation takes it for a site without coverage.
    is_known = np.isfinite(scores.raw) & ~np.isnan(reference) & ~np.isnan(alternate)
    raw = np.where(is_known, scores.raw, np.float32(np.nan))
    return dataclasses.replace(
        scores, raw=raw, reference=reference, alternate=alternate, is_finite=not _has_overflow(scores)
    )
