"""Linear regression of one target: its loss, and the weights at which that loss is least."""

import numpy as np

from ..arrays import Array


def linear_regression_loss(w: Array, b: Array, x: Array, t: Array) -> Array:
    """Mean squared error of the prediction x w + b.

    L = (1/m) sum_k (x_k . w + b - t_k)^2, with x (m, n), w (n,), b (), t (m,), m at least 1; L is a scalar.

    Source: C. M. Bishop, Pattern Recognition and Machine Learning, section 3.1.1 (there with 1/2 in place of 1/m).
    """
    loss: Array = np.sum(_residuals(w, b, x, t) ** 2) / t.size
    return loss


def linear_regression_loss_vjp(g: Array, w: Array, b: Array, x: Array, t: Array) -> tuple[Array, Array, Array, Array]:
    """With r = x w + b - t the loss is mean(r^2), so dr = 2 g r / m.

    r is affine in each primal: dw = x^T dr, db = sum dr, dx_kj = dr_k w_j, dt = -dr.
    """
    dr = g * 2 * _residuals(w, b, x, t) / t.size  # m
    return x.T @ dr, np.sum(dr), np.outer(dr, w), -dr


def linear_regression_fit(x: Array, t: Array) -> tuple[Array, Array]:
    """The (w, b) at which ``linear_regression_loss`` is least.

    dL/db = 0 gives b = mean(t) - mean(x) . w. Put into dL/dw = 0 this leaves the normal equations of the centred data,
    (X^T X) w = X^T T with X = x - mean(x), T = t - mean(t). They are solved by the singular values of X, not by
    forming X^T X, which would square its condition number. Where columns depend on each other, or samples are fewer
    than columns, many w are equally good; the shortest is returned. For real data only.

    Source: T. Hastie, R. Tibshirani, J. Friedman, The Elements of Statistical Learning, section 3.2.
    """
    mean_x, mean_t = np.mean(x, axis=0), np.mean(t)
    w = np.linalg.lstsq(x - mean_x, t - mean_t, rcond=None)[0]
    return w, mean_t - mean_x @ w


def _residuals(w: Array, b: Array, x: Array, t: Array) -> Array:
    r: Array = x @ w + b - t
    return r
