"""Scores from the mean prediction over a gene's exons (MODEL_SPEC section 7)."""

import dataclasses
import enum
from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float32

from vep_cli.errors import UsageError
from vep_cli.genome.annotation import Annotation, GeneSpans
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.aggregation import log_ratio, row_sums
from vep_cli.scoring.indel_alignment import gather, gather_aligned
from vep_cli.scoring.labels import labelled, without_opposite_strand
from vep_cli.scoring.regions import row_regions
from vep_cli.scoring.scorer import Predictions, RowLabel, ScoreMasks, Scorer, Scores, Values
from vep_cli.scoring.spans import aligned_span_arrays

_PSEUDOCOUNT = 1e-3


class GeneStatistic(enum.StrEnum):
    """What is made of a gene's two means: ln of their ratio, or the larger."""

    LFC = "LFC"
    ACTIVE = "Active"


@dataclasses.dataclass(frozen=True, kw_only=True)
class GeneMaskScorer(Scorer):
    """Compares the mean over each gene's exons, ALT aligned to REF.

    Genes are those with a TSS in the window (`Annotation.genes_with_tss_in`). A gene without exon
    bases in the window scores NaN, as does a track of the other strand.

    Attributes:
        requested_output: One that is predicted per base pair.
        statistic: What is made of the two means.
    """

    requested_output: OutputType
    statistic: GeneStatistic

    needs_annotation = True

    def __post_init__(self) -> None:
        """Reject outputs that are not predicted at every base pair."""
        if self.output_type.resolution != 1 or self.output_type is OutputType.SPLICE_JUNCTIONS:
            raise ValueError(f"a gene mask needs predictions per base pair: {self.requested_output=}")

    @property
    def name(self) -> str:
        """See base class: as the official list has it for RNA_SEQ; other outputs name the statistic too."""
        if self.statistic is GeneStatistic.LFC and self.output_type is OutputType.RNA_SEQ:
            return "RNA_SEQ"
        prefix = "" if self.output_type is OutputType.RNA_SEQ else "GENE_"
        return f"{self.output_type}_{prefix}{self.statistic.name}"

    @property
    def official_name(self) -> str:
        """See base class."""
        return f"GeneMask{self.statistic}Scorer(requested_output={self.output_type})"

    @property
    def output_type(self) -> OutputType:
        """See base class."""
        return self.requested_output

    @property
    def formula(self) -> str:
        """See base class."""
        where = "over the gene's exons; ALT is aligned to REF"
        if self.statistic is GeneStatistic.ACTIVE:
            return f"max(mean(ALT), mean(REF)), {where}"
        return f"ln(mean(ALT) + {_PSEUDOCOUNT}) - ln(mean(REF) + {_PSEUDOCOUNT}), {where}"

    @property
    def is_signed(self) -> bool:
        """See base class."""
        return self.statistic is GeneStatistic.LFC

    @property
    def is_difference(self) -> bool:
        """See base class."""
        return self.statistic is GeneStatistic.LFC

    def masks(self, variant: Variant, interval: Interval, annotation: Annotation | None) -> ScoreMasks:
        """Return the exon positions of the genes that start in the window.

        The arrays are those of `spans.aligned_span_arrays`.

        Raises:
            UsageError: There is no annotation.
        """
        exons = self._exons(interval, annotation)
        return ScoreMasks(
            arrays=aligned_span_arrays(
                exons.gene_of_span,
                exons.start,
                exons.end,
                row_count=len(exons.genes),
                variant=variant,
                interval=interval,
            ),
            rows=_labels(exons),
        )

    def rows(
        self, variant: Variant, interval: Interval, annotation: Annotation | None
    ) -> tuple[RowLabel, ...]:
        """See base class."""
        del variant
        return _labels(self._exons(interval, annotation))

    def regions(self, masks: ScoreMasks, interval: Interval) -> tuple[tuple[Interval, ...], ...]:
        """See base class: the gene's exons."""
        return row_regions(masks.arrays, np.arange(len(masks.rows)), interval, len(masks.rows))

    def compute(
        self, reference: Predictions, alternate: Predictions, masks: Mapping[str, Array]
    ) -> tuple[
        Float32[Array, "padded_rows tracks"],
        Float32[Array, "padded_rows tracks"],
        Float32[Array, "padded_rows tracks"],
    ]:
        """See base class; the aggregates are the means over exons."""
        aligned = gather_aligned(
            alternate[self.output_type], masks["alternate_positions"], masks["inserted_positions"]
        )
        length, row_of_block = masks["length"], masks["row_of_block"]
        sums_of_reference = row_sums(
            gather(reference[self.output_type], masks["positions"]), row_of_block, len(length)
        )
        reference_mean = sums_of_reference / length[:, None]
        alternate_mean = row_sums(aligned, row_of_block, len(length)) / length[:, None]
        if self.statistic is GeneStatistic.ACTIVE:
            return jnp.maximum(alternate_mean, reference_mean), reference_mean, alternate_mean
        change = log_ratio(alternate_mean + _PSEUDOCOUNT, reference_mean + _PSEUDOCOUNT)
        return change, reference_mean, alternate_mean

    def label(self, values: Values, rows: tuple[RowLabel, ...], tracks: tuple[Track, ...]) -> Scores:
        """See base class; scores, not the means, are NaN on the strand opposite to the gene."""
        scores = labelled(self, values, rows, tracks)
        return dataclasses.replace(scores, raw=without_opposite_strand(scores.raw, rows, tracks))

    def _exons(self, interval: Interval, annotation: Annotation | None) -> GeneSpans:
        if annotation is None:
            raise UsageError(f"{self.name} needs a gene annotation", remedy="give one with --gtf")
        return annotation.genes_with_tss_in(interval)


def _labels(exons: GeneSpans) -> tuple[RowLabel, ...]:
    with_exons = set(exons.gene_of_span.tolist())
    return tuple(
        RowLabel(gene=gene, is_empty=number not in with_exons) for number, gene in enumerate(exons.genes)
    )
