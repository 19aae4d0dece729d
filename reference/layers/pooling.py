"""Maximum and mean over windows of a picture."""

from collections.abc import Iterator

import numpy as np

from ..arrays import Array, Indices
from ._windows import Pair, output_size


def max_pool2d(x: Array, *, window: Pair, stride: Pair | None = None, padding: Pair = (0, 0)) -> Array:
    """The largest element under each window: y[n,c,p,q] = max_{i,j} X[n,c, s p + i, s q + j].

    x (N, C, H, W), y (N, C, OH, OW), sizes as in conv2d; stride None means the window, so that windows do not overlap.
    X is x with -inf around it, so padding never wins. Padding must be less than the window, or a window would hold
    nothing (torch allows half the window). A NaN under the window gives NaN.

    Source: torch.nn.MaxPool2d; flax.linen.max_pool.
    """
    y = np.empty(_shape(x, window, stride, padding), x.dtype)
    for p, q, rows, cols in _cells(x, window, stride, padding):
        seen = _flat(x[:, :, rows, cols])
        y[:, :, p, q] = np.take_along_axis(seen, _first_largest(seen), axis=-1)[..., 0]
    return y


def max_pool2d_vjp(
    g: Array, x: Array, *, window: Pair, stride: Pair | None = None, padding: Pair = (0, 0)
) -> tuple[Array]:
    """y is a copy of one element, so that element takes g and the others nothing; overlapping windows add up.

    At a tie the first element in row-major order takes the whole gradient, as in torch and JAX. With several NaN the
    first one takes it; torch picks the last, and JAX may pick a number.
    """
    dx = np.zeros(x.shape, g.dtype)
    for p, q, rows, cols in _cells(x, window, stride, padding):
        seen = _flat(x[:, :, rows, cols])
        dseen = np.zeros(seen.shape, g.dtype)
        np.put_along_axis(dseen, _first_largest(seen), g[:, :, p, q, None], axis=-1)
        under = dx[:, :, rows, cols]  # a view
        under[...] = under + dseen.reshape(under.shape)
    return (dx,)


def avg_pool2d(
    x: Array, *, window: Pair, stride: Pair | None = None, padding: Pair = (0, 0), count_include_pad: bool = True
) -> Array:
    """The mean under each window: y[n,c,p,q] = (1/k) sum_{i,j} X[n,c, s p + i, s q + j], X is x with zeros around it.

    x (N, C, H, W), y (N, C, OH, OW), sizes as in conv2d; stride None means the window. k counts the padding too
    (k = KH KW), unless count_include_pad is False: then k is the number of elements of x under the window. Padding
    must be less than the window, or a window would hold nothing (torch allows half the window).

    Source: torch.nn.AvgPool2d; flax.linen.avg_pool.
    """
    y = np.empty(_shape(x, window, stride, padding), x.dtype)
    for p, q, rows, cols in _cells(x, window, stride, padding):
        seen = _flat(x[:, :, rows, cols])
        y[:, :, p, q] = np.sum(seen, axis=-1) / _count(seen, window, count_include_pad)
    return y


def avg_pool2d_vjp(
    g: Array,
    x: Array,
    *,
    window: Pair,
    stride: Pair | None = None,
    padding: Pair = (0, 0),
    count_include_pad: bool = True,
) -> tuple[Array]:
    """Each element under a window has the derivative 1/k, so it takes g / k from every window that sees it."""
    dx = np.zeros(x.shape, g.dtype)
    for p, q, rows, cols in _cells(x, window, stride, padding):
        k = _count(_flat(x[:, :, rows, cols]), window, count_include_pad)
        under = dx[:, :, rows, cols]  # a view
        under[...] = under + g[:, :, p, q, None, None] / k
    return (dx,)


def _shape(x: Array, window: Pair, stride: Pair | None, padding: Pair) -> tuple[int, int, int, int]:
    s = window if stride is None else stride
    OH, OW = output_size((x.shape[2], x.shape[3]), window, stride=s, padding=padding)
    if padding[0] >= window[0] or padding[1] >= window[1]:
        raise ValueError(f"padding is {padding}; allowed is less than the window {window} on each axis")
    return x.shape[0], x.shape[1], OH, OW


def _cells(x: Array, window: Pair, stride: Pair | None, padding: Pair) -> Iterator[tuple[int, int, slice, slice]]:
    """Every place (p, q) of the output with the rows and columns of x under its window, padding left out."""
    s = window if stride is None else stride
    OH, OW = _shape(x, window, stride, padding)[2:]
    for p in range(OH):
        for q in range(OW):
            top, left = p * s[0] - padding[0], q * s[1] - padding[1]
            yield p, q, slice(max(top, 0), top + window[0]), slice(max(left, 0), left + window[1])


def _flat(seen: Array) -> Array:
    N, C, KH, KW = seen.shape
    return seen.reshape(N, C, KH * KW)


def _first_largest(seen: Array) -> Indices:
    place: Indices = np.argmax(seen.real, axis=-1, keepdims=True)  # N,C,1
    return place


def _count(seen: Array, window: Pair, count_include_pad: bool) -> int:
    return window[0] * window[1] if count_include_pad else seen.shape[-1]
