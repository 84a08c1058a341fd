"""The words of scorers, which know nothing of the scorers, against the scorers themselves."""

import itertools

import pytest

from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.model.output_type import OutputType
from vep_cli.report.scorer_words import MODALITIES, words_of, words_of_modality
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.catalogue import OWN, recommended
from vep_cli.scoring.center_mask import CenterMaskScorer
from vep_cli.scoring.gene_mask import GeneMaskScorer, GeneStatistic
from vep_cli.scoring.scorer import Scorer
from vep_cli.scoring.spelling import CENTER_OUTPUTS
from vep_cli.writers.consequence import consequence

SCORERS: tuple[Scorer, ...] = (
    *recommended("human", polyadenylation_sites=PolyadenylationSites(start={})),
    *OWN,
    *(
        CenterMaskScorer(requested_output=output, width=width, aggregation=aggregation)
        for output, width, aggregation in itertools.product(
            CENTER_OUTPUTS.values(), (501, 2001, None), Aggregation
        )
    ),
    *(
        GeneMaskScorer(requested_output=output, statistic=statistic)
        for output in (OutputType.RNA_SEQ, OutputType.CAGE)
        for statistic in GeneStatistic
    ),
)


@pytest.mark.parametrize("scorer", SCORERS, ids=lambda scorer: scorer.official_name)
def test_words_are_those_of_the_scorer(scorer: Scorer) -> None:
    words = words_of(scorer.official_name, scorer.output_type.value)
    assert words.is_difference == scorer.is_difference
    if scorer.is_difference:
        # Levels are left out of a report, and so is what they are called.
        assert words.name == scorer.name
        assert words.is_signed == scorer.is_signed
    for score in (-0.5, 0.0, 0.5):
        assert words.consequence(score) == consequence(scorer, score)


def test_modalities_are_all_that_are_predicted() -> None:
    assert sorted(MODALITIES) == sorted(output.value for output in OutputType)


@pytest.mark.parametrize("scorer", [one for one in SCORERS if one.name == one.output_type])
def test_a_modality_has_the_words_of_its_own_scorer(scorer: Scorer) -> None:
    words = words_of_modality(scorer.output_type.value)
    assert (words.name, words.is_signed) == (scorer.name, scorer.is_signed)
    assert words.consequence(0.5) == consequence(scorer, 0.5)


@pytest.mark.parametrize("official", ["NewScorer(requested_output=ATAC)", "no spelling at all (", "((="])
def test_a_scorer_that_is_not_known_goes_by_its_spelling(official: str) -> None:
    words = words_of(official, "ATAC")
    assert words.name == official
    assert words.consequence(-1.0) == "accessibility_change"


def test_a_modality_that_is_not_known_goes_by_its_name() -> None:
    assert words_of("", "METHYLATION").name == "METHYLATION"
    assert words_of_modality("METHYLATION").consequence(1.0) == "methylation_change"
