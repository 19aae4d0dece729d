"""Ranks, order statistics, search and counts, of equal numbers the first first."""

from typing import Any

import mpmath as mp
import numpy as np

from ..tensors import Exact, Exacts


def ranked(row: Exacts, largest_first: bool = False) -> list[int]:
    """The places of the numbers in order, of equal ones the first first."""
    return sorted(range(len(row)), key=lambda k: -row[k] if largest_first else row[k])


def in_rows(f: Exact) -> Exact:
    """A function of a list for every row of a matrix."""
    return lambda x: np.array([f(row) for row in x], dtype=object).reshape(len(x), *([-1] if len(x) else x.shape[1:]))


def k_largest(x: Exacts, k: int) -> Exacts:
    """Of every row, in descending order."""
    return np.sort(x, 1)[:, ::-1][:, :k]


def places(x: Exacts, edges: list[float], side: str) -> Exacts:
    """How many edges are below each number, or below or equal."""
    return np.array([sum(e < v or (side == "right" and e == v) for e in edges) for v in x], dtype=object)


def searched(side: str) -> Exact:
    return lambda x: places(x, [-1.0, -0.5, 0.0, 0.0, 1.0], side)


def different(x: Exacts) -> list[mp.mpf]:
    """In ascending order, each once."""
    return sorted(set(x))


def histogram(x: Exacts, w: Exacts) -> Exacts:
    """Sums of weights in four bins of width 1 from -2; the last holds its right end."""
    return np.array(
        [mp.fsum(u for v, u in zip(x, w, strict=True) if k - 2 <= v < k - 1 or (k == 3 and v == 2)) for k in range(4)]
    )


def ones(x: Exacts) -> Exacts:
    return x * 0 + 1


def counts(x: Exacts, w: Exacts) -> Exacts:
    """Of the numbers from 0 to 4, weighted."""
    return np.array([mp.fsum(u for v, u in zip(x, w, strict=True) if v == k) for k in range(5)], dtype=object)


def commonest(row: Exacts) -> mp.mpf:
    return max(set(row), key=list(row).count)


def mean_rank(x: Exacts) -> Exacts:
    """From 1; equal numbers share the mean of their ranks."""
    return np.array([mp.mpf(int((x < v).sum())) + mp.mpf(int((x == v).sum()) + 1) / 2 for v in x], dtype=object)


def quantile(x: Exacts, q: float, method: str = "linear") -> Any:
    """Of rows; between two entries as the method says, which numpy.quantile documents."""
    at = mp.mpf(q) * (x.shape[1] - 1)
    low, high = int(mp.floor(at)), int(mp.ceil(at))
    part = {
        "linear": at - low,
        "lower": 0,
        "higher": 1,
        "nearest": mp.nint(at) - low,
        "midpoint": mp.mpf(high - low) / 2,
    }
    ordered = np.sort(x, axis=1)
    return ordered[:, low] + part[method] * (ordered[:, high] - ordered[:, low])
