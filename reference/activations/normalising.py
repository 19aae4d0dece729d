"""Softmax, its logarithm, and the logarithm of its denominator, each along one ``axis`` of an array of any shape.

All three rest on x_i = m + d_i with m the largest entry of the row: sum_i exp(x_i) = exp(m) (1 + r), where r adds
exp(d_i) over all entries but one that is m. Nothing overflows, and log(1 + r) keeps its digits when r is tiny, where
torch and JAX, which take the logarithm of the whole sum, round it to 0.

``-inf`` is a fair entry, of probability 0. A row whose largest entry is infinite (all -inf, or one that holds +inf) has
no softmax, 0/0 or inf/inf: softmax and log_softmax are nan throughout it, as in torch and JAX.
"""

import numpy as np

from ..arrays import Array


def softmax(x: Array, *, axis: int = -1) -> Array:
    """p_i = exp(x_i) / sum_j exp(x_j) along ``axis``.

    Source: I. Goodfellow et al., Deep Learning, eq. 6.29.
    """
    m, d, r = _parts(x, axis)
    return np.where(np.isinf(m), np.nan, np.exp(d) / (1 + r))


def softmax_vjp(g: Array, x: Array, *, axis: int = -1) -> tuple[Array]:
    """dp_i/dx_j = p_i (1[i = j] - p_j), hence dx_j = p_j (g_j - sum_i g_i p_i)."""
    p = softmax(x, axis=axis)
    return (p * (g - np.sum(g * p, axis=axis, keepdims=True)),)


def log_softmax(x: Array, *, axis: int = -1) -> Array:
    """log p_i = x_i - log sum_j exp(x_j) along ``axis``; -inf where x_i is.

    Source: torch.nn.LogSoftmax, PyTorch documentation.
    """
    m, d, r = _parts(x, axis)
    return np.where(np.isinf(m), np.nan, d - np.log1p(r))


def log_softmax_vjp(g: Array, x: Array, *, axis: int = -1) -> tuple[Array]:
    """dlog p_i/dx_j = 1[i = j] - p_j, hence dx_j = g_j - p_j sum_i g_i."""
    return (g - softmax(x, axis=axis) * np.sum(g, axis=axis, keepdims=True),)


def logsumexp(x: Array, *, axis: int = -1, keepdims: bool = False) -> Array:
    """L = log sum_i exp(x_i) along ``axis``, which ``keepdims`` leaves in place with length 1.

    All -inf, or nothing to add: -inf. Any +inf: +inf.

    Source: Blanchard, Higham and Higham, Accurately computing the log-sum-exp, IMA J. Numer. Anal. 41 (2021).
    """
    m, _, r = _parts(x, axis)
    total = m + np.log1p(r)
    return total if keepdims else np.squeeze(total, axis=axis)


def logsumexp_vjp(g: Array, x: Array, *, axis: int = -1, keepdims: bool = False) -> tuple[Array]:
    """dL/dx_i = exp(x_i - L) = p_i, hence dx_i = g p_i.

    A row of -inf: nan, since x_i - L is undetermined. A row with +inf: nan at each +inf for the same reason, and 0 at
    the others, beside which L does not move.
    """
    p = softmax(x, axis=axis)
    overtopped = np.isposinf(np.max(x.real, axis=axis, keepdims=True, initial=-np.inf)) & (x.real < np.inf)
    rows = g if keepdims else np.expand_dims(g, axis)
    return (rows * np.where(overtopped, 0, p),)


def _parts(x: Array, axis: int) -> tuple[Array, Array, Array]:
    """m, d and r as above, with m and r of length 1 along ``axis``; d is 0 throughout a row whose m is infinite."""
    if x.shape[axis] == 0:
        nothing = np.sum(x, axis=axis, keepdims=True)
        return nothing - np.inf, x, nothing
    top = np.argmax(x.real, axis=axis, keepdims=True)
    m = np.take_along_axis(x, top, axis=axis)
    d = np.where(np.isinf(m), 0, x - np.where(np.isinf(m), 0, m))
    others = np.exp(d)
    np.put_along_axis(others, top, 0, axis=axis)
    return m, d, np.sum(others, axis=axis, keepdims=True)
