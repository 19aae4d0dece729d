"""Resizing by kernels, and sampling between the entries of a grid."""

from typing import Any

import mpmath as mp
import numpy as np

from ..tensors import Exact, Exacts
from .arrays import along


def triangle(t: Any) -> Any:
    """The kernel of linear interpolation."""
    return max(1 - abs(t), mp.mpf(0))


def cubic_kernel(t: Any, a: float = -0.5) -> Any:
    """Keys 1981, Cubic convolution interpolation for digital image processing."""
    t = abs(t)
    if t <= 1:
        return (a + 2) * t**3 - (a + 3) * t**2 + 1
    return a * (t**3 - 5 * t**2 + 8 * t - 4) if t < 2 else mp.mpf(0)


def resize_weights(m: int, n: int, kernel: Exact, *, antialias: bool) -> Exacts:
    """Rows of output: the kernel about the output's centre, widened where entries get fewer, over its sum in range."""
    ratio = mp.mpf(m) / n
    width = max(ratio, mp.mpf(1)) if antialias else mp.mpf(1)
    rows = []
    for i in range(n):
        centre = (i + mp.mpf(0.5)) * ratio - mp.mpf(0.5)
        row = [kernel((centre - j) / width) for j in range(m)]
        rows.append([w / mp.fsum(row) for w in row])
    return np.array(rows, dtype=object)


def resized(shape: tuple[int, ...], kernel: Exact = triangle, *, antialias: bool = False) -> Exact:
    def at(x: Exacts) -> Exacts:
        for axis, n in enumerate(shape):
            weights = resize_weights(x.shape[axis], n, kernel, antialias=antialias)
            x = along(x, weights.T, axis)
        return x

    return at


def cubic_of_torch(n: int) -> Exact:
    """torch's documented bicubic without antialias: Keys' kernel with a = -0.75, and the ends repeated."""

    def last_axis(x: Exacts) -> Exacts:
        m = x.shape[-1]
        out = []
        for i in range(n):
            centre = (i + mp.mpf(0.5)) * m / n - mp.mpf(0.5)
            first = int(mp.floor(centre)) - 1
            places = range(first, first + 4)
            out.append(sum(x[..., min(max(j, 0), m - 1)] * cubic_kernel(centre - j, -0.75) for j in places))
        return np.stack(out, -1)

    return lambda x: last_axis(last_axis(x).T).T


def nearest(shape: tuple[int, ...], *, centred: bool) -> Exact:
    """The entry whose cell holds the output's centre, or, in torch's first mode, the output's left end."""

    def places(m: int, n: int) -> list[int]:
        return [(2 * i + 1) * m // (2 * n) if centred else i * m // n for i in range(n)]

    return lambda x: x[np.ix_(*(places(m, n) for m, n in zip(x.shape, shape, strict=True)))]


def between_corners(shape: tuple[int, ...]) -> Exact:
    """Linear; the first and last entries stay."""

    def weights(m: int, n: int) -> Exacts:
        return np.array([[triangle(mp.mpf(i * (m - 1)) / (n - 1) - j) for j in range(m)] for i in range(n)])

    def at(x: Exacts) -> Exacts:
        for axis, n in enumerate(shape):
            x = along(x, weights(x.shape[axis], n).T, axis)
        return x

    return at


def sampled(x: Exacts, points: Exacts) -> Exacts:
    """Bilinear at points (column, row); beyond the border as on it."""

    def at(column: Any, row: Any) -> Any:
        row, column = (min(max(v, mp.mpf(0)), mp.mpf(n - 1)) for v, n in zip((row, column), x.shape, strict=True))
        weights = np.array(
            [[triangle(row - i) * triangle(column - j) for j in range(x.shape[1])] for i in range(len(x))]
        )
        return (weights * x).sum()

    return np.array([at(*p) for p in points], dtype=object)
