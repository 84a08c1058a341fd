import math

import pytest
from made_scores import ATAC, ATAC_ACTIVE, POLYADENYLATION, RNA, SPLICE_SITES

from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.scorer import Scorer
from vep_cli.writers.consequence import consequence


@pytest.mark.parametrize(
    ("scorer", "score", "word"),
    [
        (ATAC, 0.5, "accessibility_gain"),
        (ATAC, -0.5, "accessibility_loss"),
        (RNA, -1e-9, "expression_loss"),
        (RNA, 0.0, "no_change"),
        (RNA, -0.0, "no_change"),
        (RNA, math.nan, "no_change"),
        (SPLICE_SITES, 0.5, "splice_site_change"),
        (POLYADENYLATION, 0.5, "polyadenylation_change"),
        (ATAC_ACTIVE, 5.0, "accessibility_level"),
    ],
)
def test_word(scorer: Scorer, score: float, word: str) -> None:
    assert consequence(scorer, score) == word


def test_every_recommended_scorer_has_a_word_that_vcf_needs_not_escape() -> None:
    words = {consequence(scorer, 1.0) for scorer in recommended("human")}
    assert all(word.replace("_", "").isalpha() for word in words)
