"""The difference ladder against closed forms, and its own error estimate against the true error."""

import math

import numpy as np
import pytest

from pytest_dualfw.gradients.ladder import GLANCES, STEPS, Reading, Rung, glance, read, read_all

SMOOTH = [
    ("exp", math.exp, 0.3, math.exp(0.3)),
    ("sin", math.sin, 0.9, math.cos(0.9)),
    ("tanh", math.tanh, -0.4, 1 - math.tanh(-0.4) ** 2),
    ("cube", lambda x: x**3, 1.7, 3 * 1.7**2),
    ("log", math.log, 2.0, 0.5),
    ("fast oscillation", lambda x: math.sin(400 * x), 0.1, 400 * math.cos(40.0)),
    ("a pole nearby", lambda x: 1 / x, 0.01, -1e4),
]
NAMES = [row[0] for row in SMOOTH]


def along(f, x=0.0):
    return lambda ts: np.array([f(x + t) for t in ts])


def climbed(f, x=0.0, noise=None):
    """As the engine reads it, knowing the size of the derivative to a factor."""
    centre = f(x)
    return read(along(f, x), centre, 2.0**-52 * abs(centre) if noise is None else noise, 1.0)


@pytest.mark.parametrize(("f", "x", "expected"), [row[1:] for row in SMOOTH], ids=NAMES)
def test_slope_is_good_to_nine_digits_and_knows_it(f, x, expected):
    slope = climbed(f, x).best
    assert abs(slope.value - expected) <= 1e-9 * abs(expected)
    assert abs(slope.value - expected) <= 10 * slope.error


@pytest.mark.parametrize(("f", "x", "expected"), [row[1:] for row in SMOOTH[:5]], ids=NAMES[:5])
def test_sides_of_a_smooth_function_are_its_slope(f, x, expected):
    left, right = climbed(f, x).sides()
    for side in (left, right):
        assert abs(side.value - expected) <= 10 * side.error + 1e-12
        assert side.error <= 1e-4 * abs(expected)


def test_an_ordinary_function_costs_one_ladder():
    assert len(climbed(math.sin, 0.9).rungs) == 1
    assert len(climbed(lambda x: math.sin(1e5 * x), 0.1).rungs) > 1


def test_a_constant_has_slope_zero():
    slope = climbed(lambda t: 3.0, noise=0.0).best
    assert (slope.value, slope.error) == (0.0, 0.0)


def test_noise_of_the_function_is_told_in_the_error():
    noisy = climbed(lambda t: math.sin(t) + 1e-6 * math.sin(1e9 * t), noise=1e-6).best
    assert abs(noisy.value - 1.0) <= 10 * noisy.error
    assert noisy.error > 1e-6


def test_a_kink_has_two_sides_and_their_mean_in_the_centre():
    reading = climbed(lambda t: max(0.0, t) + 0.5 * t)
    left, right = reading.sides()
    assert left.value == pytest.approx(0.5)
    assert right.value == pytest.approx(1.5)
    assert reading.best.value == pytest.approx(1.0)


@pytest.mark.parametrize("f", [np.sign, lambda t: 1 / t if t else 0.0], ids=["a jump", "a pole"])
def test_at_a_jump_or_a_pole_differences_are_good_for_nothing(f):
    slope = climbed(f).best
    assert slope.error >= 0.5 * abs(slope.value)
    assert read_all(climbed(f), along(f)).witnesses(1e9) == []


@pytest.mark.parametrize("f", [lambda t: float(t > 0), lambda t: 1 / t**2 if t else 0.0], ids=["a jump", "a pole"])
def test_a_jump_or_a_pole_to_one_side_is_seen_in_second_differences(f):
    assert not climbed(f).best.known


def test_where_the_function_is_not_finite_there_is_no_slope():
    reading = climbed(lambda t: math.nan)
    assert not reading.best.known
    assert not reading.rungs[0].finite


def test_witnesses_share_no_step_and_the_finest_comes_first():
    reading = read_all(climbed(math.exp), along(math.exp))
    assert len({s for r in reading.rungs for s in r.steps}) == 3 * len(reading.rungs)
    found = reading.witnesses(1e-4)
    assert len(found) >= 3
    assert all(abs(s.value - 1.0) <= 1e-4 for s in found)


def chaotic(steps):
    def f(t):
        x = 0.3 + 0.1 * t
        for _ in range(steps):
            x = 3.99 * x * (1 - x)
        return x

    return f


@pytest.mark.parametrize("steps", [40, 60, 100])
def test_a_chaotic_function_has_no_witness_however_large_the_gradient(steps):
    """Its differences grow as 1/h, and beside a gradient of 4**steps any of them looks exact."""
    f = chaotic(steps)
    noise = max(abs(f(0.0) - f(k * 2.0**-52)) for k in (1, 2, 3))
    reading = read_all(climbed(f, noise=noise), along(f))
    assert reading.witnesses(4.0**steps) == []


def test_a_derivative_of_zero_is_believed():
    for f in (lambda t: t**3, lambda t: 2.0, lambda t: 1e-3 * t**2):
        assert len(read_all(climbed(f), along(f)).witnesses(1e-3)) >= 2


def test_the_error_shrinks_with_the_noise():
    errors = [Rung.of(along(math.exp), STEPS[0], 1.0, noise).central.error for noise in (1e-6, 1e-9, 1e-12)]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] == pytest.approx(1e-6 / STEPS[0][-1], rel=1e3)


def test_a_reading_keeps_the_best_of_its_rungs():
    coarse, fine = (Rung.of(along(lambda t: math.sin(300 * t)), s, 0.0, 0.0) for s in STEPS[:2])
    assert Reading((coarse, fine)).best == fine.central


@pytest.mark.parametrize("steps", [steps for steps, _ in GLANCES])
def test_a_glance_removes_a_power_of_the_error(steps):
    """A plain difference of t**3 leaves h**2, two steps leave nothing but rounding."""
    assert abs(glance(along(lambda x: x**3), steps)) < 1e-6 * steps[1] ** 2
    assert abs(glance(along(math.sin, 1.0), steps) - math.cos(1.0)) < 1e-9
