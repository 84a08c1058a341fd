"""Metrics of hand-made scores, worked out on paper, and what holds of any."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skill_metrics import Labels, Values, auroc, average_precision, interval_of, pearson, spearman, top_k

LABELS = np.array([True, False, True, False])
SCORES = np.array([0.9, 0.8, 0.3, 0.1])


def test_auroc_counts_pairs_in_the_right_order() -> None:
    # Pairs (labelled, other): (.9, .8), (.9, .1), (.3, .1) are right, (.3, .8) is not.
    assert auroc(LABELS, SCORES) == pytest.approx(3 / 4)


def test_a_tie_counts_half() -> None:
    assert auroc(np.array([True, False, False]), np.array([1.0, 1.0, 0.0])) == pytest.approx(0.75)


def test_average_precision_sums_precision_at_each_hit() -> None:
    # Hits at rank 1 (precision 1) and rank 3 (precision 2/3), each half of the recall.
    assert average_precision(LABELS, SCORES) == pytest.approx((1 + 2 / 3) / 2)


def test_average_precision_of_a_constant_is_the_share_of_labels() -> None:
    assert average_precision(LABELS, np.zeros(4)) == pytest.approx(0.5)


def test_top_k_is_the_part_found_among_as_many_as_there_are() -> None:
    # Two are labelled; the two highest are one that is and one that is not.
    assert top_k(LABELS, SCORES) == pytest.approx(0.5)


@pytest.mark.parametrize("metric", [average_precision, top_k])
def test_nothing_labelled_has_no_skill_to_measure(metric: Callable[[Labels, Values], float]) -> None:
    assert np.isnan(metric(np.zeros(3, bool), np.arange(3.0)))


def test_one_class_alone_has_no_auroc() -> None:
    assert np.isnan(auroc(np.ones(3, bool), np.arange(3.0)))


def test_the_interval_of_a_perfect_score_is_a_point() -> None:
    labels = np.array([True, True, False, False])
    assert interval_of(auroc, labels, labels.astype(float), rounds=50) == (1.0, 1.0)


def test_the_interval_surrounds_the_metric_and_does_not_change() -> None:
    generator = np.random.default_rng(1)
    labels = generator.random(200) < 0.3
    scores = labels + generator.normal(size=200)
    low, high = interval_of(auroc, labels, scores, rounds=200)
    assert low < auroc(labels, scores) < high
    assert (low, high) == interval_of(auroc, labels, scores, rounds=200)


def test_correlations_leave_out_what_is_unknown() -> None:
    predicted, target = np.array([1.0, 2.0, 3.0, 9.0]), np.array([2.0, 4.0, 6.0, np.nan])
    assert pearson(predicted, target) == pytest.approx(1)
    # Ranks 1, 2, 3 against 1, 3, 2: 1 - 6 * 2 / (3 * 8).
    assert spearman(np.array([1.0, 2.0, 3.0]), np.array([0.0, 9.0, 5.0])) == pytest.approx(0.5)
    assert np.isnan(pearson(np.ones(3), np.arange(3.0)))


scores_and_labels = st.lists(
    st.tuples(st.floats(-100, 100, allow_subnormal=False), st.booleans()), min_size=4, max_size=30
).filter(lambda items: 0 < sum(label for _, label in items) < len(items))


@given(items=scores_and_labels)
def test_turning_scores_round_turns_auroc_round(items: list[tuple[float, bool]]) -> None:
    scores, labels = (np.array(values) for values in zip(*items, strict=True))
    assert auroc(labels, -scores) == pytest.approx(1 - auroc(labels, scores))


@given(items=scores_and_labels)
def test_metrics_depend_on_the_order_alone(items: list[tuple[float, bool]]) -> None:
    scores, labels = (np.array(values) for values in zip(*items, strict=True))
    _, ranks = np.unique(scores, return_inverse=True)
    for metric in (auroc, average_precision, top_k):
        assert metric(labels, ranks.astype(float)) == pytest.approx(metric(labels, scores))
