"""Cumulated values, trapezoids and differences."""

import numpy as np

from ..tensors import Exact, Exacts


def slopes_of_grid(x: Exacts) -> Exacts:
    """Central differences at a distance of a half, one-sided at the ends."""
    inner = [x[i + 1] - x[i - 1] for i in range(1, len(x) - 1)]
    return np.array([(x[1] - x[0]) * 2, *inner, (x[-1] - x[-2]) * 2], dtype=object)


def scan(f: Exact) -> Exact:
    """f of the first number of every row, of the first two, and so on."""
    return lambda x: np.array([[f(row[: k + 1]) for k in range(x.shape[1])] for row in x], dtype=object).reshape(
        x.shape
    )


def trapezoids(x: Exacts, widths: Exacts) -> Exacts:
    """The areas below the lines from each entry to the next."""
    return (x[:, 1:] + x[:, :-1]) / 2 * widths
