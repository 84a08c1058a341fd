import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.errors import UsageError
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.catalogue import OWN, recommended
from vep_cli.scoring.center_mask import CenterMaskScorer
from vep_cli.scoring.gene_mask import GeneMaskScorer, GeneStatistic
from vep_cli.scoring.polyadenylation import PolyadenylationScorer
from vep_cli.scoring.scorer import Scorer
from vep_cli.scoring.spelling import CENTER_OUTPUTS, WIDTHS, parse_scorer
from vep_cli.scoring.splicing import GeneMaskSplicingScorer

SITES = PolyadenylationSites(start={})
ALL = recommended("human", polyadenylation_sites=SITES)
CENTER_MASKS = [
    CenterMaskScorer(requested_output=output, width=width, aggregation=aggregation)
    for output, width, aggregation in itertools.product(CENTER_OUTPUTS.values(), WIDTHS.values(), Aggregation)
]


def parse(text: str) -> Scorer:
    return parse_scorer(text, polyadenylation_sites=SITES)


def center(output: str, width: int | None, aggregation: str = "DIFF_LOG2_SUM") -> CenterMaskScorer:
    return CenterMaskScorer(
        requested_output=OutputType(output), width=width, aggregation=Aggregation(aggregation)
    )


@pytest.mark.parametrize("scorer", [*ALL, *OWN], ids=lambda scorer: scorer.name)
def test_scorers_with_names_are_found_by_either_name(scorer: Scorer) -> None:
    assert parse(scorer.name) == scorer
    assert parse(scorer.name.lower().replace("_", "-")) == scorer
    assert parse(f" {scorer.official_name} ") == scorer


def test_every_centre_mask_is_found_by_either_name() -> None:
    # Nine outputs, six widths, eight aggregations.
    assert len(CENTER_MASKS) == 9 * 6 * 8
    for scorer in CENTER_MASKS:
        assert parse(scorer.name) == scorer
        assert parse(scorer.official_name) == scorer


def test_no_two_scorers_share_a_name() -> None:
    scorers = {scorer.official_name: scorer for scorer in (*ALL, *CENTER_MASKS)}
    # 12 of the recommended scorers are centre masks too.
    assert len(scorers) == 9 * 6 * 8 + 19 - 12
    assert len({scorer.name for scorer in scorers.values()}) == len(scorers)


@pytest.mark.parametrize(
    ("text", "scorer"),
    [
        ("ATAC:width=2001:aggregation=DIFF_MEAN", center("ATAC", 2001, "DIFF_MEAN")),
        ("atac : aggregation = diff_mean : width = 2001", center("ATAC", 2001, "DIFF_MEAN")),
        ("rna-seq:L2_DIFF:None", center("RNA_SEQ", None, "L2_DIFF")),
        # What is left out is as the recommended scorers have it.
        ("CAGE:10001", center("CAGE", 10_001)),
        ("CHIP_HISTONE:ACTIVE_MEAN", center("CHIP_HISTONE", 2001, "ACTIVE_MEAN")),
        ("SPLICE_SITES:DIFF_SUM", center("SPLICE_SITES", 501, "DIFF_SUM")),
        (
            "GeneMaskLFCScorer(requested_output=CAGE)",
            GeneMaskScorer(requested_output=OutputType.CAGE, statistic=GeneStatistic.LFC),
        ),
        (
            "GeneMaskSplicingScorer(requested_output=SPLICE_SITES, width=10001)",
            GeneMaskSplicingScorer(requested_output=OutputType.SPLICE_SITES),
        ),
    ],
)
def test_other_spellings(text: str, scorer: Scorer) -> None:
    assert parse(text) == scorer


def test_a_centre_mask_may_be_a_recommended_scorer() -> None:
    assert parse("ATAC:501:DIFF_LOG2_SUM").name == "ATAC"
    assert parse("RNA_SEQ:501:DIFF_LOG2_SUM").name == "RNA_SEQ:501:DIFF_LOG2_SUM"


def test_polyadenylation_gets_the_sites() -> None:
    for name in ("polyadenylation", "PolyadenylationScorer()"):
        scorer = parse(name)
        assert isinstance(scorer, PolyadenylationScorer)
        assert scorer.sites is SITES


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("SPLICE_SITES_LO", "no scorer is named 'SPLICE_SITES_LO'", "did you mean SPLICE_SITES_LOG"),
        ("ATAC_ACTVE", "no scorer is named 'ATAC_ACTVE'", "did you mean ATAC_ACTIVE"),
        ("?", "no scorer is named '?'", ", ".join(scorer.name for scorer in ALL)),
        ("ATAK:501", "no output of a centre mask is named 'ATAK'", "ATAC"),
        ("CONTACT_MAPS:501", "no output of a centre mask is named 'CONTACT_MAPS'", "choose from"),
        ("ATAC:502", "no width is named '502'", "501"),
        ("ATAC:width=wide", "no width is named 'wide'", "501, 2001, 10001, 100001, 200001, none"),
        ("ATAC:DIFF_MEEN", "no aggregation is named 'DIFF_MEEN'", "DIFF_MEAN"),
        ("ATAC:", "no aggregation is named ''", "DIFF_MEAN, DIFF_SUM"),
        ("ATAC:with=501", "no part of a centre mask is named 'with'", "width"),
        ("ATAC:501:2001", "'ATAC:501:2001' has two parts for the width", "leave one out"),
        ("CentreMaskScorer(width=1)", "no scorer is named 'CentreMaskScorer'", "CenterMaskScorer"),
        ("ContactMapScorer(", "no spelling of a scorer", "quoted"),
        ("ContactMapScorer(width=1)", "does not have what the scorer takes", "ContactMapScorer()"),
        ("GeneMaskLFCScorer()", "what the scorer takes", "GeneMaskLFCScorer(requested_output=...)"),
        (
            "GeneMaskLFCScorer(requested_output=ATAC, requested_output=CAGE)",
            "what the scorer takes",
            "GeneMaskLFCScorer(requested_output=...)",
        ),
        ("GeneMaskLFCScorer(requested_output=CHIP_TF)", "no output of a gene mask", "choose from"),
        ("GeneMaskSplicingScorer(requested_output=ATAC, width=None)", "of a splicing score", "SPLICE_SITES"),
        ("GeneMaskSplicingScorer(requested_output=SPLICE_SITES, width=7)", "no width is named '7'", "101"),
    ],
)
def test_what_there_is_not_is_told_the_nearest(text: str, message: str, remedy: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert message in caught.value.message
    assert remedy in str(caught.value.remedy)


@given(st.text("AaTC_:=,() 501none?", max_size=30))
def test_any_text_is_a_usage_error_or_a_scorer_by_its_name(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert parse(parse(text).name) == parse(text)
