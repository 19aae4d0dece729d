"""compare: entry by entry, NaN only against NaN, the worst entry named, the ratio read."""

import numpy as np
import pytest

from pytest_dualfw.compare import compare

ONES = np.ones((2, 3))


def check(obtained, expected, bound=1e-6):
    return compare("dw", "reference vjp", obtained, np.asarray(expected), np.full(np.shape(expected), bound))


def test_equal_arrays_pass_and_say_how_close():
    done = check(ONES + 1e-7, ONES)
    assert (done.verdict, done.bound) == ("pass", 1e-6)
    assert done.error == pytest.approx(1e-7)


def test_the_entry_furthest_outside_its_bound_is_named():
    wrong = ONES.copy()
    wrong[1, 2], wrong[0, 0] = 1.5, 1.1
    found = check(wrong, ONES).discrepancy
    assert found is not None
    assert (found.place, found.obtained, found.expected, found.wrong, found.size) == ("dw[1, 2]", 1.5, 1.0, 2, 6)


@pytest.mark.parametrize(
    ("obtained", "expected", "verdict"),
    [
        (np.nan, np.nan, "pass"),
        (np.nan, 1.0, "discrepancy"),
        (1.0, np.nan, "discrepancy"),
        (np.inf, np.inf, "pass"),
        (-np.inf, np.inf, "discrepancy"),
        (np.inf, 1.0, "discrepancy"),
        (-0.0, 0.0, "pass"),
    ],
)
def test_nan_and_infinity_pass_only_where_the_oracle_says_so(obtained, expected, verdict):
    assert check(np.array([obtained]), [expected], bound=np.inf).verdict == verdict


@pytest.mark.parametrize(
    ("factor", "hint"),
    [
        (-1.0, "sign flipped"),
        (2.0, "counted twice, or a missing 1/2"),
        (0.5, "halved"),
        (6.0, "a mean that was not taken (ratio n)"),
        (1 / 6, "a mean taken twice (ratio 1/n)"),
        (0.0, "not written, or cut off from the graph"),
        (1.3, ""),
    ],
)
def test_the_ratio_hints_at_the_slip(factor, hint):
    found = check(factor * ONES, ONES).discrepancy
    assert found is not None
    assert found.hint == hint


def test_another_shape_is_a_discrepancy():
    found = check(np.ones(3), ONES)
    assert found.verdict == "discrepancy"
    assert found.note == "has shape (3,), expected (2, 3)"


def test_empty_arrays_agree():
    assert check(np.zeros((0, 2)), np.zeros((0, 2))).verdict == "pass"


def test_a_zero_bound_asks_for_equality():
    assert check(ONES, ONES, bound=0.0).verdict == "pass"
    assert check(ONES + 1e-16, ONES, bound=0.0).verdict == "pass"
    assert check(ONES + 1e-15, ONES, bound=0.0).verdict == "discrepancy"


def test_complex_numbers_are_compared_whole():
    z = np.array([1 + 1j])
    assert check(z, z).verdict == "pass"
    assert check(z.conj(), z).verdict == "discrepancy"
