"""Triangles, diagonals, blocks, powers and pairs of entries."""

from itertools import product

import mpmath as mp
import numpy as np

from ..tensors import Exacts
from .arrays import zeros


def lower(x: Exacts, k: int = 0) -> Exacts:
    """On the k-th diagonal and below."""
    return np.where(np.tri(x.shape[-2], x.shape[-1], k) > 0, x, mp.mpf(0))


def upper(x: Exacts, k: int = 0) -> Exacts:
    """On the k-th diagonal and above."""
    return np.where(np.tri(x.shape[-2], x.shape[-1], k - 1) > 0, mp.mpf(0), x)


def on_diagonal(x: Exacts, k: int = 0) -> Exacts:
    """A square of zeros, but for x on its k-th diagonal."""
    n = len(x) + abs(k)
    y = zeros((n, n))
    for i, v in enumerate(x):
        y[i + max(-k, 0), i + max(k, 0)] = v
    return y


def blocks(*xs: Exacts) -> Exacts:
    """Along the diagonal, with zeros beside."""
    y = zeros(np.sum([x.shape for x in xs], 0))
    i = j = 0
    for x in xs:
        y[i : i + x.shape[0], j : j + x.shape[1]] = x
        i, j = i + x.shape[0], j + x.shape[1]
    return y


def powers(x: Exacts, exponents: range) -> Exacts:
    return np.array([[v**k for k in exponents] for v in x], dtype=object)


def pairs(x: Exacts, y: Exacts) -> Exacts:
    """Each entry of x with each of y."""
    return np.array(list(product(x, y)), dtype=object).reshape(-1, 2)
