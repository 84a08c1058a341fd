"""Scores from the predictions round the variant, without regard to genes (MODEL_SPEC section 7)."""

import dataclasses
from collections.abc import Mapping

from jaxtyping import Array, Float32

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.aggregation import Aggregation, aggregate
from vep_cli.scoring.indel_alignment import gather
from vep_cli.scoring.labels import labelled
from vep_cli.scoring.masks import NOWHERE, center_bins
from vep_cli.scoring.regions import bin_regions
from vep_cli.scoring.scorer import Predictions, RowLabel, ScoreMasks, Scorer, Scores, Values

NOT_A_LINE_OF_BINS = (OutputType.CONTACT_MAPS, OutputType.SPLICE_JUNCTIONS)


RECOMMENDED_WIDTH = {
    OutputType.ATAC: 501,
    OutputType.DNASE: 501,
    OutputType.CHIP_TF: 501,
    OutputType.CHIP_HISTONE: 2001,
    OutputType.CAGE: 501,
    OutputType.PROCAP: 501,
}
"""Base pairs, of the outputs for which centre masks are recommended."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class CenterMaskScorer(Scorer):
    """Compares ALT with REF in a window round the variant's first base. ALT is not aligned to REF.

    Attributes:
        requested_output: Any that is predicted per bin: not contact maps, not splice junctions.
        width: Base pairs; None for the whole prediction.
        aggregation: How two alleles become one number.
    """

    requested_output: OutputType
    width: int | None
    aggregation: Aggregation

    needs_annotation = False

    def __post_init__(self) -> None:
        """Reject outputs that have no bins along the window, and widths below 1."""
        if self.requested_output in NOT_A_LINE_OF_BINS:
            raise ValueError(f"a centre mask needs predictions per bin: {self.requested_output=}")
        if self.width is not None and self.width < 1:
            raise ValueError(f"the width is a number of base pairs: {self.width=}")

    @property
    def name(self) -> str:
        """See base class; those that are not recommended have names like ATAC:2001:DIFF_MEAN."""
        if self._is_recommended:
            return f"{self.output_type}{_SUFFIX[self.aggregation]}"
        width = "none" if self.width is None else self.width
        return f"{self.output_type}:{width}:{self.aggregation}"

    @property
    def official_name(self) -> str:
        """See base class."""
        return (
            f"CenterMaskScorer(requested_output={self.output_type}, width={self.width}, "
            f"aggregation_type={self.aggregation})"
        )

    @property
    def output_type(self) -> OutputType:
        """See base class."""
        return self.requested_output

    @property
    def formula(self) -> str:
        """See base class."""
        where = "the whole window" if self.width is None else f"the {self.width} bp round the variant"
        return f"{self.aggregation.formula}, over {where}; ALT is not aligned to REF"

    @property
    def is_signed(self) -> bool:
        """See base class."""
        return self.aggregation.is_signed

    @property
    def is_difference(self) -> bool:
        """See base class."""
        return self.aggregation.is_difference

    def masks(self, variant: Variant, interval: Interval, annotation: Annotation | None) -> ScoreMasks:
        """Return the array `positions` [blocks, block]: bins to read, padded with `NOWHERE`."""
        bins = center_bins(variant, interval, width=self.width, resolution=self.output_type.resolution)
        return ScoreMasks(arrays={"positions": bins}, rows=self.rows(variant, interval, annotation))

    def rows(
        self, variant: Variant, interval: Interval, annotation: Annotation | None
    ) -> tuple[RowLabel, ...]:
        """See base class: one, whatever lies there."""
        del variant, interval, annotation
        return (RowLabel(),)

    def regions(self, masks: ScoreMasks, interval: Interval) -> tuple[tuple[Interval, ...], ...]:
        """See base class: the bins."""
        return (bin_regions(masks.arrays["positions"], interval, self.output_type.resolution),)

    def compute(
        self, reference: Predictions, alternate: Predictions, masks: Mapping[str, Array]
    ) -> tuple[Float32[Array, "1 tracks"], Float32[Array, "1 tracks"], Float32[Array, "1 tracks"]]:
        """See base class."""
        positions = masks["positions"]
        return aggregate(
            self.aggregation,
            gather(reference[self.output_type], positions),
            gather(alternate[self.output_type], positions),
            (positions != NOWHERE).sum(),
        )

    def label(self, values: Values, rows: tuple[RowLabel, ...], tracks: tuple[Track, ...]) -> Scores:
        """See base class."""
        return labelled(self, values, rows, tracks)

    @property
    def _is_recommended(self) -> bool:
        is_recommended_output = self.output_type in RECOMMENDED_WIDTH
        is_recommended_width = is_recommended_output and self.width == RECOMMENDED_WIDTH[self.output_type]
        return is_recommended_width and self.aggregation in _SUFFIX


_SUFFIX = {Aggregation.DIFF_LOG2_SUM: "", Aggregation.ACTIVE_SUM: "_ACTIVE"}
"""How the official list of recommended scorers names its two aggregations."""
