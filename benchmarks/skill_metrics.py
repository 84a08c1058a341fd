"""How well scores tell labels apart, and how well tracks agree: small functions of arrays."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float
from scipy.stats import rankdata

Labels = Bool[np.ndarray, " items"]
Values = Float[np.ndarray, " items"]


def auroc(labels: Labels, scores: Values) -> float:
    """Return the chance that an item with the label scores above one without it, ties counting half."""
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return float("nan")
    rank_sum = rankdata(scores)[labels].sum()
    return float((rank_sum - positives * (positives + 1) / 2) / (positives * negatives))


def average_precision(labels: Labels, scores: Values) -> float:
    """Return the area under the precision-recall curve: precision summed over the steps of recall.

    Items of equal score are one step, so their order does not matter.
    """
    positives = int(labels.sum())
    if not positives:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(labels[order])
    is_last_of_step = np.append(np.diff(scores[order]) != 0, True)
    found = hits[is_last_of_step]
    precision = found / (np.flatnonzero(is_last_of_step) + 1)
    return float((precision * np.diff(found, prepend=0)).sum() / positives)


def top_k(labels: Labels, scores: Values) -> float:
    """Return which part of the k labelled items is among the k highest scores."""
    positives = int(labels.sum())
    if not positives:
        return float("nan")
    highest = np.argsort(-scores, kind="stable")[:positives]
    return float(labels[highest].sum() / positives)


def interval_of(
    metric: Callable[[Labels, Values], float],
    labels: Labels,
    scores: Values,
    *,
    rounds: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a metric.

    Labelled and other items are drawn separately, as many of each as there are.
    """
    generator = np.random.default_rng(seed)
    groups = [np.flatnonzero(labels), np.flatnonzero(~labels)]
    values = []
    for _ in range(rounds):
        drawn = np.concatenate([generator.choice(group, len(group)) for group in groups])
        values.append(metric(labels[drawn], scores[drawn]))
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def pearson(predicted: Values, target: Values) -> float:
    """Return the linear correlation where both are known; NaN where either is constant."""
    known = np.isfinite(predicted) & np.isfinite(target)
    x, y = (values[known].astype(np.float64) for values in (predicted, target))
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def spearman(predicted: Values, target: Values) -> float:
    """Return the correlation of ranks where both are known; NaN where either is constant."""
    known = np.isfinite(predicted) & np.isfinite(target)
    return pearson(rankdata(predicted[known]), rankdata(target[known]))
