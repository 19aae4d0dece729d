"""The judge of a single number, from both sides."""

import math

import mpmath
import pytest
from pytest_dualfw.suites.sweep.judge import ACCURACY, DEFECT, FINE, SPECIAL, judge
from pytest_dualfw.suites.sweep.truth import LARGEST, UNKNOWN, Truth, ulp

ONE = Truth(mpmath.mpf(1), mpmath.mpf(1), mpmath.mpf(0))
U = 2.0**-52


def number(t, spread=0.0):
    return Truth(mpmath.mpf(t), mpmath.mpf(t), mpmath.mpf(spread))


@pytest.mark.parametrize(
    ("obtained", "kind"),
    [
        (1.0, FINE),
        (1 + 8 * U, FINE),
        (1 + 9 * U, ACCURACY),
        (1.009, ACCURACY),
        (1.02, DEFECT),
        (0.0, DEFECT),
        (math.nan, DEFECT),
        (math.inf, DEFECT),
        (-1.0, DEFECT),
    ],
)
def test_a_number(obtained, kind):
    assert judge(obtained, ONE, "float64", finite=True).kind == kind


def test_its_error_in_ulp():
    judged = judge(1 + 9 * U, ONE, "float64", finite=True)
    assert (judged.ulps, judged.excess) == (9.0, 18.0)


def test_conditioning_widens_the_bound():
    assert judge(1.02, number(1, spread=0.1), "float64", finite=True).kind == FINE
    assert judge(1.02, number(1, spread=1e-4), "float64", finite=True).kind == DEFECT


def test_the_last_place_of_the_largest_number_beside_it():
    beside = Truth(mpmath.mpf(1e-9), mpmath.mpf(1e-9), mpmath.mpf(0), ulp(1.0, "float64"))
    assert judge(1e-9 + U, beside, "float64", finite=True).kind == FINE
    assert judge(1e-9 + U, number(1e-9), "float64", finite=True).kind == ACCURACY


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16", "float16"])
def test_overflow(dtype):
    beyond = number(mpmath.mpf(LARGEST[dtype]) * 2)
    assert judge(math.inf, beyond, dtype, finite=True).kind == FINE
    assert judge(-math.inf, beyond, dtype, finite=True).kind == DEFECT
    assert judge(1.0, beyond, dtype, finite=True).kind == DEFECT
    assert judge(math.inf, number(LARGEST[dtype] / 2), dtype, finite=True).kind == FINE
    assert judge(math.inf, number(LARGEST[dtype] / 100), dtype, finite=True).kind == DEFECT


@pytest.mark.parametrize(("dtype", "flushed", "lost"), [("float64", 1e-310, 1e-300), ("float32", 1e-39, 1e-30)])
def test_subnormal_numbers_may_be_flushed(dtype, flushed, lost):
    assert judge(0.0, number(flushed), dtype, finite=True).kind == FINE
    assert judge(0.0, number(lost), dtype, finite=True).kind == DEFECT


@pytest.mark.parametrize(
    ("obtained", "kind"), [(0.0, SPECIAL), (-1.0, SPECIAL), (1.0, SPECIAL), (1.1, DEFECT), (math.nan, DEFECT)]
)
def test_a_kink(obtained, kind):
    kink = Truth(mpmath.mpf(-1), mpmath.mpf(1), mpmath.mpf(0))
    assert judge(obtained, kink, "float64", finite=True).kind == kind


def test_where_mathematics_has_no_say():
    assert judge(3.0, UNKNOWN, "float64", finite=True).kind == SPECIAL
    assert judge(3.0, ONE, "float64", finite=False).kind == SPECIAL
