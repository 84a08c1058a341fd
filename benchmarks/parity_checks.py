"""One comparison of ours with a recorded tensor, and the tables that many of them make."""

import dataclasses
import enum
import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from jaxtyping import Array, Shaped


class Measure(enum.StrEnum):
    """What a tolerance is a share of."""

    SPREAD = "of std"
    VALUE = "of each value"
    LARGER = "of std or value"
    DIFFERENCE = "of 1, std or value"
    ABSOLUTE = "absolute"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tolerance:
    """The largest error that passes.

    Attributes:
        limit: Largest error; 0 asks for the same numbers.
        measure: What `limit` is a share of.
    """

    limit: float
    measure: Measure

    def __str__(self) -> str:
        return f"{self.limit:.0e} {self.measure}" if self.limit else "identical"


SPREAD = Tolerance(limit=3e-5, measure=Measure.SPREAD)
LARGER = Tolerance(limit=3e-5, measure=Measure.LARGER)
DIFFERENCE = Tolerance(limit=3e-5, measure=Measure.DIFFERENCE)
SUM = Tolerance(limit=1e-5, measure=Measure.VALUE)
IDENTICAL = Tolerance(limit=0.0, measure=Measure.ABSOLUTE)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Check:
    """How one tensor compared.

    Attributes:
        tensor: Name, from the oracle's folder down.
        shape: Shape of what was compared.
        max_absolute: Largest absolute error; infinite where NaN stands on one side only or shapes differ.
        max_relative: The same as a share of what the tolerance is a share of, the recorded tensor's
            standard deviation unless it says otherwise.
        tolerance: What was allowed.
    """

    tensor: str
    shape: tuple[int, ...]
    max_absolute: float
    max_relative: float
    tolerance: Tolerance

    @property
    def share_of_tolerance(self) -> float:
        """The error over the largest that passes; infinite for any error where none does."""
        is_absolute = self.tolerance.measure is Measure.ABSOLUTE
        error = self.max_absolute if is_absolute else self.max_relative
        if error == 0.0:
            return 0.0
        return error / self.tolerance.limit if self.tolerance.limit else math.inf

    @property
    def passed(self) -> bool:
        """Whether the error is within the tolerance."""
        return self.share_of_tolerance <= 1.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Skipped:
    """Something recorded that was not compared, and why."""

    tensor: str
    reason: str


Outcome = Check | Skipped


@dataclasses.dataclass(frozen=True, kw_only=True)
class Group:
    """Comparisons that are run together, under a name that `--only` takes."""

    name: str
    run: Callable[[], Iterator[Outcome]]


def compare(
    tensor: str,
    found: Shaped[Array | np.ndarray, "..."],
    expected: np.ndarray,
    tolerance: Tolerance = SPREAD,
    whole: np.ndarray | None = None,
) -> Check:
    """Compare two tensors; NaN equals NaN.

    Args:
        tensor: Name.
        found: Ours.
        expected: The recorded one.
        tolerance: What to allow.
        whole: Whose standard deviation the error is a share of, if not that of `expected`.
    """
    ours, theirs = np.asarray(found).astype(np.float64), np.asarray(expected, np.float64)
    same_places = ours.shape == theirs.shape and np.array_equal(np.isnan(ours), np.isnan(theirs))
    errors = np.nan_to_num(np.abs(ours - theirs)) if same_places else np.full((1,), np.inf)
    relative = errors
    if same_places:
        relative = errors / _unit(theirs if whole is None else whole, tolerance.measure)
    return Check(
        tensor=tensor,
        shape=theirs.shape,
        max_absolute=float(errors.max(initial=0.0)),
        max_relative=float(relative.max(initial=0.0)),
        tolerance=tolerance,
    )


def text_table(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield the lines of a table for a terminal, as the outcomes come."""
    yield f"{'tensor':<72} {'shape':>16} {'max abs':>9} {'max rel':>9}  {'tolerance':<18} pass"
    for outcome in outcomes:
        if isinstance(outcome, Skipped):
            yield f"{outcome.tensor:<72} skipped: {outcome.reason}"
            continue
        tensor, shape, absolute, relative, tolerance, passed = _cells(outcome)
        yield f"{tensor:<72} {shape:>16} {absolute:>9} {relative:>9}  {tolerance:<18} {passed}"


def markdown_table(checks: Sequence[Check]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield "| tensor | shape | max absolute error | max relative error | tolerance | pass |"
    yield "|---|---|---|---|---|---|"
    for check in checks:
        yield f"| {' | '.join(_cells(check))} |"


def _unit(expected: np.ndarray, measure: Measure) -> np.ndarray:
    sizes: np.ndarray = np.maximum(np.nan_to_num(np.abs(expected)), np.finfo(np.float32).tiny)
    if measure is Measure.VALUE:
        return sizes
    finite = expected[np.isfinite(expected)]
    spread = float(finite.std()) if finite.size else 0.0
    # A constant has no spread; its own size is the next best unit.
    unit = spread or float(np.abs(finite).max(initial=0.0)) or 1.0
    if measure is Measure.LARGER:
        return np.asarray(np.clip(sizes, unit, None))
    if measure is Measure.DIFFERENCE:
        return np.asarray(np.clip(sizes, max(unit, 1.0), None))
    return np.asarray(unit)


def _cells(check: Check) -> tuple[str, str, str, str, str, str]:
    return (
        check.tensor,
        "x".join(map(str, check.shape)) or "scalar",
        f"{check.max_absolute:.2e}",
        f"{check.max_relative:.2e}",
        str(check.tolerance),
        "yes" if check.passed else "NO",
    )
