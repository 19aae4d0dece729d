"""Factors, singular values, eigenvalues and exponentials of matrices."""

from typing import Any

import mpmath as mp
import numpy as np

from ..tensors import Exact, Exacts
from .arrays import eye


def finite(f: Exact) -> Exact:
    """Undefined at infinities and NaN, where an iteration would not end."""

    def at(*xs: Exacts) -> Any:
        if not all(mp.isfinite(v) for x in xs for v in x.flat):
            raise ValueError("not finite")
        return f(*xs)

    return at


def cholesky(a: Exacts) -> Exacts:
    """The lower factor, column by column; undefined where the matrix is not positive definite."""
    lower = eye(len(a)) * 0
    for j in range(len(a)):
        square = a[j, j] - (lower[j, :j] ** 2).sum()
        if not square > 0:
            raise ValueError("not positive definite")
        lower[j, j] = mp.sqrt(square)
        for i in range(j + 1, len(a)):
            lower[i, j] = (a[i, j] - (lower[i, :j] * lower[j, :j]).sum()) / lower[j, j]
    return lower


def diagonal_of_r(x: Exacts) -> Any:
    """The R of a QR decomposition is Cholesky's factor of x' x, but for signs."""
    return np.diagonal(cholesky(x.T @ x))


def _plain(a: Exacts) -> Any:
    return mp.matrix(a.tolist())


def _array(m: Any) -> Exacts:
    return np.array(m.tolist(), dtype=object).reshape(m.rows, m.cols)


@finite
def singular_values(a: Exacts) -> Exacts:
    """In descending order; of zeros too."""
    s = mp.svd_r(_plain(a), compute_uv=False)
    return np.array(sorted(s, reverse=True), dtype=object)


@finite
def polar(a: Exacts) -> Exacts:
    """The orthogonal factor u v of a singular value decomposition u s v; undefined where s has a zero."""
    u, s, v = mp.svd_r(_plain(a))
    if not min(s) > 0:
        raise ValueError("singular")
    return _array(u * v)


@finite
def eigenvalues(a: Exacts) -> Exacts:
    """Of a symmetric matrix, in ascending order."""
    return np.array(sorted(mp.eigsy(_plain(a), eigvals_only=True)), dtype=object)


@finite
def exponential(a: Exacts) -> Exacts:
    return _array(mp.expm(_plain(a)))


def spectral_condition(a: Exacts) -> Any:
    """The largest singular value over the smallest."""
    s = singular_values(a)
    return s[0] / s[-1]


def rank(a: Exacts) -> Any:
    """How many singular values are above a thousandth of the largest."""
    s = singular_values(a)
    return mp.mpf(sum(bool(v > mp.mpf("1e-3") * s[0]) for v in s))
