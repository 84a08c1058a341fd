"""The scorers that the official software recommends, by their names there (MODEL_SPEC section 7)."""

import difflib

from vep_cli.errors import UsageError
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import ORGANISMS
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.center_mask import CenterMaskScorer
from vep_cli.scoring.contact_map import ContactMapScorer
from vep_cli.scoring.gene_mask import GeneMaskScorer, GeneStatistic
from vep_cli.scoring.polyadenylation import PolyadenylationScorer
from vep_cli.scoring.scorer import Scorer
from vep_cli.scoring.splice_junctions import SpliceJunctionScorer
from vep_cli.scoring.splicing import GeneMaskSplicingScorer


def _change(output_type: OutputType, width: int) -> Scorer:
    return CenterMaskScorer(requested_output=output_type, width=width, aggregation=Aggregation.DIFF_LOG2_SUM)


def _activity(output_type: OutputType, width: int) -> Scorer:
    return CenterMaskScorer(requested_output=output_type, width=width, aggregation=Aggregation.ACTIVE_SUM)


_DIFFERENCES: tuple[Scorer, ...] = (
    _change(OutputType.ATAC, 501),
    ContactMapScorer(),
    _change(OutputType.DNASE, 501),
    _change(OutputType.CHIP_TF, 501),
    _change(OutputType.CHIP_HISTONE, 2001),
    _change(OutputType.CAGE, 501),
    _change(OutputType.PROCAP, 501),
    GeneMaskScorer(requested_output=OutputType.RNA_SEQ, statistic=GeneStatistic.LFC),
    GeneMaskScorer(requested_output=OutputType.RNA_SEQ, statistic=GeneStatistic.ACTIVE),
    GeneMaskSplicingScorer(requested_output=OutputType.SPLICE_SITES),
    GeneMaskSplicingScorer(requested_output=OutputType.SPLICE_SITE_USAGE),
    SpliceJunctionScorer(),
)
_LEVELS: tuple[Scorer, ...] = (
    _activity(OutputType.ATAC, 501),
    _activity(OutputType.DNASE, 501),
    _activity(OutputType.CHIP_TF, 501),
    _activity(OutputType.CHIP_HISTONE, 2001),
    _activity(OutputType.CAGE, 501),
    _activity(OutputType.PROCAP, 501),
)


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


def scorer_named(name: str, organism: str) -> Scorer:
    """Return the scorer of that name in the catalogue, or of that spelling in official tables.

    Raises:
        UsageError: There is none (names the nearest), or no such organism.
    """
    by_name = {scorer.name: scorer for scorer in recommended(organism)}
    by_official_name = {scorer.official_name: scorer for scorer in recommended(organism)}
    found = by_name.get(name.upper()) or by_official_name.get(name)
    if found is not None:
        return found
    near = difflib.get_close_matches(name.upper(), by_name, n=3) or list(by_name)
    raise UsageError(f"no scorer is named {name!r}", remedy=f"choose from {', '.join(near)}")
