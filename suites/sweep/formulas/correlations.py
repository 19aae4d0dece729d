"""Discrete convolution and correlation in any number of dimensions."""

import numpy as np

from ..tensors import Exact, Exacts
from .arrays import zeros


def convolved(x: Exacts, y: Exacts) -> Exacts:
    """Full, in any number of dimensions."""
    shape = [m + n - 1 for m, n in zip(x.shape, y.shape, strict=True)]
    out = zeros(shape)
    for place in np.ndindex(y.shape):
        out[tuple(slice(p, p + m) for p, m in zip(place, x.shape, strict=True))] += x * y[place]
    return out


def convolution(mode: str, *, reverse: bool = False) -> Exact:
    """Correlation is convolution with the second argument reversed."""

    def at(x: Exacts, y: Exacts) -> Exacts:
        full = convolved(x, np.flip(y) if reverse else y)
        for axis, (m, n) in enumerate(zip(x.shape, y.shape, strict=True)):
            kept = {"full": m + n - 1, "same": max(m, n), "valid": m - n + 1}[mode]
            start = (m + n - 1 - kept) // 2
            full = np.moveaxis(np.moveaxis(full, axis, 0)[start : start + kept], 0, axis)
        return full

    return at
