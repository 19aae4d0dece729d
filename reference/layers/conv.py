"""Two-dimensional convolution as deep learning means it."""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from ..arrays import Array
from ._windows import Pair, output_size

Tap: TypeAlias = tuple[int, int, slice, slice]


def conv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: Pair = (1, 1),
    padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
    groups: int = 1,
) -> Array:
    """Cross-correlation; the kernel is not flipped.

    y[n,o,p,q] = b[o] + sum_{c,i,j} w[o,c,i,j] X[n,c, s p + d i, s q + d j], X being x with ``padding`` zeros on each
    side, s the stride, d the dilation (one of each per axis).

    Shapes: x (N, C, H, W), w (O, C/groups, KH, KW), b (O,) or None, y (N, O, OH, OW) with
    OH = floor((H + 2 padding - dilation (KH - 1) - 1) / stride) + 1. With groups, the channels and the filters are cut
    into that many runs of neighbours, and filters see only the channels of their own run.

    A kernel larger than the padded input is an error, as in torch; jax.lax gives an empty output.

    Source: V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning (2016); torch.nn.Conv2d.
    """
    _check_channels(x, w, groups)
    taps = list(_taps(x, w, stride, padding, dilation))
    X, w = _split_channels(_pad(x, padding), groups), _split_filters(w, groups)
    parts = [np.einsum("ngchw,goc->ngohw", X[..., rows, cols], w[..., i, j]) for i, j, rows, cols in taps]
    y = _join(np.sum(parts, axis=0))  # N,O,OH,OW
    return y if b is None else y + b[:, None, None]


def conv2d_vjp(
    g: Array,
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: Pair = (1, 1),
    padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
    groups: int = 1,
) -> tuple[Array, Array, Array | None]:
    """For one tap (i, j) of the kernel, y is a linear map over channels of the picture X that this tap sees.

    So the tap sends g back through w[:,:,i,j] to the pixels it saw (dx adds up over taps, then loses the padding), and
    dw[o,c,i,j] = sum_{n,p,q} g[n,o,p,q] X[n,c, s p + d i, s q + d j]. db[o] = sum_{n,p,q} g[n,o,p,q].
    """
    _check_channels(x, w, groups)
    taps = list(_taps(x, w, stride, padding, dilation))
    X, G = _split_channels(_pad(x, padding), groups), _split_channels(g, groups)
    dX = _scatter(G, _split_filters(w, groups), X.shape, taps)
    dw = _correlate(G, X, _split_filters(w, groups).shape, taps)
    db = None if b is None else np.sum(g, axis=(0, 2, 3))
    return _unpad(_join(dX), padding), dw.reshape(w.shape), db


def _scatter(g: Array, w: Array, shape: tuple[int, ...], taps: list[Tap]) -> Array:
    dX = np.zeros(shape, np.result_type(g, w))  # N,groups,C,H,W
    for i, j, rows, cols in taps:
        dX[..., rows, cols] += np.einsum("ngohw,goc->ngchw", g, w[..., i, j])
    return dX


def _correlate(g: Array, X: Array, shape: tuple[int, ...], taps: list[Tap]) -> Array:
    dw = np.zeros(shape, np.result_type(g, X))  # groups,O,C,KH,KW
    for i, j, rows, cols in taps:
        dw[..., i, j] = np.einsum("ngohw,ngchw->goc", g, X[..., rows, cols])
    return dw


def _taps(x: Array, w: Array, stride: Pair, padding: Pair, dilation: Pair) -> Iterator[Tap]:
    """Every place (i, j) of the kernel with the rows and columns of the padded picture that it meets."""
    window = (w.shape[2], w.shape[3])
    OH, OW = output_size((x.shape[2], x.shape[3]), window, stride=stride, padding=padding, dilation=dilation)
    for i in range(window[0]):
        for j in range(window[1]):
            top, left = i * dilation[0], j * dilation[1]
            rows = slice(top, top + (OH - 1) * stride[0] + 1, stride[0])
            cols = slice(left, left + (OW - 1) * stride[1] + 1, stride[1])
            yield i, j, rows, cols


def _check_channels(x: Array, w: Array, groups: int) -> None:
    C, filters = x.shape[1], w.shape[0]
    if groups < 1 or C % groups or filters % groups:
        raise ValueError(f"groups is {groups}; allowed are divisors of the {C} channels and of the {filters} filters")
    if w.shape[1] * groups != C:
        raise ValueError(f"w has {w.shape[1]} channels per filter; allowed is {C // groups}, that is {C} / {groups}")


def _split_channels(x: Array, groups: int) -> Array:
    N, C, H, W = x.shape
    return x.reshape(N, groups, C // groups, H, W)


def _split_filters(w: Array, groups: int) -> Array:
    filters, C, KH, KW = w.shape
    return w.reshape(groups, filters // groups, C, KH, KW)


def _join(y: Array) -> Array:
    N, groups, filters, OH, OW = y.shape
    return y.reshape(N, groups * filters, OH, OW)


def _pad(x: Array, padding: Pair) -> Array:
    return np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))


def _unpad(x: Array, padding: Pair) -> Array:
    H, W = x.shape[2:]
    return x[:, :, padding[0] : H - padding[0], padding[1] : W - padding[1]]
