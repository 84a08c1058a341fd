import pytest

from vep_cli.errors import UsageError
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.scoring.catalogue import recommended

CENTER = "CenterMaskScorer(requested_output={}, width={}, aggregation_type={})"
OFFICIAL_NAMES = {
    "ATAC": CENTER.format("ATAC", 501, "DIFF_LOG2_SUM"),
    "CONTACT_MAPS": "ContactMapScorer()",
    "DNASE": CENTER.format("DNASE", 501, "DIFF_LOG2_SUM"),
    "CHIP_TF": CENTER.format("CHIP_TF", 501, "DIFF_LOG2_SUM"),
    "CHIP_HISTONE": CENTER.format("CHIP_HISTONE", 2001, "DIFF_LOG2_SUM"),
    "CAGE": CENTER.format("CAGE", 501, "DIFF_LOG2_SUM"),
    "PROCAP": CENTER.format("PROCAP", 501, "DIFF_LOG2_SUM"),
    "RNA_SEQ": "GeneMaskLFCScorer(requested_output=RNA_SEQ)",
    "RNA_SEQ_ACTIVE": "GeneMaskActiveScorer(requested_output=RNA_SEQ)",
    "SPLICE_SITES": "GeneMaskSplicingScorer(requested_output=SPLICE_SITES, width=None)",
    "SPLICE_SITE_USAGE": "GeneMaskSplicingScorer(requested_output=SPLICE_SITE_USAGE, width=None)",
    "SPLICE_JUNCTIONS": "SpliceJunctionScorer()",
    "ATAC_ACTIVE": CENTER.format("ATAC", 501, "ACTIVE_SUM"),
    "DNASE_ACTIVE": CENTER.format("DNASE", 501, "ACTIVE_SUM"),
    "CHIP_TF_ACTIVE": CENTER.format("CHIP_TF", 501, "ACTIVE_SUM"),
    "CHIP_HISTONE_ACTIVE": CENTER.format("CHIP_HISTONE", 2001, "ACTIVE_SUM"),
    "CAGE_ACTIVE": CENTER.format("CAGE", 501, "ACTIVE_SUM"),
    "PROCAP_ACTIVE": CENTER.format("PROCAP", 501, "ACTIVE_SUM"),
}


@pytest.mark.parametrize("organism", ["human", "mouse"])
def test_recommended_scorers_have_the_official_names_in_order(organism: str) -> None:
    named = {scorer.name: scorer.official_name for scorer in recommended(organism)}
    assert list(named.items()) == list(OFFICIAL_NAMES.items())


def test_polyadenylation_is_scored_in_human_where_sites_are_known() -> None:
    sites = PolyadenylationSites(start={})
    names = [scorer.name for scorer in recommended("human", polyadenylation_sites=sites)]
    assert names == [*list(OFFICIAL_NAMES)[:12], "POLYADENYLATION", *list(OFFICIAL_NAMES)[12:]]
    assert recommended("mouse", polyadenylation_sites=sites) == recommended("mouse")


def test_unknown_organism() -> None:
    with pytest.raises(UsageError, match="'cat'"):
        recommended("cat")
