"""A formula is evaluated as it reads, and compared with what the scorer computes."""

import math
import re

import jax.numpy as jnp
import numpy as np
import pytest

from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.aggregation import Aggregation, aggregate
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.gene_mask import GeneMaskScorer, GeneStatistic

REFERENCE = np.array([0.5, 2.0, 0.0, 7.0], np.float32)
ALTERNATE = np.array([1.5, 1.0, 0.25, 3.0], np.float32)
WORDS = {
    "sum": np.sum,
    "mean": np.mean,
    "max": max,
    "sqrt": math.sqrt,
    "log2": np.log2,
    "ln": np.log,
    "REF": REFERENCE,
    "ALT": ALTERNATE,
}


def evaluated(formula: str) -> float:
    return float(eval(formula.replace("^", "**"), {"__builtins__": {}}, WORDS))


@pytest.mark.parametrize("aggregation", Aggregation)
def test_aggregations_compute_what_their_formula_says(aggregation: Aggregation) -> None:
    blocks = (jnp.asarray(values).reshape(1, 4, 1) for values in (REFERENCE, ALTERNATE))
    score, _, _ = aggregate(aggregation, *blocks, jnp.asarray(4))
    assert evaluated(aggregation.formula) == pytest.approx(float(score[0, 0]), rel=1e-5)


@pytest.mark.parametrize("statistic", GeneStatistic)
def test_gene_masks_compute_what_their_formula_says(statistic: GeneStatistic) -> None:
    scorer = GeneMaskScorer(requested_output=OutputType.RNA_SEQ, statistic=statistic)
    masks = {
        "positions": jnp.arange(4).reshape(1, 4),
        "alternate_positions": jnp.arange(4).reshape(1, 4),
        "inserted_positions": jnp.array([np.iinfo(np.int32).max]),
        "row_of_block": jnp.array([0]),
        "length": jnp.array([4]),
    }
    alleles = ({OutputType.RNA_SEQ: jnp.asarray(values)[:, None]} for values in (REFERENCE, ALTERNATE))
    score, _, _ = scorer.compute(*alleles, masks)
    formula, _ = scorer.formula.split(", over the gene's exons")
    assert evaluated(formula) == pytest.approx(float(score[0, 0]), rel=1e-5)


def test_every_scorer_has_a_formula_of_one_line_that_says_whether_alleles_are_aligned() -> None:
    scorers = recommended("human", polyadenylation_sites=PolyadenylationSites(start={}))
    assert len(scorers) == 19
    for scorer in scorers:
        assert "\n" not in scorer.formula
        assert "REF" in scorer.formula
        assert re.search(r"; ALT is (not )?aligned to REF$", scorer.formula)
        width = getattr(scorer, "width", None)
        assert width is None or f" the {width} bp round the variant" in scorer.formula
