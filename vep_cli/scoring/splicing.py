"""Scores from the largest change of a splice-site prediction within a gene (MODEL_SPEC section 7)."""

import dataclasses
from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float32, Int

from vep_cli.errors import UsageError
from vep_cli.genome.annotation import Annotation, Gene, GeneSpans
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.indel_alignment import gather, gather_aligned
from vep_cli.scoring.labels import labelled, without_opposite_strand
from vep_cli.scoring.regions import row_regions
from vep_cli.scoring.scorer import Predictions, RowLabel, ScoreMasks, Scorer, Scores, Values
from vep_cli.scoring.spans import aligned_span_arrays, gene_bodies

SPLICE_OUTPUTS = (OutputType.SPLICE_SITES, OutputType.SPLICE_SITE_USAGE)
"""Outputs that tell splice sites."""

LOG_FLOOR = 0.01
"""Added to a prediction whose logarithm is taken: below it, what changes is not worth a word.

Chosen on validation pieces (docs/scores.md)."""

BLOCKS_AT_A_TIME = 32
"""Blocks whose predictions are held at a time: a gene of 1 Mb with all tracks would take gigabytes."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class GeneMaskSplicingScorer(Scorer):
    """The largest absolute change over each gene that the variant touches, ALT aligned to REF.

    A track of the other strand scores NaN, as does a gene without a base in the window.

    Attributes:
        requested_output: SPLICE_SITES or SPLICE_SITE_USAGE.
        is_log: Whether logarithms are compared, which the official scorer does not offer: a weak site
            that is lost, or a trace of one that is gained, then counts like a strong one.
    """

    requested_output: OutputType
    is_log: bool = False

    needs_annotation = True
    is_signed = False
    is_difference = True

    def __post_init__(self) -> None:
        """Reject outputs that do not tell splice sites."""
        if self.requested_output not in SPLICE_OUTPUTS:
            raise ValueError(f"a splicing score needs splice sites: {self.requested_output=}")

    @property
    def name(self) -> str:
        """See base class."""
        return f"{self.output_type}_LOG" if self.is_log else self.output_type.value

    @property
    def official_name(self) -> str:
        """See base class; the official scorer ignores its width, and has no scale."""
        scale = ", scale=log" if self.is_log else ""
        return f"GeneMaskSplicingScorer(requested_output={self.output_type}, width=None{scale})"

    @property
    def formula(self) -> str:
        """See base class."""
        change = f"ln(ALT + {LOG_FLOOR:g}) - ln(REF + {LOG_FLOOR:g})" if self.is_log else "ALT - REF"
        return f"max(|{change}|), over the gene's bases; ALT is aligned to REF"

    @property
    def output_type(self) -> OutputType:
        """See base class."""
        return self.requested_output

    def masks(self, variant: Variant, interval: Interval, annotation: Annotation | None) -> ScoreMasks:
        """Return the positions of the genes that the variant touches.

        The arrays are those of `spans.aligned_span_arrays`.

        Raises:
            UsageError: There is no annotation.
        """
        genes = self._genes(variant, annotation)
        bodies = gene_bodies(genes, interval)
        return ScoreMasks(
            arrays=aligned_span_arrays(
                bodies.gene_of_span,
                bodies.start,
                bodies.end,
                row_count=len(genes),
                variant=variant,
                interval=interval,
            ),
            rows=_labels(genes, bodies),
        )

    def rows(
        self, variant: Variant, interval: Interval, annotation: Annotation | None
    ) -> tuple[RowLabel, ...]:
        """See base class."""
        genes = self._genes(variant, annotation)
        return _labels(genes, gene_bodies(genes, interval))

    def regions(self, masks: ScoreMasks, interval: Interval) -> tuple[tuple[Interval, ...], ...]:
        """See base class: the gene's body."""
        return row_regions(masks.arrays, np.arange(len(masks.rows)), interval, len(masks.rows))

    def compute(
        self, reference: Predictions, alternate: Predictions, masks: Mapping[str, Array]
    ) -> tuple[
        Float32[Array, "padded_rows tracks"],
        Float32[Array, "padded_rows tracks"],
        Float32[Array, "padded_rows tracks"],
    ]:
        """See base class; the aggregates are the predictions at the position that changes most."""
        before, after = reference[self.output_type], alternate[self.output_type]

        def most_changed_of_block(
            blocks: tuple[Int[Array, " block"], Int[Array, " block"]],
        ) -> tuple[Float32[Array, " tracks"], Float32[Array, " tracks"]]:
            positions, alternate_block = blocks
            aligned = gather_aligned(after, alternate_block, masks["inserted_positions"])
            return self._most_changed(gather(before, positions), aligned, jnp.ones(len(positions), bool))

        of_reference, of_alternate = jax.lax.map(
            most_changed_of_block,
            (masks["positions"], masks["alternate_positions"]),
            batch_size=BLOCKS_AT_A_TIME,
        )
        reference_value, alternate_value = jax.lax.map(
            lambda row: self._most_changed(of_reference, of_alternate, masks["row_of_block"] == row),
            jnp.arange(len(masks["length"])),
        )
        is_empty = (masks["length"] == 0)[:, None]
        change = jnp.where(is_empty, jnp.nan, self._change(reference_value, alternate_value))
        return change, reference_value, alternate_value

    def label(self, values: Values, rows: tuple[RowLabel, ...], tracks: tuple[Track, ...]) -> Scores:
        """See base class; scores, not the predictions, are NaN on the strand opposite to the gene."""
        scores = labelled(self, values, rows, tracks)
        return dataclasses.replace(scores, raw=without_opposite_strand(scores.raw, rows, tracks))

    def _genes(self, variant: Variant, annotation: Annotation | None) -> tuple[Gene, ...]:
        if annotation is None:
            raise UsageError(f"{self.name} needs a gene annotation", remedy="give one with --gtf")
        return annotation.genes_overlapping(variant)

    def _most_changed(
        self,
        reference: Float32[Array, "places tracks"],
        alternate: Float32[Array, "places tracks"],
        is_candidate: Bool[Array, " places"],
    ) -> tuple[Float32[Array, " tracks"], Float32[Array, " tracks"]]:
        """Return (REF, ALT) of each track at the candidate, the first on ties, where they differ most."""
        # Padding reads as zero for both alleles and comes last, so that it never is chosen over a base.
        change = jnp.where(is_candidate[:, None], self._change(reference, alternate), -1)
        place = change.argmax(axis=0, keepdims=True)
        at_place = (jnp.take_along_axis(values, place, axis=0)[0] for values in (reference, alternate))
        of_reference, of_alternate = at_place
        return of_reference, of_alternate

    def _change(
        self, reference: Float32[Array, "*shape"], alternate: Float32[Array, "*shape"]
    ) -> Float32[Array, "*shape"]:
        if self.is_log:
            reference, alternate = jnp.log(reference + LOG_FLOOR), jnp.log(alternate + LOG_FLOOR)
        return jnp.abs(alternate - reference)


def _labels(genes: tuple[Gene, ...], bodies: GeneSpans) -> tuple[RowLabel, ...]:
    return tuple(
        RowLabel(gene=gene, is_empty=is_empty)
        for gene, is_empty in zip(genes, (bodies.start == bodies.end).tolist(), strict=True)
    )
