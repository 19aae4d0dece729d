"""Affine map and linear regression: vjps by the complex step, values by numpy.inner and scipy.stats."""

import numpy as np
import pytest
from scipy import stats

from reference.layers import (
    linear,
    linear_regression_fit,
    linear_regression_loss,
    linear_regression_loss_vjp,
    linear_vjp,
)

from .oracle import assert_vjp_by_complex_step


def normal(*shapes):
    rng = np.random.default_rng(31)
    return [rng.normal(size=shape) for shape in shapes]


@pytest.mark.parametrize(
    ("op", "vjp", "primals"),
    [
        (linear, linear_vjp, normal(3, (2, 3), 2)),
        (linear, linear_vjp, normal((4, 3), (2, 3), 2)),
        (linear, linear_vjp, normal((2, 4, 3), (5, 3), 5)),
        (linear, linear_vjp, [*normal((4, 3), (2, 3)), None]),
        (linear_regression_loss, linear_regression_loss_vjp, normal(3, (), (5, 3), 5)),
        (linear_regression_loss, linear_regression_loss_vjp, normal(1, (), (1, 1), 1)),
    ],
)
def test_vjp(op, vjp, primals):
    assert_vjp_by_complex_step(op, vjp, primals)


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3), (0, 3)])
def test_linear_is_the_inner_product_with_each_row_of_w(shape):
    x, w, b = normal(shape, (2, 3), 2)
    np.testing.assert_allclose(linear(x, w, b), np.inner(x, w) + b, rtol=1e-13)
    np.testing.assert_allclose(linear(x, w), np.inner(x, w), rtol=1e-13)


def test_linear_without_rows_has_zero_gradients():
    dx, dw, db = linear_vjp(*normal((0, 2), (0, 3), (2, 3), 2))
    assert dx.shape == (0, 3)
    assert np.array_equal(dw, np.zeros((2, 3)))
    assert np.array_equal(db, np.zeros(2))


def test_loss_by_hand():
    x, t = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.0, 10.0])
    # predictions 1*1 + 2*(-1) + 3 = 2 and 3 - 4 + 3 = 2, residuals 2 and -8
    assert linear_regression_loss(np.array([1.0, -1.0]), np.array(3.0), x, t) == (4 + 64) / 2


def test_fit_of_one_column_is_scipys_line():
    x, t = normal(9, 9)
    line = stats.linregress(x, t)
    w, b = linear_regression_fit(x[:, None], t)
    np.testing.assert_allclose((w[0], b), (line.slope, line.intercept), rtol=1e-12)


def test_fit_solves_the_normal_equations_with_a_column_of_ones():
    x, t = normal((9, 3), 9)
    ones = np.column_stack([x, np.ones(9)])
    w, b = linear_regression_fit(x, t)
    np.testing.assert_allclose([*w, b], np.linalg.solve(ones.T @ ones, ones.T @ t), rtol=1e-11)


def test_gradient_vanishes_at_the_fit():
    x, t = normal((9, 3), 9)
    dw, db, _, dt = linear_regression_loss_vjp(np.array(1.0), *linear_regression_fit(x, t), x, t)
    np.testing.assert_allclose([*dw, db], 0, atol=1e-14)
    assert np.abs(dt).max() > 0.01


def test_fit_is_stable_where_the_normal_equations_are_not():
    # columns that differ by 1e-6 only: the condition number is 1e6, its square is beyond the reach of X^T X
    a = np.linspace(-1, 1, 9)
    x = np.column_stack([a, a + 1e-6 * a**2]) + 100.0
    w, b = linear_regression_fit(x, x @ np.array([2.0, -3.0]) + 5.0)
    np.testing.assert_allclose(w, [2.0, -3.0], rtol=1e-5)
    np.testing.assert_allclose(b, 5.0, rtol=1e-6)


def test_fit_with_equal_columns_shares_the_weight():
    a = np.array([0.0, 1.0, 2.0])
    w, b = linear_regression_fit(np.column_stack([a, a]), 4 * a + 1)
    np.testing.assert_allclose([*w, b], [2.0, 2.0, 1.0], rtol=1e-13)
