"""Windows in, scores out: predicts REF and ALT and lets the scorers compare them on the device."""

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence

import jax
from jaxtyping import Array, Float

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.window import Window
from vep_cli.inference.predictor import Predictor
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable
from vep_cli.scoring.scorer import Predictions, Scorer, Scores

Values = tuple[Float[Array, "rows tracks"], Float[Array, "rows tracks"], Float[Array, "rows tracks"]]


class Engine:
    """A predictor and the scorers that read its predictions."""

    def __init__(
        self,
        predictor: Predictor,
        scorers: Sequence[Scorer],
        tracks: TrackTable,
        annotation: Annotation | None,
    ) -> None:
        """Join the parts.

        Args:
            predictor: Predicts the chosen tracks.
            scorers: Each reads an output type that `tracks` has.
            tracks: The chosen tracks.
            annotation: Genes, for the scorers that need them.
        """
        self._predictor = predictor
        self._scorers = tuple(scorers)
        self._tracks: Mapping[OutputType, tuple[Track, ...]] = tracks.by_output
        self._annotation = annotation
        self._compute = jax.jit(functools.partial(_compute_all, self._scorers))

    def score(self, windows: Sequence[Window]) -> Iterator[tuple[Scores, ...]]:
        """Yield the scores of each window, in order; neighbours of one interval share one REF prediction."""
        groups = [list(group) for _, group in itertools.groupby(windows, key=_reference_key)]
        predictions = self._predictor.predict(_sequences(groups))
        for group in groups:
            reference = next(predictions)
            for window in group:
                yield self._score_one(window, reference, next(predictions))

    def _score_one(
        self, window: Window, reference: Predictions, alternate: Predictions
    ) -> tuple[Scores, ...]:
        masks = [scorer.masks(window.variant, window.interval, self._annotation) for scorer in self._scorers]
        values = self._compute(reference, alternate, [mask.arrays for mask in masks])
        return tuple(
            scorer.label(value, mask.rows, self._tracks[scorer.output_type])
            for scorer, value, mask in zip(self._scorers, jax.device_get(values), masks, strict=True)
            if mask.rows
        )


def _compute_all(
    scorers: tuple[Scorer, ...],
    reference: Predictions,
    alternate: Predictions,
    masks: Sequence[Mapping[str, Array]],
) -> list[Values]:
    return [
        scorer.compute(reference, alternate, arrays) for scorer, arrays in zip(scorers, masks, strict=True)
    ]


def _reference_key(window: Window) -> tuple[object, str]:
    # The sequence too: REF is written into it as the variant has it.
    return window.interval, window.reference_bases


def _sequences(groups: Sequence[Sequence[Window]]) -> Iterator[str]:
    """Yield what to predict: each group's REF, then its ALTs."""
    for group in groups:
        yield group[0].reference_bases
        for window in group:
            yield window.alternate_bases
