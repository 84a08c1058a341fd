import re

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from vep_cli.genome.annotation import Gene
from vep_cli.genome.interval import Interval
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.plot.logo import drawn_logos, letter_path
from vep_cli.plot.sheet import Sheet
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.center_mask import CenterMaskScorer
from vep_cli.scoring.contributions import Contributions
from vep_cli.scoring.scorer import RowLabel

NASTY = "<script>$x^2$</script>"


def contributions(effects: np.ndarray, bases: str, gene: str = "") -> Contributions:
    label = Gene(gene_id="G1", name=gene, gene_type="", chromosome="chr1", start=0, end=500, strand="+")
    return Contributions(
        scorer=CenterMaskScorer(
            requested_output=OutputType.ATAC, width=501, aggregation=Aggregation.DIFF_MEAN
        ),
        label=RowLabel(gene=label if gene else None),
        track=Track(
            organism="human", output_type=OutputType.ATAC, index=0, name="t", supervision="mechanistic"
        ),
        interval=Interval(chromosome="chr1", start=1000, end=1000 + len(bases)),
        bases=bases,
        effects=effects.astype(np.float32),
    )


@pytest.mark.parametrize("base", list("ACGT"))
def test_letters_fill_their_square(base: str) -> None:
    box = letter_path(base).get_extents()
    np.testing.assert_allclose([box.x0, box.y0, box.x1, box.y1], [0, 0, 1, 1], atol=1e-6)


def test_texts_and_hostile_names() -> None:
    effects = np.array([[np.nan, -1, -2, -3], [1, 1, np.nan, 1]])
    drawn = drawn_logos([contributions(effects, "AG", NASTY)], ["a note"], Sheet(form="svg")).decode()
    assert "chr1:1,001-1,002: every base changed" in drawn
    assert "&lt;script&gt;$x^2$" in drawn
    assert "<script>" not in drawn
    assert "mechanistic" in drawn
    assert "a note" in drawn
    # The mean of -1, -2, -3 with the other sign, and that of 1, 1, 1.
    assert re.search(r">2(\.0)?<", drawn)
    assert re.search(r">\N{MINUS SIGN}1(\.0)?<", drawn)


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_same_bytes_each_time(form: str) -> None:
    one = contributions(np.random.default_rng(1).normal(size=(5, 4)), "ACGTN")
    first, second = (drawn_logos([one, one], [], Sheet(form=form, dots_per_inch=60)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_nothing_to_draw(value: float) -> None:
    assert drawn_logos([contributions(np.full((3, 4), value), "ACG")], [], Sheet(form="svg"))
