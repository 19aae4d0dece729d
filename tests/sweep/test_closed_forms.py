"""The truths of ops of arrays, and the slopes that follow from them, against closed forms written a second time."""

import dataclasses

import numpy as np
import pytest
from mpmath import mp
from pytest_dualfw.suites.sweep import catalogue
from pytest_dualfw.suites.sweep.divergence import ACCURACY, DEFECT
from pytest_dualfw.suites.sweep.measure import CURVATURE
from pytest_dualfw.suites.sweep.ops import FAMILIES
from pytest_dualfw.suites.sweep.tensors import TensorRow, exactly, fixed, truth_at, weights

from .closed_forms import FORMS

ROWS = {row.name: row for rows in FAMILIES.values() for row in rows if isinstance(row, TensorRow)}
SMOOTH = [name for name in FORMS if ROWS[name].differentiable]
FOUND = [d for d in catalogue.read() if d.kind in (DEFECT, ACCURACY) and d.op in ROWS]
# Rounding in float64, beside the largest entry of the result.
CLOSE = 1e-12
# Of a difference of fourth order with this step, beside the sizes of what adds up.
CLOSE_SLOPE, STEP = 1e-6, 1e-3


def inputs(name):
    return FORMS[name].inputs(name, [x.shape for x in ROWS[name].inputs[0].make("float64")])


def closed(name, xs):
    return np.asarray(FORMS[name].value(*xs), dtype=np.float64)


def exact_value(row, xs):
    with mp.workdps(40):
        y = np.asarray(row.truth(*map(exactly, xs)), dtype=object)
        return np.array([float(v) for v in y.flat]).reshape(y.shape)


def exact_slopes(row, xs):
    """Of the sum with the sweep's weights, in each entry of each argument."""
    point = truth_at(row, fixed("drawn", *xs), np.dtype("float64"), "float64")
    return [
        np.array([float(t.low) for t in each]).reshape(x.shape) for x, each in zip(xs, point.gradients, strict=True)
    ]


def value_error(row, name):
    xs = inputs(name)
    found, expected = closed(name, xs), exact_value(row, xs)
    assert found.shape == expected.shape
    return np.max(abs(found - expected), initial=0) / np.max(abs(expected), initial=1e-300)


def slope_error(row, name):
    """In a direction drawn at random."""
    xs, rng = inputs(name), np.random.default_rng(len(name))
    slopes, directions = exact_slopes(row, xs), [rng.uniform(-1, 1, x.shape) for x in xs]
    terms = [u * dx for u, dx in zip(directions, slopes, strict=True)]

    def phi(h):
        y = closed(name, [x + h * u for x, u in zip(xs, directions, strict=True)])
        return np.sum(weights(y.shape) * y)

    found = (8 * (phi(STEP) - phi(-STEP)) - (phi(2 * STEP) - phi(-2 * STEP))) / (12 * STEP)
    return abs(found - sum(map(np.sum, terms))) / max(sum(np.sum(abs(t)) for t in terms), 1e-300)


def along(row, name):
    """The truth along the sweep's tangents, and the closed form at four steps either side."""
    point = truth_at(row, fixed("drawn", *inputs(name)), np.dtype("float64"), "float64")
    moved = [[x + k * STEP * v for x, v in zip(point.arrays, point.tangents, strict=True)] for k in range(-2, 3)]
    return point, [closed(name, xs).reshape(-1) for xs in moved]


def jvp_error(row, name):
    """Entry by entry, beside the largest; where kinks meet the truth is not known."""
    point, y = along(row, name)
    found = (8 * (y[3] - y[1]) - (y[4] - y[0])) / (12 * STEP)
    pairs = [(float(t.low), d) for t, d in zip(point.forward, found, strict=True) if t.known]
    largest = max((abs(t) for t, _ in pairs), default=1.0) or 1.0
    return max((abs(t - d) for t, d in pairs), default=0.0) / largest


def curvature_error(row, name):
    """Of the sum with the weights, beside its terms; None where the truth is not known."""
    point, y = along(row, name)
    found = (16 * (y[1] + y[3]) - 30 * y[2] - y[0] - y[4]) / (12 * STEP**2)
    g = weights(found.shape)
    (truth,) = point.second
    size = np.sum(abs(g * found)) + np.max(abs(y[2]), initial=1.0)
    return abs(np.sum(g * found) - float(truth.low)) / size if truth.known else None


@pytest.mark.parametrize("name", FORMS)
def test_a_value(name):
    assert value_error(ROWS[name], name) <= CLOSE


@pytest.mark.parametrize("name", SMOOTH)
def test_a_slope(name):
    assert slope_error(ROWS[name], name) <= CLOSE_SLOPE


@pytest.mark.parametrize("name", SMOOTH)
def test_derivatives_along_tangents(name):
    assert jvp_error(ROWS[name], name) <= CLOSE_SLOPE
    second = curvature_error(ROWS[name], name)
    assert second is None or second <= CLOSE_SLOPE


def test_second_derivatives_are_known_where_the_catalogue_tells_of_them():
    told = {d.op for d in FOUND if d.what == CURVATURE}
    assert [name for name in sorted(told) if curvature_error(ROWS[name], name) is None] == []


@pytest.mark.parametrize("name", ["det", "layer_norm", "norm: order 3", "svd: polar factor"])
def test_a_wrong_truth_is_caught(name):
    right = ROWS[name].truth
    wrong = dataclasses.replace(ROWS[name], truth=lambda *xs: right(*xs) * (1 + xs[0].reshape(-1)[0] / 1000))
    assert value_error(wrong, name) > CLOSE
    assert slope_error(wrong, name) > CLOSE_SLOPE
    assert jvp_error(wrong, name) > CLOSE_SLOPE
    assert curvature_error(wrong, name) > CLOSE_SLOPE


def test_what_the_catalogue_says_of_arrays_is_confirmed():
    of_values = {d.op for d in FOUND if d.what == "value"}
    of_slopes = {d.op for d in FOUND if d.what != "value"}
    assert sorted(of_values - set(FORMS)) == []
    assert sorted(of_slopes - set(SMOOTH)) == []


def test_nearly_every_row_of_arrays_has_a_closed_form():
    assert set(FORMS) <= set(ROWS)
    assert len(FORMS) >= 0.95 * len(ROWS)
