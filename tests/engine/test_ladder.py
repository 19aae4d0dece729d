"""The difference ladder against closed forms, and its own error estimate against the true error."""

import math

import pytest

from pytest_dualfw.gradients.ladder import Kink, climb, find_kink

SMOOTH = [
    ("exp", math.exp, 0.3, math.exp(0.3)),
    ("sin", math.sin, 0.9, math.cos(0.9)),
    ("tanh", math.tanh, -0.4, 1 - math.tanh(-0.4) ** 2),
    ("cube", lambda x: x**3, 1.7, 3 * 1.7**2),
    ("log", math.log, 2.0, 0.5),
    ("fast oscillation", lambda x: math.sin(40 * x), 0.1, 40 * math.cos(4.0)),
]


@pytest.mark.parametrize(("f", "x", "expected"), [row[1:] for row in SMOOTH], ids=[row[0] for row in SMOOTH])
def test_slope_is_good_to_eleven_digits_and_knows_it(f, x, expected):
    slope = climb(lambda t: f(x + t), noise=2.0**-52 * abs(f(x)))
    assert abs(slope.value - expected) <= 1e-11 * abs(expected)
    assert abs(slope.value - expected) <= 10 * slope.error


def test_a_constant_has_slope_zero():
    slope = climb(lambda t: 3.0, noise=0.0)
    assert (slope.value, slope.error) == (0.0, 0.0)


def test_noise_of_the_function_is_told_in_the_error():
    noisy = climb(lambda t: math.sin(t) + 1e-6 * math.sin(1e9 * t), noise=1e-6)
    assert abs(noisy.value - 1.0) <= 10 * noisy.error
    assert noisy.error > 1e-6


def test_a_kink_shows_its_one_sided_slopes():
    kink = find_kink(lambda t: max(0.0, t) + 0.5 * t, scale=1.0)
    assert kink is not None
    assert kink.left == pytest.approx(0.5)
    assert kink.right == pytest.approx(1.5)
    assert kink.admits(0.5)
    assert kink.admits(1.2)
    assert not kink.admits(1.6)
    assert not kink.admits(0.4)


@pytest.mark.parametrize(("f", "x"), [row[1:3] for row in SMOOTH[:5]], ids=[row[0] for row in SMOOTH[:5]])
def test_a_smooth_function_has_no_kink(f, x):
    assert find_kink(lambda t: f(x + t), scale=1.0) is None


def test_a_concave_kink_admits_what_lies_between():
    assert Kink(left=1.0, right=-1.0).admits(0.0)
