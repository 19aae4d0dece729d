"""Slopes by exact arithmetic, against closed forms."""

import math

import mpmath
import pytest
from mpmath import mp
from pytest_dualfw.suites.sweep.exact import curvatures, exact, slopes, value


def relu(x):
    return max(x, mpmath.mpf(0))


@pytest.mark.parametrize(
    ("f", "x", "slope", "second"),
    [
        (mp.sin, 1.0, mp.cos, lambda x: -mp.sin(x)),
        (mp.sin, 1e300, mp.cos, lambda x: -mp.sin(x)),
        (mp.cos, 1e-300, lambda x: -mp.sin(x), lambda x: -mp.cos(x)),
        (mp.tanh, 50.0, lambda x: mp.sech(x) ** 2, lambda x: -2 * mp.tanh(x) * mp.sech(x) ** 2),
        (mp.log, 1e-300, lambda x: 1 / x, lambda x: -1 / x**2),
        (lambda x: x**3, -1e100, lambda x: 3 * x**2, lambda x: 6 * x),
        (mp.gamma, 3.5, lambda x: mp.gamma(x) * mp.digamma(x), None),
    ],
)
def test_a_smooth_function(f, x, slope, second):
    at = exact(x)
    found = slopes(f, [at], 0)
    with mp.workdps(700):
        assert not found.kink
        assert abs(found.middle / slope(at) - 1) < 1e-18
        if second:
            assert abs(found.second / second(at) - 1) < 1e-2


def test_a_minimum_is_no_kink():
    found = slopes(mp.cos, [exact(0.0)], 0)
    assert (found.kink, found.middle) == (False, 0)


@pytest.mark.parametrize(("f", "left", "right"), [(abs, -1, 1), (relu, 0, 1)])
def test_a_kink(f, left, right):
    found = slopes(f, [exact(0.0)], 0)
    assert (found.kink, found.left, found.right) == (True, left, right)


@pytest.mark.parametrize(
    ("f", "x"), [(mp.floor, 2.0), (mp.sqrt, 0.0), (mp.log, 0.0), (mp.sqrt, -1.0), (mp.exp, math.inf)]
)
def test_where_there_is_no_slope(f, x):
    assert not slopes(f, [exact(x)], 0).known


def test_a_slope_that_is_zero():
    found = slopes(mp.floor, [exact(2.5)], 0)
    assert (found.left, found.right, found.kink) == (0, 0, False)


def test_one_of_several_arguments():
    found = slopes(lambda x, y: x * y**2, [exact(3.0), exact(5.0)], 1)
    assert abs(found.middle - 30) < 1e-18


@pytest.mark.parametrize(("f", "x"), [(mp.log, -1.0), (lambda x: 1 / x, 0.0), (lambda x: mpmath.nan, 1.0)])
def test_a_value_that_is_not_defined(f, x):
    assert mpmath.isnan(value(f, [exact(x)]))


def test_a_float_is_taken_exactly():
    assert float(exact(0.1)) == 0.1
    with mp.workdps(30):
        assert exact(0.1) != mpmath.mpf("0.1")


@pytest.mark.parametrize(
    ("f", "x", "second"),
    [
        (mp.sin, 1e-30, lambda x: -mp.sin(x)),
        (mp.sin, -1e-300, lambda x: -mp.sin(x)),
        (mp.cos, 1e-300, lambda x: -mp.cos(x)),
        (mp.exp, 700.0, mp.exp),
        (mp.log, 1e-300, lambda x: -1 / x**2),
        (lambda x: x**3, 0.0, lambda x: mpmath.mpf(0)),
        (lambda x: x**10, 0.0, lambda x: mpmath.mpf(0)),
        (lambda x: mp.mpf(2) ** x, 1e15, lambda x: mp.log(2) ** 2 * mp.mpf(2) ** x),
        (mp.sinc, 1.5e26, lambda x: mp.diff(mp.sinc, x, 2)),
    ],
)
def test_a_second_derivative(f, x, second):
    found = curvatures(f, [exact(x)], 0)
    with mp.workdps(700):
        assert not found.jump
        assert abs(found.middle - second(exact(x))) <= 1e-15 * abs(second(exact(x)))


def test_a_second_derivative_that_jumps():
    found = curvatures(lambda x: x * abs(x), [exact(0.0)], 0)
    assert found.jump
    assert abs(found.left + 2) + abs(found.right - 2) < 1e-20
