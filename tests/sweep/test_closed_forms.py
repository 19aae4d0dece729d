"""The truths of ops of arrays, and the slopes that follow from them, against closed forms written a second time."""

import dataclasses

import numpy as np
import pytest
from mpmath import mp
from pytest_dualfw.suites.sweep import catalogue
from pytest_dualfw.suites.sweep.divergence import ACCURACY, DEFECT
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
# The weights cancel in the slope of one entry: it is zero, and what rounding leaves of it may be taken for a jump.
ZERO_BY_CANCELLATION = ("ihfft: real part", "solve: vander", "batch_norm: training", "batch_norm: inference")


def inputs(name):
    return FORMS[name].inputs(name, [x.shape for x in ROWS[name].inputs[0].make("float64")])


def closed(name, xs):
    return np.asarray(FORMS[name].value(*xs), dtype=np.float64)


def exact_value(row, xs):
    with mp.workdps(40):
        y = np.asarray(row.truth(*map(exactly, xs)), dtype=object)
        return np.array([float(v) for v in y.flat]).reshape(y.shape)


def exact_slopes(row, xs):
    """Of the sum with the sweep's weights, in each entry of each argument; zero where it is unknown."""
    point = truth_at(row, fixed("drawn", *xs), np.dtype("float64"), "float64")
    found = [
        np.array([float(t.low) for t in each]).reshape(x.shape) for x, each in zip(xs, point.gradients, strict=True)
    ]
    unknown = sum(np.sum(np.isnan(dx)) for dx in found)
    assert unknown <= (row.name in ZERO_BY_CANCELLATION)
    return [np.nan_to_num(dx) for dx in found]


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


@pytest.mark.parametrize("name", FORMS)
def test_a_value(name):
    assert value_error(ROWS[name], name) <= CLOSE


@pytest.mark.parametrize("name", SMOOTH)
def test_a_slope(name):
    assert slope_error(ROWS[name], name) <= CLOSE_SLOPE


@pytest.mark.parametrize("name", ["det", "layer_norm", "norm: order 3", "svd: polar factor"])
def test_a_wrong_truth_is_caught(name):
    right = ROWS[name].truth
    wrong = dataclasses.replace(ROWS[name], truth=lambda *xs: right(*xs) * (1 + xs[0].reshape(-1)[0] / 1000))
    assert value_error(wrong, name) > CLOSE
    assert slope_error(wrong, name) > CLOSE_SLOPE


def test_what_the_catalogue_says_of_arrays_is_confirmed():
    of_values = {d.op for d in FOUND if d.what == "value"}
    of_slopes = {d.op for d in FOUND if d.what != "value"}
    assert sorted(of_values - set(FORMS)) == []
    assert sorted(of_slopes - set(SMOOTH)) == []


def test_nearly_every_row_of_arrays_has_a_closed_form():
    assert set(FORMS) <= set(ROWS)
    assert len(FORMS) >= 0.95 * len(ROWS)
