import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from vep_cli.scoring.aggregation import Aggregation, aggregate, row_sums

# One track at three positions, the fourth is padding.
REFERENCE = jnp.array([[[1.0], [3.0], [7.0], [0.0]]])
ALTERNATE = jnp.array([[[0.0], [7.0], [15.0], [0.0]]])
LOG1P_DISTANCE = math.sqrt(math.log(1 / 2) ** 2 + math.log(8 / 4) ** 2 + math.log(16 / 8) ** 2)


@pytest.mark.parametrize(
    ("aggregation", "score", "reference", "alternate"),
    [
        ("DIFF_MEAN", 22 / 3 - 11 / 3, 11 / 3, 22 / 3),
        ("DIFF_SUM", 22 - 11, 11, 22),
        # log2 of 1, 8, 16 is 0, 3, 4; of 2, 4, 8 is 1, 2, 3
        ("DIFF_SUM_LOG2", 7 - 6, 6, 7),
        ("DIFF_LOG2_SUM", math.log2(23) - math.log2(12), 11, 22),
        # differences -1, 4, 8: 1 + 16 + 64
        ("L2_DIFF", 9, 11, 22),
        ("L2_DIFF_LOG1P", LOG1P_DISTANCE, math.log(2 * 4 * 8), math.log(1 * 8 * 16)),
        ("ACTIVE_MEAN", 22 / 3, 11 / 3, 22 / 3),
        ("ACTIVE_SUM", 22, 11, 22),
    ],
)
def test_aggregations_on_paper(aggregation: str, score: float, reference: float, alternate: float) -> None:
    values = aggregate(Aggregation(aggregation), REFERENCE, ALTERNATE, jnp.array(3))
    np.testing.assert_allclose(np.ravel(values), [score, reference, alternate], rtol=1e-6)


@pytest.mark.parametrize("aggregation", list(Aggregation))
def test_nothing_to_aggregate_gives_zero_for_sums_and_nan_for_means(aggregation: Aggregation) -> None:
    nothing = jnp.zeros((1, 4, 1))
    score, _, _ = aggregate(aggregation, nothing, nothing, jnp.array(0))
    expected = math.nan if aggregation.is_mean else 0.0
    np.testing.assert_array_equal(score, [[expected]])


@pytest.mark.parametrize("aggregation", list(Aggregation))
def test_swapping_alleles_turns_the_sign_of_signed_scores_only(aggregation: Aggregation) -> None:
    forward = aggregate(aggregation, REFERENCE, ALTERNATE, jnp.array(3))
    backward = aggregate(aggregation, ALTERNATE, REFERENCE, jnp.array(3))
    sign = -1 if aggregation.is_signed else 1
    assert backward[0].tolist() == (sign * forward[0]).tolist()
    assert backward[1].tolist() == forward[2].tolist()


def test_row_sums_on_paper() -> None:
    # Blocks 0 and 2 belong to row 1, block 1 to row 0; row 2 has none.
    values = jnp.array([[[1.0], [2.0]], [[10.0], [20.0]], [[100.0], [200.0]]])
    assert row_sums(values, jnp.array([1, 0, 1]), 3).tolist() == [[30.0], [303.0], [0.0]]


def test_sums_of_many_positions_are_good_to_float32() -> None:
    # 131,072 positions of one row, spread over four orders of magnitude.
    values = np.exp(np.random.default_rng(1).normal(0, 2, (512, 256, 4))).astype(np.float32)
    sums = jax.jit(row_sums, static_argnums=2)(values, np.zeros(512, np.int32), 1)
    np.testing.assert_allclose(sums[0], values.sum(axis=(0, 1), dtype=np.float64), rtol=1e-6)
