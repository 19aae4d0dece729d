"""What the cells share: an affine map, the logistic gate, and the slopes of the gate and of tanh."""

import numpy as np

from ..arrays import Array


def linear(x: Array, w: Array, b: Array | None) -> Array:
    """The affine map a = x w^T + b, with x (N,I), w (O,I), b (O,) or None, a (N,O)."""
    a: Array = x @ w.T  # N,O
    return a if b is None else a + b


def linear_vjp(g: Array, x: Array, w: Array, b: Array | None) -> tuple[Array, Array, Array | None]:
    """a_no = sum_i x_ni w_oi + b_o, hence dx = g w, dw = g^T x, and db the sum of g over the batch."""
    return g @ w, g.T @ x, None if b is None else g.sum(axis=0)


def sigmoid(a: Array) -> Array:
    """sigma(a) = 1 / (1 + exp(-a)), written with exp(-|a|) so that no sign of a overflows or cancels."""
    e = np.exp(-_magnitude(a))
    s: Array = np.where(a.real < 0, e, 1) / (1 + e)
    return s


def sigmoid_slope(a: Array) -> Array:
    """The slope sigma (1 - sigma) = e / (1 + e)^2 with e = exp(-|a|); 1 - sigma cancels in an open gate."""
    e = np.exp(-_magnitude(a))
    slope: Array = e / (1 + e) ** 2
    return slope


def tanh_slope(a: Array) -> Array:
    """1 - tanh^2 = 4 e / (1 + e)^2 with e = exp(-2|a|), for the same reason."""
    return 4 * sigmoid_slope(2 * a)


def _magnitude(a: Array) -> Array:
    return np.where(a.real < 0, -a, a)
