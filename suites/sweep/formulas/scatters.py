"""Entries written, added and combined by index, and in segments."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..tensors import Exact, Exacts

# Where the five numbers go: 0 and 2 twice, 1 once, 3 never.
INTO = (0, 2, 2, 0, 1)
Fold = Callable[[Any, Any], Any]


def put(x: Exacts, where: Any, what: Any) -> Exacts:
    """x with other numbers somewhere."""
    y = x.copy()
    y[where] = what
    return y


def folded(fold: Fold) -> Exact:
    """Every number of y into the one of x that INTO names."""

    def truth(x: Exacts, y: Exacts) -> Exacts:
        out = x.copy()
        for k, v in zip(INTO, y, strict=True):
            out[k] = fold(out[k], v)
        return out

    return truth


def added(x: Exacts, rows: Any, y: Exacts) -> Exacts:
    """Every row at its place; places may come twice."""
    out = x.copy()
    np.add.at(out, rows, y)
    return out


def in_segments(f: Exact, ends: list[int]) -> Exact:
    """f of the numbers up to each end."""
    starts = [0, *ends[:-1]]
    return lambda x: np.array([f(x[a:b]) for a, b in zip(starts, ends, strict=True)], dtype=object)
