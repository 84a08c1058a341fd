"""Scores of a window itself, without a variant: predictions over each gene's exons (MODEL_SPEC section 8)."""

import dataclasses
import enum
from collections.abc import Mapping

import numpy as np
from jaxtyping import Array, Float, Float32, Int64

from vep_cli.errors import UsageError
from vep_cli.genome.annotation import Annotation, GeneSpans, concatenated_ranges
from vep_cli.genome.interval import Interval
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.aggregation import row_sums
from vep_cli.scoring.indel_alignment import gather
from vep_cli.scoring.labels import without_padding
from vep_cli.scoring.masks import BlockLayout
from vep_cli.scoring.scorer import Predictions, RowLabel, ScoreMasks

_NOT_A_LINE_OF_BINS = (OutputType.CONTACT_MAPS, OutputType.SPLICE_JUNCTIONS)


class IntervalAggregation(enum.StrEnum):
    """What is made of the predictions over a gene's exons, by the official names."""

    MEAN = "MEAN"
    SUM = "SUM"


@dataclasses.dataclass(frozen=True, kw_only=True)
class IntervalScores:
    """One interval scorer's answer for one window.

    Attributes:
        scorer: The scorer that gave it.
        rows: Label of each row, a gene.
        tracks: The track of each column.
        raw: The score; NaN for the mean of a gene without exon bases in the scorer's width.
    """

    scorer: "GeneIntervalScorer"
    rows: tuple[RowLabel, ...]
    tracks: tuple[Track, ...]
    raw: Float[np.ndarray, "rows tracks"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class GeneIntervalScorer:
    """Aggregates the predictions over the exons of genes that start round the window's centre.

    The three phases are those of `scorer.Scorer`. Tracks of both strands are scored.

    Attributes:
        requested_output: Any that is predicted per bin: not contact maps, not splice junctions.
        width: Base pairs round the centre in which genes must start; None for the whole window.
        aggregation: What is made of the predictions.
    """

    requested_output: OutputType = OutputType.RNA_SEQ
    width: int | None = 200_001
    aggregation: IntervalAggregation = IntervalAggregation.MEAN

    def __post_init__(self) -> None:
        """Reject outputs that have no bins along the window, and widths below 1."""
        if self.requested_output in _NOT_A_LINE_OF_BINS:
            raise ValueError(f"an exon mask needs predictions per bin: {self.requested_output=}")
        if self.width is not None and self.width < 1:
            raise ValueError(f"the width is a number of base pairs: {self.width=}")

    @property
    def official_name(self) -> str:
        """The spelling of the official tables' `interval_scorer` column."""
        return (
            f"GeneMaskScorer(requested_output={self.requested_output}, width={self.width}, "
            f"aggregation_type={self.aggregation})"
        )

    def masks(self, interval: Interval, annotation: Annotation) -> ScoreMasks:
        """Return the bins of the exons of the genes that start in the scorer's width.

        Arrays: `positions` [blocks, BLOCK], the bins, `row_of_block` [blocks] and `length` [rows]. A bin
        counts as soon as it holds one base of an exon.

        Raises:
            UsageError: The window is narrower than the scorer's width, or on the '-' strand.
        """
        exons = annotation.genes_with_tss_in(self._centre(interval))
        row, bins = _bins(exons, interval, self.requested_output.resolution)
        layout = BlockLayout.of_rows(row, len(exons.genes))
        return ScoreMasks(
            arrays={
                "positions": layout.blocks(bins),
                "row_of_block": layout.row_of_block,
                "length": layout.length,
            },
            rows=tuple(RowLabel(gene=gene) for gene in exons.genes),
        )

    def compute(
        self, predictions: Predictions, masks: Mapping[str, Array]
    ) -> Float32[Array, "padded_rows tracks"]:
        """Return the scores. Pure; traced under jit."""
        length = masks["length"]
        values = gather(predictions[self.requested_output], masks["positions"])
        sums = row_sums(values, masks["row_of_block"], len(length))
        return sums / length[:, None] if self.aggregation is IntervalAggregation.MEAN else sums

    def label(
        self,
        values: Float[np.ndarray, "padded_rows columns"],
        rows: tuple[RowLabel, ...],
        tracks: tuple[Track, ...],
    ) -> IntervalScores:
        """Return `compute`'s values, fetched from the device, without padding and with their labels."""
        raw = without_padding(values, self.requested_output, len(rows), tracks)
        return IntervalScores(scorer=self, rows=rows, tracks=tracks, raw=raw)

    def _centre(self, interval: Interval) -> Interval:
        if interval.strand == "-":
            raise UsageError(f"{interval} is on the '-' strand", remedy="score the interval on '+' or '.'")
        if self.width is None:
            return interval
        if self.width > interval.width:
            raise UsageError(
                f"{interval} is narrower than the scorer's {self.width} bp",
                remedy="choose a wider interval or a narrower scorer",
            )
        # Of an odd width, the official code puts the spare base before the middle of an even window.
        start = (interval.start + interval.end) // 2 - (self.width + 1) // 2
        return dataclasses.replace(interval, start=start, end=start + self.width)


def _bins(
    exons: GeneSpans, interval: Interval, resolution: int
) -> tuple[Int64[np.ndarray, " bins"], Int64[np.ndarray, " bins"]]:
    """Return (row, bin) of each bin that a gene's exons touch, once, ascending."""
    start = (exons.start - interval.start) // resolution
    end = -((interval.start - exons.end) // resolution)
    row = np.repeat(exons.gene_of_span, end - start)
    bin_count = -(-interval.width // resolution)
    return np.divmod(np.unique(row * bin_count + concatenated_ranges(start, end)), bin_count)
