"""Convolutions, transposed convolutions and pooling: sums and extrema over windows of the last axes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..tensors import Exact, Exacts
from .arrays import Pads, padded, root, zeros


def windows(x: Exacts, size: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> Exacts:
    """Of the last axes: an array of the places, then of the entries of the window there."""
    d = len(size)
    shape = [(n - w * (k - 1) - 1) // s + 1 for n, k, s, w in zip(x.shape[-d:], size, stride, dilation, strict=True)]
    out = np.empty((*x.shape[:-d], *shape, *size), dtype=object)
    for place in np.ndindex(*shape):
        cut = [
            slice(p * s, p * s + w * (k - 1) + 1, w) for p, s, k, w in zip(place, stride, size, dilation, strict=True)
        ]
        out[(slice(None),) * (x.ndim - d) + place] = x[(..., *cut)]
    return out


def convolution(d: int, *, stride: int = 1, pads: Pads | None = None, dilation: int = 1, groups: int = 1) -> Exact:
    """Correlation of (batch, channel, d axes) with (filter, channel of its group, d axes), plus a bias."""

    def at(x: Exacts, w: Exacts, bias: Exacts | None = None) -> Exacts:
        x = padded(x, pads or [(0, 0)] * d)
        found = windows(x, w.shape[2:], (stride,) * d, (dilation,) * d)
        inputs, outputs = x.shape[1] // groups, w.shape[0] // groups
        channels = []
        for o in range(w.shape[0]):
            g = o // outputs
            terms = found[:, g * inputs : (g + 1) * inputs] * w[o].reshape(inputs, *[1] * d, *w.shape[2:])
            channels.append(terms.sum((1, *range(-d, 0))) + (0 if bias is None else bias[o]))
        return np.stack(channels, 1)

    return at


def transposed(d: int, *, stride: int = 1, padding: int = 0, output_padding: int = 0, groups: int = 1) -> Exact:
    """Each entry adds itself times the weights (its channel, filter of its group, d axes) at its place."""

    def at(x: Exacts, w: Exacts) -> Exacts:
        full = [(n - 1) * stride + k + output_padding for n, k in zip(x.shape[2:], w.shape[2:], strict=True)]
        inputs, outputs = x.shape[1] // groups, w.shape[1]
        out = zeros((x.shape[0], outputs * groups, *full))
        for b, c, *place in np.ndindex(x.shape):
            g = c // inputs
            cut = [slice(p * stride, p * stride + k) for p, k in zip(place, w.shape[2:], strict=True)]
            out[(b, slice(g * outputs, (g + 1) * outputs), *cut)] += x[(b, c, *place)] * w[c]
        return out[(..., *(slice(padding, n - padding) for n in full))]

    return at


def pooled(
    f: Exact,
    d: int,
    size: int,
    *,
    stride: int | None = None,
    pads: Pads | None = None,
    value: Any = 0,
    dilation: int = 1,
) -> Exact:
    """``f`` of the entries of each window, flat."""

    def at(x: Exacts) -> Exacts:
        found = windows(padded(x, pads or [(0, 0)] * d, value), (size,) * d, (stride or size,) * d, (dilation,) * d)
        return f(found.reshape(*found.shape[:-d], -1))

    return at


def largest(x: Exacts) -> Any:
    """Of each window."""
    return x.max(-1)


def root_of_squares(x: Exacts) -> Any:
    return root((x * x).sum(-1))


def unfolded(x: Exacts, size: int = 2) -> Exacts:
    """Columns of windows; rows by channel, then place in the window."""
    found = windows(x, (size, size), (1, 1), (1, 1))
    n, c, h, w = found.shape[:4]
    return found.reshape(n, c, h * w, size * size).transpose(0, 1, 3, 2).reshape(n, c * size * size, h * w)


def folded(x: Exacts) -> Exacts:
    """A 3 by 3 image from windows of 2 by 2, which add up."""
    out = zeros((1, 1, 3, 3))
    for k, (i, j) in enumerate(np.ndindex(2, 2)):
        out[0, 0, i : i + 2, j : j + 2] += x[0, k].reshape(2, 2)
    return out
