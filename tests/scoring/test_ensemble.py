import dataclasses

import numpy as np
import pytest

from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.center_mask import CenterMaskScorer
from vep_cli.scoring.ensemble import combined
from vep_cli.scoring.scorer import RowLabel, Scores

ATAC = CenterMaskScorer(requested_output=OutputType.ATAC, width=501, aggregation=Aggregation.DIFF_LOG2_SUM)
TRACKS = tuple(
    Track(organism="human", output_type=OutputType.ATAC, index=index, name=str(index)) for index in range(2)
)


def scores(raw: list[float], reference: float) -> Scores:
    matrix = np.array([raw], np.float32)
    return Scores(
        scorer=ATAC,
        rows=(RowLabel(),),
        tracks=TRACKS,
        raw=matrix,
        reference=np.full_like(matrix, reference),
        alternate=np.full_like(matrix, 2 * reference),
    )


def test_one_model_is_itself() -> None:
    alone = scores([1, 2], 3)
    assert combined([alone]) is alone
    assert alone.spread is None


def test_mean_and_standard_deviation_on_paper() -> None:
    # Means (1+3)/2 = 2 and (5+5)/2 = 5; sample deviations sqrt((1+1)/1) = sqrt(2) and 0.
    both = combined([scores([1, 5], 10), scores([3, 5], 20)])
    np.testing.assert_allclose(both.raw, [[2, 5]])
    np.testing.assert_allclose(both.spread, [[2**0.5, 0]], rtol=1e-6)
    np.testing.assert_allclose(both.reference, [[15, 15]])
    np.testing.assert_allclose(both.alternate, [[30, 30]])


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_order_of_models_does_not_matter(order: tuple[int, ...]) -> None:
    members = [scores([1, 5], 10), scores([3, 5], 20), scores([-2, 0], 30)]
    found, expected = combined([members[number] for number in order]), combined(members)
    for field in ("raw", "reference", "alternate", "spread"):
        np.testing.assert_allclose(getattr(found, field), getattr(expected, field), rtol=1e-6)


def test_missing_for_one_model_is_missing() -> None:
    gap = dataclasses.replace(scores([1, 5], 10), raw=np.array([[np.nan, 5]], np.float32))
    both = combined([gap, scores([3, 5], 20)])
    assert np.isnan(both.raw).tolist() == [[True, False]]
    assert np.isnan(both.spread).tolist() == [[True, False]]
