"""Determinants, inverses, solutions and powers of matrices, by formulas without pivots."""

from functools import reduce
from typing import Any

import mpmath as mp
import numpy as np

from ..tensors import Exact, Exacts
from .arrays import eye


def determinant(a: Exacts) -> Any:
    """By Laplace's expansion, which no pivot disturbs."""
    if len(a) == 0:
        return mp.mpf(1)
    return mp.fsum(a[0, j] * (-1) ** j * determinant(_minor(a, 0, j)) for j in range(len(a)))


def _minor(a: Exacts, i: int, j: int) -> Exacts:
    return np.delete(np.delete(a, i, 0), j, 1)


def inverse(a: Exacts) -> Exacts:
    """By Cramer's rule; undefined for a singular matrix."""
    det, n = determinant(a), len(a)
    if det == 0:
        raise ZeroDivisionError("singular")
    out = np.empty(a.shape, dtype=object)
    for i, j in np.ndindex(n, n):
        out[i, j] = (-1) ** (i + j) * determinant(_minor(a, j, i)) / det
    return out


def solved(a: Exacts, b: Exacts) -> Any:
    return inverse(a) @ b


def definite(x: Exacts) -> Exacts:
    """x x' + 2, positive definite whatever x is."""
    return x @ x.T + eye(len(x)) * 2


def lower_solved(x: Exacts, y: Exacts) -> Any:
    return solved(np.tril(x), y)


def unit_lower(x: Exacts) -> Exacts:
    return np.tril(x, -1) + eye(len(x))


def factor_solved(x: Exacts, y: Exacts) -> Any:
    """By the product of a lower triangle with its transpose."""
    lower = np.tril(x)
    return solved(lower @ lower.T, y)


def projector(x: Exacts) -> Any:
    """Onto the columns, which are independent."""
    return x @ inverse(x.T @ x) @ x.T


def pseudoinverse(x: Exacts) -> Any:
    """Of a matrix whose columns are independent."""
    return inverse(x.T @ x) @ x.T


def matrix_power(n: int) -> Exact:
    return lambda a: reduce(np.matmul, [a] * n)


def log_abs_det(a: Exacts) -> Any:
    return mp.log(abs(determinant(a)))


def log_det(a: Exacts) -> Any:
    """Undefined where the determinant is negative."""
    det = determinant(a)
    if det < 0:
        raise ValueError("negative determinant")
    return mp.log(det)


def householder(v: Exacts, tau: Exacts) -> Exacts:
    """The first columns of the product of I - tau_k v_k v_k', where v_k starts with a one at k: LAPACK's orgqr."""
    m, n = v.shape
    q = eye(m)
    for k in range(len(tau)):
        w = np.array([mp.mpf(int(i == k)) if i <= k else v[i, k] for i in range(m)], dtype=object)
        q = q @ (eye(m) - tau[k] * np.outer(w, w))
    return q[:, :n]


def batched(f: Exact) -> Exact:
    """Of every matrix along the first axis."""
    return lambda *xs: np.stack([np.asarray(f(*parts), dtype=object) for parts in zip(*xs, strict=True)])


def einsum(pattern: str) -> Exact:
    return lambda *xs: np.einsum(pattern, *xs)
