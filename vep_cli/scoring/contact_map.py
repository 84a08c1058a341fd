"""Scores from the contacts of the variant's bin with all others (MODEL_SPEC section 7)."""

import dataclasses
from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float32

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.labels import labelled
from vep_cli.scoring.regions import bin_regions
from vep_cli.scoring.scorer import Predictions, RowLabel, ScoreMasks, Scorer, Scores, Values


@dataclasses.dataclass(frozen=True, kw_only=True)
class ContactMapScorer(Scorer):
    """The mean absolute change of the variant's bin's contacts. ALT is not aligned to REF."""

    name = "CONTACT_MAPS"
    official_name = "ContactMapScorer()"
    output_type = OutputType.CONTACT_MAPS
    needs_annotation = False
    is_signed = False
    is_difference = True
    formula = "mean(|ALT - REF|), over the contacts of the variant's bin; ALT is not aligned to REF"

    def masks(self, variant: Variant, interval: Interval, annotation: Annotation | None) -> ScoreMasks:
        """Return the array `bin` [1], the variant's; no row where the variant begins outside the window."""
        rows = self.rows(variant, interval, annotation)
        contact_bin = (variant.start - interval.start) // self.output_type.resolution if rows else 0
        return ScoreMasks(arrays={"bin": np.array([contact_bin], np.int32)}, rows=rows)

    def rows(
        self, variant: Variant, interval: Interval, annotation: Annotation | None
    ) -> tuple[RowLabel, ...]:
        """See base class."""
        del annotation
        offset = variant.start - interval.start
        inside = variant.chromosome == interval.chromosome and 0 <= offset < interval.width
        return (RowLabel(),) if inside else ()

    def regions(self, masks: ScoreMasks, interval: Interval) -> tuple[tuple[Interval, ...], ...]:
        """See base class: the variant's bin."""
        return (bin_regions(masks.arrays["bin"], interval, self.output_type.resolution),) * len(masks.rows)

    def compute(
        self, reference: Predictions, alternate: Predictions, masks: Mapping[str, Array]
    ) -> tuple[Float32[Array, "1 tracks"], Float32[Array, "1 tracks"], Float32[Array, "1 tracks"]]:
        """See base class; the aggregates are the means over the bin's contacts."""
        column = masks["bin"][0]
        before = reference[self.output_type][:, column].astype(jnp.float32)
        after = alternate[self.output_type][:, column].astype(jnp.float32)
        return (
            jnp.abs(after - before).mean(axis=0, keepdims=True),
            before.mean(axis=0, keepdims=True),
            after.mean(axis=0, keepdims=True),
        )

    def label(self, values: Values, rows: tuple[RowLabel, ...], tracks: tuple[Track, ...]) -> Scores:
        """See base class."""
        return labelled(self, values, rows, tracks)
