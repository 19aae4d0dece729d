"""Softmax, its logarithm and logarithms of sums of exponentials, with and without a mask."""

from typing import Any

import mpmath as mp
import numpy as np

from ..tensors import Exacts, each
from .arrays import zeros

# What the rows with a mask leave over.
ALLOWED = np.array([[1, 0, 1, 1], [1, 1, 0, 0], [0, 1, 1, 0]], dtype=bool)


def softmax(x: Exacts, axis: int = -1) -> Exacts:
    """exp(x) over its sum; the largest entry is taken off before."""
    e = each(mp.exp)(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def log_softmax(x: Exacts) -> Exacts:
    """Of softmax along the last axis. The largest entry is left out of the sum, so that small terms beside it count."""
    out = np.empty(x.shape, dtype=object)
    for place in np.ndindex(x.shape[:-1]):
        row = list(x[place])
        top = row.index(max(row))
        rest = mp.fsum(mp.exp(v - row[top]) for j, v in enumerate(row) if j != top)
        out[place] = [v - row[top] - mp.log1p(rest) for v in row]
    return out


def masked_softmax(x: Exacts, axis: int) -> Exacts:
    """Over the entries that ALLOWED marks; zero elsewhere."""
    out = zeros(x.shape)
    for row, of, to in zip(*(np.moveaxis(v, axis, -1) for v in (x, ALLOWED, out)), strict=True):
        to[of] = softmax(row[of])
    return out


def masked_logsumexp(x: Exacts) -> Exacts:
    return np.array([-log_softmax(row[of])[0] + row[of][0] for row, of in zip(x, ALLOWED, strict=True)], dtype=object)


def logsumexp(x: Exacts) -> Any:
    """Of rows; the largest entry is taken off before."""
    return x.max(1) + each(mp.log)(each(mp.exp)(x - x.max(1)[:, None]).sum(1))
