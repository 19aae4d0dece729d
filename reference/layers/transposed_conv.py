"""Two-dimensional transposed convolution: the linear map that takes a convolution's cotangent to its input."""

from collections.abc import Iterator

import numpy as np

from ..arrays import Array
from ._windows import Pair
from .conv import Tap, conv2d


def conv_transpose2d(
    x: Array, w: Array, b: Array | None = None, *, stride: Pair = (1, 1), padding: Pair = (0, 0)
) -> Array:
    """Every pixel of x lays down the kernel, scaled by itself, one stride from its neighbour's; what overlaps adds up.

    Y[n,o, s p + i, s q + j] = sum over p, q, i, j that meet there of sum_c w[c,o,i,j] x[n,c,p,q]; y is Y with
    ``padding`` rows and columns cut off on each side, plus b[o]; s is the stride (one of each per axis).

    Shapes: x (N, C, H, W), w (C, O, KH, KW), the channels of the input first as in torch, b (O,) or None,
    y (N, O, OH, OW) with OH = stride (H - 1) + KH - 2 padding, which must be at least 1.

    Source: V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning (2016), chapter 4;
    torch.nn.ConvTranspose2d. jax.lax.conv_transpose means the same with ``transpose_kernel``, there with the padding
    of the widened picture, KH - 1 - padding.
    """
    OH, OW = _output_size(x, w, stride, padding)
    Y = np.zeros((len(x), w.shape[1], OH + 2 * padding[0], OW + 2 * padding[1]), np.result_type(x, w))
    for i, j, rows, cols in _taps(x, w, stride):
        Y[..., rows, cols] += np.einsum("nchw,co->nohw", x, w[..., i, j])
    y = _cut(Y, padding)
    return y if b is None else y + b[:, None, None]


def conv_transpose2d_vjp(
    g: Array, x: Array, w: Array, b: Array | None = None, *, stride: Pair = (1, 1), padding: Pair = (0, 0)
) -> tuple[Array, Array, Array | None]:
    """y is linear in x, and its adjoint is the convolution of g with w, read as filters (O = C, C = O).

    dw[c,o,i,j] = sum_{n,p,q} x[n,c,p,q] G[n,o, s p + i, s q + j], G being g with zeros for what was cut off;
    db[o] = sum_{n,p,q} g[n,o,p,q].
    """
    _output_size(x, w, stride, padding)
    dx = conv2d(g, w, stride=stride, padding=padding)
    G = np.pad(g, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    dw = np.zeros(w.shape, np.result_type(g, x))
    for i, j, rows, cols in _taps(x, w, stride):
        dw[..., i, j] = np.einsum("nchw,nohw->co", x, G[..., rows, cols])
    return dx, dw, None if b is None else np.sum(g, axis=(0, 2, 3))


def _taps(x: Array, w: Array, stride: Pair) -> Iterator[Tap]:
    """Every place (i, j) of the kernel with the rows and columns of Y that it reaches."""
    H, W = x.shape[2:]
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            rows = slice(i, i + (H - 1) * stride[0] + 1, stride[0])
            cols = slice(j, j + (W - 1) * stride[1] + 1, stride[1])
            yield i, j, rows, cols


def _output_size(x: Array, w: Array, stride: Pair, padding: Pair) -> Pair:
    """Rows and columns of the output. ValueError where the channels disagree or nothing is left of the picture."""
    if w.shape[0] != x.shape[1]:
        raise ValueError(f"w takes {w.shape[0]} channels; allowed are the {x.shape[1]} of x")
    if min(stride) < 1:
        raise ValueError(f"stride is {stride}; allowed are two integers of at least 1")
    H, W = (s * (n - 1) + k for n, k, s in zip(x.shape[2:], w.shape[2:], stride, strict=True))
    OH, OW = H - 2 * padding[0], W - 2 * padding[1]
    if min(padding) < 0 or min(OH, OW) < 1:
        raise ValueError(f"padding is {padding}; allowed is from 0 to what leaves some of the {H} x {W} picture")
    return OH, OW


def _cut(Y: Array, padding: Pair) -> Array:
    H, W = Y.shape[2:]
    return Y[:, :, padding[0] : H - padding[0], padding[1] : W - padding[1]]
