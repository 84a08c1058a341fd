import math

import numpy as np
import pytest
from parity_checks import (
    DIFFERENCE,
    IDENTICAL,
    LARGER,
    SPREAD,
    SUM,
    Check,
    Measure,
    Skipped,
    Tolerance,
    compare,
    markdown_table,
    text_table,
)


def compared(found: list[float], expected: list[float], tolerance: Tolerance = SPREAD) -> Check:
    return compare("x", np.array(found), np.array(expected), tolerance)


def test_errors_are_shares_of_the_standard_deviation() -> None:
    # The standard deviation of -2, 2 is 2; an error of 0.5 is a quarter of it.
    check = compared([-2.0, 2.5], [-2.0, 2.0])
    assert (check.max_absolute, check.max_relative, check.passed) == (0.5, 0.25, False)


def test_errors_are_shares_of_each_value_where_asked() -> None:
    # 0.1 / 0.2 is more than 1 / 10.
    check = compared([0.3, 11.0], [0.2, 10.0], SUM)
    assert check.max_absolute == 1.0
    assert check.max_relative == pytest.approx(0.5)


def test_errors_are_shares_of_the_larger_where_asked() -> None:
    # The deviation of 0, 0, 0, 8 is 8 x sqrt(3) / 4 = 3.46; 1 / 3.46 is more than 2 / 8.
    check = compared([1.0, 0.0, 0.0, 10.0], [0.0, 0.0, 0.0, 8.0], LARGER)
    assert check.max_relative == pytest.approx(1 / math.sqrt(12))
    # Without the first error, 2 / 8.
    assert compared([0.0, 0.0, 0.0, 10.0], [0.0, 0.0, 0.0, 8.0], LARGER).max_relative == 0.25


def test_errors_of_differences_are_shares_of_one_at_least() -> None:
    # Their deviation is 0.001, far below 1; of 200 and 0 it is 100, of which 2 is 0.02.
    assert compared([0.25, 0.002], [0.0, 0.002], DIFFERENCE).max_relative == 0.25
    assert compared([200.0, 2.0], [200.0, 0.0], DIFFERENCE).max_relative == pytest.approx(0.02)


def test_a_part_errs_in_units_of_the_whole() -> None:
    check = compare("x", np.array([1.5]), np.array([1.0]), SPREAD, whole=np.array([-10.0, 10.0]))
    assert check.max_relative == 0.05


@pytest.mark.parametrize(("error", "passed"), [(2.9e-5, True), (3.1e-5, False)])
def test_the_tolerance_is_the_limit(error: float, passed: bool) -> None:
    assert compared([-1.0, 1.0 + error], [-1.0, 1.0]).passed == passed


def test_absolute_errors_and_identity() -> None:
    rounded = Tolerance(limit=1e-3, measure=Measure.ABSOLUTE)
    assert compared([0.0, 0.0009], [0.0, 0.0], rounded).passed
    assert not compared([0.0, 0.0009], [0.0, 0.0], IDENTICAL).passed
    assert compared([7.0, 7.0], [7.0, 7.0], IDENTICAL).passed


def test_not_a_number_stands_on_both_sides_or_fails() -> None:
    assert compared([1.0, math.nan, 3.0], [1.0, math.nan, 3.0]).passed
    check = compared([1.0, math.nan, 3.0], [1.0, 2.0, 3.0])
    assert check.max_absolute == math.inf
    assert not check.passed


def test_another_shape_fails() -> None:
    assert not compared([1.0, 2.0], [1.0, 2.0, 3.0]).passed


@pytest.mark.parametrize("tolerance", [SPREAD, LARGER, DIFFERENCE, SUM, IDENTICAL])
def test_something_where_nothing_was_recorded_fails(tolerance: Tolerance) -> None:
    assert not compared([1.0], [], tolerance).passed
    assert compared([], [], tolerance).passed


def test_a_constant_is_its_own_unit() -> None:
    assert compared([4.4], [4.0]).max_relative == pytest.approx(0.1)


def test_tables_show_failures_and_what_was_skipped() -> None:
    outcomes = [compared([-1.0, 1.0], [-1.0, 1.0]), compared([9.0, 1.0], [-1.0, 1.0])]
    lines = list(text_table([*outcomes, Skipped(tensor="y", reason="it is not there")]))
    assert [line.split()[-1] for line in lines[1:3]] == ["yes", "NO"]
    assert lines[3].endswith("skipped: it is not there")
    assert list(markdown_table(outcomes))[-1] == "| x | 2 | 1.00e+01 | 1.00e+01 | 3e-05 of std | NO |"
