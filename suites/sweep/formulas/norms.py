"""Norms of matrices and of rows, distances and angles between rows."""

from math import inf
from typing import Any

import mpmath as mp
import numpy as np

from ..tensors import Exact, Exacts, each
from .matrices import inverse


def condition(norm: Exact) -> Exact:
    """The norm of a matrix times that of its inverse."""
    return lambda a: norm(a) * norm(inverse(a))


def column_sums(a: Exacts) -> Any:
    return abs(a).sum(0)


def row_sums(a: Exacts) -> Any:
    return abs(a).sum(1)


def frobenius(a: Exacts) -> Any:
    return mp.sqrt((a * a).sum())


def norm(p: float) -> Exact:
    """Of every row, of order p."""
    if p == inf:
        return lambda x: abs(x).max(1)
    if p == -inf:
        return lambda x: abs(x).min(1)
    if p == 0:
        return lambda x: (x != 0).sum(1)
    q = mp.mpf(p)
    return lambda x: each(lambda s: s ** (1 / q))((abs(x) ** q).sum(1))


def cosine_similarity(x: Exacts, y: Exacts) -> Any:
    """Norms are not taken below 1e-8, as torch documents it."""
    a, b = norm(2)(x), norm(2)(y)
    return (x * y).sum(1) / (np.maximum(a, mp.mpf(1e-8)) * np.maximum(b, mp.mpf(1e-8)))


def distances(p: float) -> Exact:
    """Of every row of x from every row of y."""
    return lambda x, y: np.array([norm(p)(row - y) for row in x], dtype=object)


def pairs_of_rows(x: Exacts) -> Exacts:
    return np.array([x[i] - x[j] for i in range(len(x)) for j in range(i + 1, len(x))], dtype=object)
