"""Arithmetic on gathered predictions: sums per row, and how two alleles are compared.

The comparisons are those of the official centre-mask scorer (MODEL_SPEC section 7), in float32.
"""

import enum
import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float32, Int


class Aggregation(enum.StrEnum):
    """How the masked REF and ALT predictions of one track become one number, by the official names."""

    DIFF_MEAN = "DIFF_MEAN"
    DIFF_SUM = "DIFF_SUM"
    DIFF_SUM_LOG2 = "DIFF_SUM_LOG2"
    DIFF_LOG2_SUM = "DIFF_LOG2_SUM"
    L2_DIFF = "L2_DIFF"
    L2_DIFF_LOG1P = "L2_DIFF_LOG1P"
    ACTIVE_MEAN = "ACTIVE_MEAN"
    ACTIVE_SUM = "ACTIVE_SUM"

    @property
    def formula(self) -> str:
        """The comparison in one line, of the predictions REF and ALT at the masked positions."""
        return _FORMULAS[self]

    @property
    def is_signed(self) -> bool:
        """Whether positive means that ALT has more."""
        return self.name.startswith("DIFF")

    @property
    def is_mean(self) -> bool:
        """Whether positions are averaged; they are summed otherwise."""
        return self.name.endswith("MEAN")

    @property
    def is_distance(self) -> bool:
        """Whether positions are compared one by one before they are summed."""
        return self.name.startswith("L2")

    @property
    def is_difference(self) -> bool:
        """Whether equal alleles give zero; the others are levels."""
        return self.is_signed or self.is_distance


def row_sums(
    values: Float32[Array, "blocks block tracks"], row_of_block: Int[Array, " blocks"], row_count: int
) -> Float32[Array, "{row_count} tracks"]:
    """Return per row the sum of its blocks.

    The second level is a product with a 0/1 matrix: its order of additions is fixed, where a
    scatter's on a GPU is not, and two nested sums would be fused into one long one.
    """
    membership = (row_of_block == jnp.arange(row_count)[:, None]).astype(jnp.float32)
    return jnp.matmul(membership, values.sum(axis=1), precision=jax.lax.Precision.HIGHEST)


def aggregate(
    aggregation: Aggregation,
    reference: Float32[Array, "blocks block tracks"],
    alternate: Float32[Array, "blocks block tracks"],
    count: Int[Array, ""],
) -> tuple[Float32[Array, "1 tracks"], Float32[Array, "1 tracks"], Float32[Array, "1 tracks"]]:
    """Return (score, aggregated REF, aggregated ALT) of one set of positions.

    Args:
        aggregation: The comparison.
        reference: Gathered REF predictions, zero at padding.
        alternate: Gathered ALT predictions, zero at padding.
        count: Positions that are not padding; without any, sums are 0 and means NaN.

    Returns:
        The aggregates are means or sums, of log2(x+1) for DIFF_SUM_LOG2 and of ln(x+1) for L2_DIFF_LOG1P.
    """
    before = _BEFORE_SUM.get(aggregation, _identity)
    reference, alternate = before(reference), before(alternate)
    row_of_block = jnp.zeros(len(reference), jnp.int32)
    reference_sum = row_sums(reference, row_of_block, 1)
    alternate_sum = row_sums(alternate, row_of_block, 1)
    if aggregation.is_distance:
        score = jnp.sqrt(row_sums((alternate - reference) ** 2, row_of_block, 1))
    else:
        score = _COMPARISONS[aggregation](alternate_sum, reference_sum)
    # Divided last: compilers merge a division with a subtraction behind it, and equal alleles must give 0.
    denominator = count if aggregation.is_mean else 1
    return score / denominator, reference_sum / denominator, alternate_sum / denominator


Values = Float32[Array, "*shape"]


def log_ratio(numerator: Values, denominator: Values) -> Values:
    """Return ln(numerator) - ln(denominator), exactly 0 for equal values (of which none is negative)."""
    return jnp.log(numerator / denominator)


def _identity(values: Values) -> Values:
    return values


def _log2_plus_one(values: Values) -> Values:
    return jnp.log2(values + 1)


def _log2_ratio_plus_one(alternate: Values, reference: Values) -> Values:
    return log_ratio(alternate + 1, reference + 1) / math.log(2)


_FORMULAS: dict[Aggregation, str] = {
    Aggregation.DIFF_MEAN: "mean(ALT) - mean(REF)",
    Aggregation.DIFF_SUM: "sum(ALT) - sum(REF)",
    Aggregation.DIFF_SUM_LOG2: "sum(log2(ALT + 1)) - sum(log2(REF + 1))",
    Aggregation.DIFF_LOG2_SUM: "log2(sum(ALT) + 1) - log2(sum(REF) + 1)",
    Aggregation.L2_DIFF: "sqrt(sum((ALT - REF)^2))",
    Aggregation.L2_DIFF_LOG1P: "sqrt(sum((ln(ALT + 1) - ln(REF + 1))^2))",
    Aggregation.ACTIVE_MEAN: "max(mean(ALT), mean(REF))",
    Aggregation.ACTIVE_SUM: "max(sum(ALT), sum(REF))",
}
_BEFORE_SUM: dict[Aggregation, Callable[[Values], Values]] = {
    Aggregation.DIFF_SUM_LOG2: _log2_plus_one,
    Aggregation.L2_DIFF_LOG1P: jnp.log1p,
}
_COMPARISONS: dict[Aggregation, Callable[[Values, Values], Values]] = {
    Aggregation.DIFF_MEAN: jnp.subtract,
    Aggregation.DIFF_SUM: jnp.subtract,
    Aggregation.DIFF_SUM_LOG2: jnp.subtract,
    Aggregation.DIFF_LOG2_SUM: _log2_ratio_plus_one,
    Aggregation.ACTIVE_MEAN: jnp.maximum,
    Aggregation.ACTIVE_SUM: jnp.maximum,
}
