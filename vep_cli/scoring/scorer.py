"""What a scorer is: three phases, split by where they run.

1. `masks`, on the host, pure numpy: a variant and its window become arrays of few possible
   shapes, and a label for each row of the result.
2. `compute`, on the device, pure and jit-able: REF and ALT predictions and the arrays become
   three matrices of rows by tracks.
3. `label`, on the host: the matrices without their padding, with labels and tracks.

A scorer is one frozen dataclass per family; its fields are the settings that tell one scorer
of the family from another.
"""

import abc
import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Array, Float

from vep_cli.genome.annotation import Annotation, Gene
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track

Predictions = Mapping[OutputType, Any]
"""Per output type, the chosen tracks of one window: [bins, tracks]; contact maps [bins, bins, tracks].

Splice sites come with all five classes, whichever tracks were chosen; splice junctions as
`splice_junctions.JunctionPredictions`.
"""

Values = tuple[Any, ...]
"""What `compute` hands to `label`: (score, aggregated REF, aggregated ALT), each [padded rows, tracks]
in float32, and behind them whatever else the scorer's own `label` needs."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class RowLabel:
    """What one row of a score matrix is about.

    Attributes:
        gene: The gene, or None for scorers that do not go by gene.
        junction: The intron, or None for scorers that do not go by splice junction.
        polyadenylation_site_count: Sites of the gene in the window; None for scorers that do not go by them.
        polyadenylation_distance: From the variant to the nearest of these sites, in bases; None likewise.
        is_empty: Whether nothing that the scorer reads for the row is in the window; its score is NaN.
    """

    gene: Gene | None = None
    junction: Interval | None = None
    polyadenylation_site_count: int | None = None
    polyadenylation_distance: int | None = None
    is_empty: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScoreMasks:
    """One variant's masks for one scorer.

    Attributes:
        arrays: What goes to the device: named numpy arrays, padded to a short list of shapes.
        rows: Labels of the rows that are not padding; empty where there is nothing to score.
    """

    arrays: Mapping[str, np.ndarray]
    rows: tuple[RowLabel, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scores:
    """One scorer's answer for one variant.

    Attributes:
        scorer: The scorer that gave it.
        rows: Label of each row.
        tracks: The track of each column.
        raw: The score; NaN where the scorer does not apply (a track of the other strand, an empty mask).
        reference: The aggregated REF prediction that went into it.
        alternate: The aggregated ALT prediction that went into it.
        spread: Standard deviation of the score over the models of an ensemble; None for one model.
        quantile: Rank of the score among those of a background, see `calibration`; NaN where the
            background has none of the track; None for weights without a calibration.
        is_finite: Whether all predictions that went into it are; the scores of those that are not are NaN.
    """

    scorer: "Scorer"
    rows: tuple[RowLabel, ...]
    tracks: tuple[Track, ...]
    raw: Float[np.ndarray, "rows tracks"]
    reference: Float[np.ndarray, "rows tracks"]
    alternate: Float[np.ndarray, "rows tracks"]
    spread: Float[np.ndarray, "rows tracks"] | None = None
    quantile: Float[np.ndarray, "rows tracks"] | None = None
    is_finite: bool = True


class Scorer(abc.ABC):
    """The interface; see the module's docstring for the three phases.

    What is the same for every scorer of a family is a plain class attribute there.
    """

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """Name in the catalogue and the official list of recommended scorers, for instance 'ATAC_ACTIVE'."""

    @property
    @abc.abstractmethod
    def official_name(self) -> str:
        """The spelling of the official tables' `variant_scorer` column."""

    @property
    @abc.abstractmethod
    def output_type(self) -> OutputType:
        """The predictions that it reads."""

    @property
    @abc.abstractmethod
    def needs_annotation(self) -> bool:
        """Whether it can only be computed with a gene annotation."""

    @property
    @abc.abstractmethod
    def is_signed(self) -> bool:
        """Whether positive means that ALT has more than REF; False for magnitudes and levels."""

    @property
    @abc.abstractmethod
    def is_difference(self) -> bool:
        """Whether ALT scores zero where it predicts what REF does; False for levels (the ACTIVE scorers)."""

    @property
    @abc.abstractmethod
    def formula(self) -> str:
        """How REF and ALT become the score, in one line; REF and ALT are the track's predictions."""

    @abc.abstractmethod
    def masks(self, variant: Variant, interval: Interval, annotation: Annotation | None) -> ScoreMasks:
        """Return what the device needs to score `variant` in the window `interval`."""

    @abc.abstractmethod
    def rows(
        self, variant: Variant, interval: Interval, annotation: Annotation | None
    ) -> tuple[RowLabel, ...]:
        """Return the rows that `masks` would have, without the work that its arrays are.

        Raises:
            UsageError: The scorer needs an annotation, and there is none.
        """

    @abc.abstractmethod
    def regions(self, masks: ScoreMasks, interval: Interval) -> tuple[tuple[Interval, ...], ...]:
        """Return the stretches of the chromosome that each row of `masks` is about, ascending.

        Args:
            masks: Of this scorer, in `interval`.
            interval: The window, not on '-'.
        """

    @abc.abstractmethod
    def compute(self, reference: Predictions, alternate: Predictions, masks: Mapping[str, Array]) -> Values:
        """Return (score, aggregated REF, aggregated ALT), in float32. Pure; traced under jit."""

    @abc.abstractmethod
    def label(self, values: Values, rows: tuple[RowLabel, ...], tracks: tuple[Track, ...]) -> Scores:
        """Return `compute`'s values, fetched from the device, without padding and with their labels."""
