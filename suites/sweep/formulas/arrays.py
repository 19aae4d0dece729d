"""Arrays of exact zeros and units, padding, means and roots: what the formulas of arrays share."""

from collections.abc import Sequence
from typing import Any

import mpmath as mp
import numpy as np

from ..tensors import Exacts, each

Pads = Sequence[tuple[int, int]]

root = each(mp.sqrt)
divided = each(lambda a, b: a / b)


def eye(n: int) -> Exacts:
    return np.array([[mp.mpf(int(i == j)) for j in range(n)] for i in range(n)], dtype=object).reshape(n, n)


def zeros(shape: Sequence[int]) -> Exacts:
    return np.full(tuple(shape), mp.mpf(0), dtype=object)


def padded(x: Exacts, pads: Pads, value: Any = 0) -> Exacts:
    """The last axes, one pair for each."""
    ends = [(0, 0)] * (x.ndim - len(pads)) + list(pads)
    return np.pad(x, ends, constant_values=mp.mpf(value)) if x.size else x


def mean(x: Exacts, axis: int = -1) -> Any:
    return x.sum(axis) / x.shape[axis]


def along(x: Exacts, matrix: Exacts, axis: int) -> Exacts:
    """A matrix applied from the right to each line of an axis."""
    return np.moveaxis(np.moveaxis(x, axis, -1) @ matrix, -1, axis)
