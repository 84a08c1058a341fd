"""The scorers that the official software recommends, by their names there (MODEL_SPEC section 7)."""

from vep_cli.errors import UsageError
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import ORGANISMS
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.center_mask import RECOMMENDED_WIDTH, CenterMaskScorer
from vep_cli.scoring.contact_map import ContactMapScorer
from vep_cli.scoring.gene_mask import GeneMaskScorer, GeneStatistic
from vep_cli.scoring.polyadenylation import PolyadenylationScorer
from vep_cli.scoring.scorer import Scorer
from vep_cli.scoring.splice_junctions import SpliceJunctionScorer
from vep_cli.scoring.splicing import GeneMaskSplicingScorer


def _change(output_type: OutputType) -> Scorer:
    return CenterMaskScorer(
        requested_output=output_type,
        width=RECOMMENDED_WIDTH[output_type],
        aggregation=Aggregation.DIFF_LOG2_SUM,
    )


def _activity(output_type: OutputType) -> Scorer:
    return CenterMaskScorer(
        requested_output=output_type, width=RECOMMENDED_WIDTH[output_type], aggregation=Aggregation.ACTIVE_SUM
    )


_DIFFERENCES: tuple[Scorer, ...] = (
    _change(OutputType.ATAC),
    ContactMapScorer(),
    _change(OutputType.DNASE),
    _change(OutputType.CHIP_TF),
    _change(OutputType.CHIP_HISTONE),
    _change(OutputType.CAGE),
    _change(OutputType.PROCAP),
    GeneMaskScorer(requested_output=OutputType.RNA_SEQ, statistic=GeneStatistic.LFC),
    GeneMaskScorer(requested_output=OutputType.RNA_SEQ, statistic=GeneStatistic.ACTIVE),
    GeneMaskSplicingScorer(requested_output=OutputType.SPLICE_SITES),
    GeneMaskSplicingScorer(requested_output=OutputType.SPLICE_SITE_USAGE),
    SpliceJunctionScorer(),
)
_LEVELS: tuple[Scorer, ...] = (
    _activity(OutputType.ATAC),
    _activity(OutputType.DNASE),
    _activity(OutputType.CHIP_TF),
    _activity(OutputType.CHIP_HISTONE),
    _activity(OutputType.CAGE),
    _activity(OutputType.PROCAP),
)
OWN: tuple[Scorer, ...] = (GeneMaskSplicingScorer(requested_output=OutputType.SPLICE_SITES, is_log=True),)
"""Scorers that the official software does not have; they are used when they are asked for by name."""


def recommended(
    organism: str, *, polyadenylation_sites: PolyadenylationSites | None = None
) -> tuple[Scorer, ...]:
    """Return the recommended scorers of an organism, in the official order.

    Args:
        organism: 'human' or 'mouse'.
        polyadenylation_sites: Without them there is no POLYADENYLATION; mouse never has it.

    Raises:
        UsageError: The organism is another.
    """
    if organism not in ORGANISMS:
        raise UsageError(f"no organism is named {organism!r}", remedy=f"choose from {', '.join(ORGANISMS)}")
    if polyadenylation_sites is None or organism != "human":
        return *_DIFFERENCES, *_LEVELS
    return *_DIFFERENCES, PolyadenylationScorer(sites=polyadenylation_sites), *_LEVELS
