"""Convolutions, pooling, normalization, attention, recurrent cells, padding and losses of a matrix of logits."""

from collections.abc import Callable, Sequence
from typing import Any

import mpmath as mp
import numpy as np

from ..tensors import HUGE, INFINITE, TIES, TINY, ZEROS, Input, TensorRow, each, fixed, shaped
from ..tensors import Exacts as Array
from .linalg import products, without

Arrays = Callable[..., Any]
Pads = Sequence[tuple[int, int]]


def zeros(shape: Sequence[int]) -> Array:
    return np.full(tuple(shape), mp.mpf(0), dtype=object)


def padded(x: Array, pads: Pads, value: Any = 0) -> Array:
    """The last axes, one pair for each."""
    ends = [(0, 0)] * (x.ndim - len(pads)) + list(pads)
    return np.pad(x, ends, constant_values=mp.mpf(value)) if x.size else x


def windows(x: Array, size: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> Array:
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


def convolution(d: int, *, stride: int = 1, pads: Pads | None = None, dilation: int = 1, groups: int = 1) -> Arrays:
    """Correlation of (batch, channel, d axes) with (filter, channel of its group, d axes), plus a bias."""

    def at(x: Array, w: Array, bias: Array | None = None) -> Array:
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


def transposed(d: int, *, stride: int = 1, padding: int = 0, output_padding: int = 0, groups: int = 1) -> Arrays:
    """Each entry adds itself times the weights (its channel, filter of its group, d axes) at its place."""

    def at(x: Array, w: Array) -> Array:
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
    f: Arrays,
    d: int,
    size: int,
    *,
    stride: int | None = None,
    pads: Pads | None = None,
    value: Any = 0,
    dilation: int = 1,
) -> Arrays:
    """``f`` of the entries of each window, flat."""  # fmt: skip

    def at(x: Array) -> Array:
        found = windows(padded(x, pads or [(0, 0)] * d, value), (size,) * d, (stride or size,) * d, (dilation,) * d)
        return f(found.reshape(*found.shape[:-d], -1))

    return at


def largest(x: Array) -> Any:
    return x.max(-1)


def mean(x: Array) -> Any:
    return x.sum(-1) / x.shape[-1]


def root_of_squares(x: Array) -> Any:
    return each(mp.sqrt)((x * x).sum(-1))


def standardized(x: Array, axes: tuple[int, ...], epsilon: float = 1e-5) -> Array:
    n = int(np.prod([x.shape[a] for a in axes]))
    centred = x - x.sum(axes, keepdims=True) / n
    variance = (centred * centred).sum(axes, keepdims=True) / n
    return centred / each(mp.sqrt)(variance + mp.mpf(epsilon))


def layer_norm(epsilon: float) -> Arrays:
    return lambda x, y, z: standardized(x, (-1,), epsilon) * y + z


def group_norm(x: Array) -> Array:
    return standardized(x.reshape(1, 2, 6), (2,)).reshape(x.shape)


def rms_norm(epsilon: float) -> Arrays:
    return lambda x, y: x / each(mp.sqrt)((x * x).sum(-1, keepdims=True) / x.shape[-1] + mp.mpf(epsilon)) * y


def local_response_norm(x: Array) -> Array:
    squares = padded(x * x, [(1, 1), (0, 0)])
    total = squares[:, :-2] + squares[:, 1:-1] + squares[:, 2:]
    return x / each(lambda t: mp.sqrt(mp.sqrt(t)) ** 3)(1 + total / 6)


def softmax(x: Array, axis: int = -1) -> Array:
    e = each(mp.exp)(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def log_softmax(x: Array) -> Array:
    """Along the last axis. The largest entry is left out of the sum, so that small terms beside it count."""
    out = np.empty(x.shape, dtype=object)
    for place in np.ndindex(x.shape[:-1]):
        row = list(x[place])
        top = row.index(max(row))
        rest = mp.fsum(mp.exp(v - row[top]) for j, v in enumerate(row) if j != top)
        out[place] = [v - row[top] - mp.log1p(rest) for v in row]
    return out


def attention(q: Array, k: Array, v: Array, scale: Any = None, allowed: Any = None, bias: Any = 0) -> Array:
    scores = q @ k.T * (1 / mp.sqrt(q.shape[-1]) if scale is None else scale) + bias
    if allowed is None:
        return softmax(scores) @ v
    rows = [
        softmax(np.array([s for s, a in zip(row, of, strict=True) if a]))
        for row, of in zip(scores, allowed, strict=True)
    ]
    return np.stack([p @ v[np.array(of, dtype=bool)] for p, of in zip(rows, allowed, strict=True)])


def sigmoid(x: Array) -> Array:
    return each(lambda t: 1 / (1 + mp.exp(-t)))(x)


def tanh(x: Array) -> Array:
    return each(mp.tanh)(x)


def lstm(part: int) -> Arrays:
    """The new hidden (0) or cell state (1)."""

    def at(x: Array, h: Array, c: Array, w: Array, v: Array) -> Array:
        i, f, g, o = np.split(x @ w.T + h @ v.T, 4, 1)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return (sigmoid(o) * tanh(c), c)[part]

    return at


def gru(x: Array, h: Array, w: Array, v: Array) -> Array:
    (r, z, n), (rh, zh, nh) = np.split(x @ w.T, 3, 1), np.split(h @ v.T, 3, 1)
    r, z = sigmoid(r + rh), sigmoid(z + zh)
    return (1 - z) * tanh(n + r * nh) + z * h


def unfolded(x: Array, size: int = 2) -> Array:
    """Columns of windows; rows by channel, then place in the window."""
    found = windows(x, (size, size), (1, 1), (1, 1))
    n, c, h, w = found.shape[:4]
    return found.reshape(n, c, h * w, size * size).transpose(0, 1, 3, 2).reshape(n, c * size * size, h * w)


def folded(x: Array) -> Array:
    """A 3 by 3 image from windows of 2 by 2, which add up."""
    out = zeros((1, 1, 3, 3))
    for k, (i, j) in enumerate(np.ndindex(2, 2)):
        out[0, 0, i : i + 2, j : j + 2] += x[0, k].reshape(2, 2)
    return out


TARGETS = (1, 0, 3)
CLASS_WEIGHTS = (0.5, 1.0, 2.0, 0.25)


def picked(x: Array, targets: Sequence[int] = TARGETS) -> Array:
    return np.array([x[i, t] for i, t in enumerate(targets)], dtype=object)


def cross_entropy(x: Array) -> Any:
    return -picked(log_softmax(x)).sum() / 3


def smoothed_cross_entropy(x: Array) -> Any:
    """A tenth of the target's weight goes to all classes alike."""
    p, smoothing = log_softmax(x), mp.mpf(0.1)
    return -((1 - smoothing) * picked(p).sum() + smoothing / 4 * p.sum()) / 3


def weighted_cross_entropy(x: Array) -> Any:
    w = [mp.mpf(CLASS_WEIGHTS[t]) for t in TARGETS]
    return -(picked(log_softmax(x)) * w).sum() / sum(w)


def multi_margin(x: Array) -> Any:
    zero = mp.mpf(0)
    terms = [max(zero, 1 - row[t] + v) for row, t in zip(x, TARGETS, strict=True) for j, v in enumerate(row) if j != t]
    return mp.fsum(terms) / 12


def kl_div(x: Array, y: Array) -> Any:
    return (y * (each(mp.log)(y) - x)).sum() / len(x)


MASK = "[[0, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 1]]"
ALLOWED = np.array([[1, 0, 1, 1], [1, 1, 0, 0], [0, 1, 1, 0]], dtype=bool)


def masked_softmax(x: Array, axis: int) -> Array:
    out = zeros(x.shape)
    for row, of, to in zip(*(np.moveaxis(v, axis, -1) for v in (x, ALLOWED, out)), strict=True):
        to[of] = softmax(row[of])
    return out


def masked_logsumexp(x: Array) -> Array:
    return np.array([-log_softmax(row[of])[0] + row[of][0] for row, of in zip(x, ALLOWED, strict=True)], dtype=object)


def few(*shapes: tuple[int, ...]) -> tuple[Input, ...]:
    """Of products, without the inputs that tell little of many terms."""
    return products(*shapes, skip=(TIES, TINY, INFINITE))


FAR = fixed(
    "far from zero", 1e4 + 1.1 * np.array([[0.5, -1.0, 0.25, 2.0], [1.5, 0.0, -0.5, 1.0], [-2.0, 0.75, 1.0, 0.5]])
)
FAR_SCALED = fixed("far from zero", FAR.make("float64")[0], [1.0, -2.0, 0.5, 1.5], [0.25, 0.5, -1.0, 0.0])
NORMED = shaped((3, 4), (4,), (4,), skip=(HUGE, TINY))
LINE = shaped((1, 2, 5))
# Where windows overlap, ties leave many derivatives right.
UNTIED = shaped((1, 2, 5), skip=(TIES, ZEROS))
IMAGE = shaped((1, 1, 3, 4))
FEW_IMAGE = shaped((1, 1, 3, 4), skip=(TINY, INFINITE))
LOGITS = (
    *shaped((3, 4), skip=(HUGE,)),
    fixed("saturated", [[800.0, 0.0, -800.0, 1.0], [0.0, 90.0, -90.0, 2.0], [50.0, 0.0, 0.0, -50.0]]),
)
MASKED = (*shaped((3, 4), skip=(HUGE, INFINITE)), fixed("saturated", np.array([[9, -9, 0, 1]] * 3) * 100.0))
STATES = shaped((1, 2), (1, 1), (1, 1), (4, 2), (4, 1), skip=(HUGE, TINY, INFINITE))
GRU_STATES = shaped((1, 2), (1, 1), (3, 2), (3, 1), skip=(HUGE, TINY, INFINITE))
ATTENDED = shaped((2, 2), (3, 2), (3, 2), skip=(HUGE, INFINITE))
# Where a float's derivative is lost in rounding errors of larger terms.
SATURATED_STATES = (
    fixed(
        "saturated",
        [[40.0, -30.0]],
        [[1.0]],
        [[0.5]],
        [[5.0, 1.0], [-3.0, 2.0], [4.0, 4.0], [1.0, -9.0]],
        np.ones((4, 1)),
    ),
)
SATURATED_GRU_STATES = (
    fixed("saturated", [[40.0, -30.0]], [[0.5]], [[5.0, 1.0], [-3.0, 2.0], [4.0, 4.0]], np.ones((3, 1))),
)
SATURATED = (
    fixed(
        "saturated",
        [[30.0, -40.0], [50.0, 20.0]],
        [[9.0, 5.0], [-7.0, 8.0], [3.0, 3.0]],
        [[1.0, 2.0], [-1.0, 0.5], [0.25, 3.0]],
    ),
)
SQUARE_ATTENDED = shaped((3, 2), (3, 2), (3, 2), skip=(HUGE, TIES, TINY, INFINITE))

LAYERS: tuple[TensorRow, ...] = (
    TensorRow(
        "conv1d",
        "F.conv1d(x, y, z)",
        "lax.conv_general_dilated(x, y, (1,), 'VALID') + z[:, None]",
        convolution(1),
        inputs=few((1, 2, 4), (2, 2, 2), (2,)),
    ),
    TensorRow(
        "conv1d: stride, padding",
        "F.conv1d(x, y, stride=2, padding=1)",
        "lax.conv_general_dilated(x, y, (2,), [(1, 1)])",
        convolution(1, stride=2, pads=[(1, 1)]),
        inputs=few((1, 2, 5), (2, 2, 2)),
    ),
    TensorRow(
        "conv1d: same, even kernel",
        "F.conv1d(x, y, padding='same')",
        "lax.conv_general_dilated(x, y, (1,), 'SAME')",
        convolution(1, pads=[(0, 1)]),
        inputs=few((2, 1, 5), (2, 1, 2)),
    ),
    TensorRow(
        "conv1d: dilation",
        "F.conv1d(x, y, padding=2, dilation=2)",
        "lax.conv_general_dilated(x, y, (1,), [(2, 2)], rhs_dilation=(2,))",
        convolution(1, pads=[(2, 2)], dilation=2),
        inputs=few((1, 1, 6), (1, 1, 3)),
    ),
    TensorRow(
        "conv1d: groups",
        "F.conv1d(x, y, groups=2)",
        "lax.conv_general_dilated(x, y, (1,), 'VALID', feature_group_count=2)",
        convolution(1, groups=2),
        inputs=few((1, 4, 3), (4, 2, 1)),
    ),
    TensorRow(
        "conv2d",
        "F.conv2d(x, y)",
        "lax.conv_general_dilated(x, y, (1, 1), 'VALID')",
        convolution(2),
        inputs=few((1, 1, 3, 4), (2, 1, 2, 2)),
    ),
    TensorRow(
        "conv2d: stride, padding, dilation",
        "F.conv2d(x, y, stride=2, padding=(1, 2), dilation=2)",
        "lax.conv_general_dilated(x, y, (2, 2), [(1, 1), (2, 2)], rhs_dilation=(2, 2))",
        convolution(2, stride=2, pads=[(1, 1), (2, 2)], dilation=2),
        inputs=few((1, 1, 3, 4), (1, 1, 2, 2)),
    ),
    TensorRow(
        "conv2d: depthwise",
        "F.conv2d(x, y, groups=2)",
        "lax.conv_general_dilated(x, y, (1, 1), 'VALID', feature_group_count=2)",
        convolution(2, groups=2),
        inputs=few((1, 2, 2, 3), (2, 1, 2, 2)),
    ),
    TensorRow(
        "conv2d: kernel of one",
        "F.conv2d(x, y)",
        "lax.conv_general_dilated(x, y, (1, 1), 'VALID')",
        convolution(2),
        inputs=few((2, 2, 1, 2), (3, 2, 1, 1)),
    ),
    TensorRow(
        "conv3d",
        "F.conv3d(x, y)",
        "lax.conv_general_dilated(x, y, (1, 1, 1), 'VALID')",
        convolution(3),
        inputs=few((1, 1, 2, 2, 3), (1, 1, 2, 2, 2)),
    ),
    TensorRow(
        "conv_transpose1d",
        "F.conv_transpose1d(x, y, stride=2)",
        "lax.conv_transpose(x, y, (2,), 'VALID', dimension_numbers=('NCH', 'OIH', 'NCH'), transpose_kernel=True)",
        transposed(1, stride=2),
        inputs=few((1, 2, 3), (2, 2, 3)),
    ),
    TensorRow(
        "conv_transpose1d: padding, output padding",
        "F.conv_transpose1d(x, y, stride=2, padding=1, output_padding=1)",
        "lax.conv_general_dilated(x, jnp.flip(y, 2).swapaxes(0, 1), (1,), [(1, 2)], lhs_dilation=(2,))",
        transposed(1, stride=2, padding=1, output_padding=1),
        inputs=few((1, 2, 3), (2, 1, 3)),
    ),
    TensorRow(
        "conv_transpose2d",
        "F.conv_transpose2d(x, y, stride=2)",
        "lax.conv_transpose(x, y, (2, 2), 'VALID', dimension_numbers=('NCHW', 'OIHW', 'NCHW'), transpose_kernel=True)",
        transposed(2, stride=2),
        inputs=few((1, 1, 2, 3), (1, 2, 2, 2)),
    ),
    TensorRow(
        "conv_transpose1d: groups",
        "F.conv_transpose1d(x, y, groups=2)",
        "lax.conv_general_dilated("
        "x, jnp.flip(y, 2).reshape(2, 1, 1, 2).swapaxes(1, 2).reshape(2, 1, 2), (1,), [(1, 1)], feature_group_count=2)",
        transposed(1, groups=2),
        inputs=few((1, 2, 3), (2, 1, 2)),
    ),
    TensorRow(
        "max_pool1d",
        "F.max_pool1d(x, 2)",
        "lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2), (1, 1, 2), 'VALID')",
        pooled(largest, 1, 2),
        inputs=LINE,
    ),
    TensorRow(
        "max_pool1d: overlapping, padded",
        "F.max_pool1d(x, 3, stride=1, padding=1)",
        "lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 3), (1, 1, 1), 'SAME')",
        pooled(largest, 1, 3, stride=1, pads=[(1, 1)], value=-mp.inf),
        inputs=UNTIED,
    ),
    TensorRow(
        "max_pool1d: dilation",
        "F.max_pool1d(x, 2, stride=1, dilation=2)",
        "jnp.maximum(x[:, :, :-2], x[:, :, 2:])",
        pooled(largest, 1, 2, stride=1, dilation=2),
        inputs=UNTIED,
    ),
    TensorRow(
        "max_pool1d: dilation of the window",
        "F.max_pool1d(x, 2, stride=1, dilation=2)",
        "lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2), (1, 1, 1), 'VALID', window_dilation=(1, 1, 2))",
        pooled(largest, 1, 2, stride=1, dilation=2),
        inputs=LINE,
        differentiable=False,
        note="JAX has no derivative of it",
    ),
    TensorRow(
        "max_pool1d: ceil_mode",
        "F.max_pool1d(x, 2, ceil_mode=True)",
        "lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2), (1, 1, 2), 'SAME')",
        pooled(largest, 1, 2, pads=[(0, 1)], value=-mp.inf),
        inputs=LINE,
    ),
    TensorRow(
        "max_pool2d",
        "F.max_pool2d(x, 2, stride=1)",
        "lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 1, 1), 'VALID')",
        pooled(largest, 2, 2, stride=1),
        inputs=shaped((1, 1, 3, 4), skip=(TIES, ZEROS)),
    ),
    TensorRow(
        "max_pool3d",
        "F.max_pool3d(x, 2, stride=1)",
        "lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2, 2), (1, 1, 1, 1, 1), 'VALID')",
        pooled(largest, 3, 2, stride=1),
        inputs=shaped((1, 1, 2, 2, 3), skip=(TIES, ZEROS, TINY, HUGE)),
    ),
    TensorRow(
        "avg_pool1d",
        "F.avg_pool1d(x, 2)",
        "lax.reduce_window(x, 0.0, lax.add, (1, 1, 2), (1, 1, 2), 'VALID') / 2",
        pooled(mean, 1, 2),
        inputs=LINE,
    ),
    TensorRow(
        "avg_pool1d: padded",
        "F.avg_pool1d(x, 3, stride=2, padding=1)",
        "lax.reduce_window(x, 0.0, lax.add, (1, 1, 3), (1, 1, 2), [(0, 0), (0, 0), (1, 1)]) / 3",
        pooled(mean, 1, 3, stride=2, pads=[(1, 1)]),
        inputs=LINE,
    ),
    TensorRow(
        "avg_pool1d: padding not counted",
        "F.avg_pool1d(x, 3, stride=2, padding=1, count_include_pad=False)",
        "lax.reduce_window(x, 0.0, lax.add, (1, 1, 3), (1, 1, 2), 'SAME') / jnp.array([2, 3, 2])",
        lambda x: pooled(lambda w: w.sum(-1), 1, 3, stride=2, pads=[(1, 1)])(x) / np.array([2, 3, 2]),
        inputs=LINE,
    ),
    TensorRow(
        "avg_pool1d: ceil_mode",
        "F.avg_pool1d(x, 2, ceil_mode=True)",
        "lax.reduce_window(x, 0.0, lax.add, (1, 1, 2), (1, 1, 2), 'SAME') / jnp.array([2, 2, 1])",
        lambda x: pooled(lambda w: w.sum(-1), 1, 2, pads=[(0, 1)])(x) / np.array([2, 2, 1]),
        inputs=LINE,
        note="torch documents that a window which starts in the padding of ceil_mode does not count it",
    ),
    TensorRow(
        "avg_pool2d",
        "F.avg_pool2d(x, 2, stride=1)",
        "lax.reduce_window(x, 0.0, lax.add, (1, 1, 2, 2), (1, 1, 1, 1), 'VALID') / 4",
        pooled(mean, 2, 2, stride=1),
        inputs=IMAGE,
    ),
    TensorRow(
        "avg_pool2d: divisor",
        "F.avg_pool2d(x, 2, padding=1, divisor_override=3)",
        "lax.reduce_window(x, 0.0, lax.add, (1, 1, 2, 2), (1, 1, 2, 2), [(0, 0), (0, 0), (1, 1), (1, 1)]) / 3",
        lambda x: pooled(lambda w: w.sum(-1), 2, 2, pads=[(1, 1), (1, 1)])(x) / 3,
        inputs=FEW_IMAGE,
    ),
    TensorRow(
        "avg_pool3d",
        "F.avg_pool3d(x, 2, stride=1)",
        "lax.reduce_window(x, 0.0, lax.add, (1, 1, 2, 2, 2), (1, 1, 1, 1, 1), 'VALID') / 8",
        pooled(mean, 3, 2, stride=1),
        inputs=shaped((1, 1, 2, 2, 3), skip=(TINY, HUGE)),
    ),
    TensorRow(
        "lp_pool1d",
        "F.lp_pool1d(x, 2.0, 2)",
        "jnp.sqrt(lax.reduce_window(x * x, 0.0, lax.add, (1, 1, 2), (1, 1, 2), 'VALID'))",
        pooled(root_of_squares, 1, 2),
        inputs=LINE,
    ),
    TensorRow(
        "lp_pool1d: power 3",
        "F.lp_pool1d(x, 3.0, 2)",
        "jnp.cbrt(lax.reduce_window(x**3, 0.0, lax.add, (1, 1, 2), (1, 1, 2), 'VALID'))",
        pooled(lambda w: each(mp.cbrt)((w * w * w).sum(-1)), 1, 2),
        inputs=shaped((1, 1, 4), low=0.25, high=4.0),
    ),
    TensorRow(
        "lp_pool2d",
        "F.lp_pool2d(x, 2.0, 2, stride=1)",
        "jnp.sqrt(lax.reduce_window(x * x, 0.0, lax.add, (1, 1, 2, 2), (1, 1, 1, 1), 'VALID'))",
        pooled(root_of_squares, 2, 2, stride=1),
        inputs=FEW_IMAGE,
    ),
    TensorRow(
        "adaptive_avg_pool1d to 1",
        "F.adaptive_avg_pool1d(x, 1)",
        "jnp.mean(x, axis=2, keepdims=True)",
        lambda x: mean(x)[..., None],
        inputs=LINE,
    ),
    TensorRow(
        "adaptive_avg_pool1d to 2",
        "F.adaptive_avg_pool1d(x, 2)",
        "lax.reduce_window(x, 0.0, lax.add, (1, 1, 3), (1, 1, 2), 'VALID') / 3",
        pooled(mean, 1, 3, stride=2),
        inputs=LINE,
    ),
    TensorRow(
        "adaptive_max_pool2d to 1",
        "F.adaptive_max_pool2d(x, 1)",
        "jnp.max(x, axis=(2, 3), keepdims=True)",
        lambda x: x.max((2, 3), keepdims=True),
        inputs=FEW_IMAGE,
    ),
    TensorRow(
        "batch_norm: training",
        "F.batch_norm(x, None, None, y, z, training=True)",
        "jax.nn.standardize(x, axis=0, epsilon=1e-5) * y + z",
        lambda x, y, z: standardized(x, (0,)) * y + z,
        inputs=(
            *shaped((4, 2), (2,), (2,), skip=(HUGE, TINY)),
            fixed(
                "far from zero",
                1e4 + 1.1 * np.array([[0.5, -1.0], [1.5, 0.0], [-2.0, 0.75], [0.25, 2.0]]),
                [1.0, -2.0],
                [0.5, 0.0],
            ),
        ),
    ),
    TensorRow(
        "batch_norm: inference",
        "F.batch_norm(x, torch.tensor([0.5, -1.0], dtype=x.dtype), torch.tensor([2.0, 0.25], dtype=x.dtype), y, z)",
        "(x - jnp.array([0.5, -1.0], x.dtype)) / jnp.sqrt(jnp.array([2.0, 0.25], x.dtype) + 1e-5) * y + z",
        lambda x, y, z: (
            (x - [mp.mpf(0.5), mp.mpf(-1)]) / [mp.sqrt(mp.mpf(v) + mp.mpf(1e-5)) for v in (2, 0.25)] * y + z
        ),
        inputs=shaped((4, 2), (2,), (2,), skip=(HUGE, TINY)),
    ),
    TensorRow(
        "layer_norm",
        "F.layer_norm(x, (4,), y, z)",
        "jax.nn.standardize(x, epsilon=1e-5) * y + z",
        layer_norm(1e-5),
        inputs=(*NORMED, FAR_SCALED),
    ),
    TensorRow(
        "layer_norm: eps 0",
        "F.layer_norm(x, (4,), y, z, eps=0.0)",
        "jax.nn.standardize(x, epsilon=0.0) * y + z",
        layer_norm(0.0),
        inputs=(*NORMED, FAR_SCALED),
    ),
    TensorRow(
        "layer_norm of all",
        "F.layer_norm(x, (3, 4))",
        "jax.nn.standardize(x, axis=(0, 1))",
        lambda x: standardized(x, (0, 1)),
        inputs=(*shaped((3, 4)), FAR),
    ),
    TensorRow(
        "layer_norm of one entry",
        "F.layer_norm(x, (1,))",
        "jax.nn.standardize(x)",
        lambda x: standardized(x, (-1,)),
        inputs=shaped((3, 1), skip=(HUGE,)),
    ),
    TensorRow(
        "group_norm",
        "F.group_norm(x, 2)",
        "jax.nn.standardize(x.reshape(1, 2, 6)).reshape(x.shape)",
        group_norm,
        inputs=(
            *shaped((1, 4, 3), skip=(HUGE, TINY)),
            fixed("far from zero", np.reshape(FAR.make("float64")[0], (1, 4, 3))),
        ),
    ),
    TensorRow(
        "instance_norm",
        "F.instance_norm(x)",
        "jax.nn.standardize(x)",
        lambda x: standardized(x, (-1,)),
        inputs=shaped((1, 2, 4), skip=(HUGE, TINY)),
    ),
    TensorRow(
        "rms_norm",
        "F.rms_norm(x, (4,), y, eps=1e-5)",
        "x * lax.rsqrt(jnp.mean(x * x, axis=1, keepdims=True) + 1e-5) * y",
        rms_norm(1e-5),
        inputs=shaped((3, 4), (4,)),
    ),
    TensorRow(
        "rms_norm: eps 0",
        "F.rms_norm(x, (4,), y, eps=0.0)",
        "x * lax.rsqrt(jnp.mean(x * x, axis=1, keepdims=True)) * y",
        rms_norm(0.0),
        inputs=shaped((3, 4), (4,), skip=(ZEROS,)),
    ),
    TensorRow(
        "local_response_norm",
        "F.local_response_norm(x, 3, alpha=0.5, beta=0.75, k=1.0)",
        "x / (1.0 + lax.reduce_window(x * x, 0.0, lax.add, (1, 3, 1), (1, 1, 1), 'SAME') / 6.0) ** 0.75",
        local_response_norm,
        inputs=shaped((1, 4, 2)),
    ),
    TensorRow(
        "linear",
        "F.linear(x, y, z)",
        "x @ y.T + z",
        lambda x, y, z: x @ y.T + z,
        inputs=products((2, 3), (3, 3), (3,)),
    ),
    TensorRow(
        "bilinear",
        "F.bilinear(x, y, z)",
        "jnp.einsum('bi,oij,bj->bo', x, z, y)",
        lambda x, y, z: np.einsum("bi,oij,bj->bo", x, z, y),
        inputs=shaped((2, 2), (2, 2), (2, 2, 2), skip=(HUGE,)),
    ),
    TensorRow(
        "embedding: padding_idx",
        "F.embedding(torch.tensor([2, 0, 2]), x, padding_idx=0) + 0.0 * x[:1].detach()",
        "jnp.take(x.at[0].set(lax.stop_gradient(x[0])), jnp.array([2, 0, 2]), axis=0)",
        lambda x: x[[2, 0, 2]],
        inputs=shaped((3, 4), skip=(HUGE,)),
        differentiable=False,
    ),
    TensorRow(
        "one_hot",
        "F.one_hot(torch.tensor([2, 0, 2]), 3).to(x.dtype) @ x",
        "jax.nn.one_hot(jnp.array([2, 0, 2]), 3, dtype=x.dtype) @ x",
        lambda x: x[[2, 0, 2]],
        inputs=shaped((3, 4)),
    ),
    TensorRow(
        "scaled dot product attention",
        "F.scaled_dot_product_attention(x[None, None], y[None, None], z[None, None])[0, 0]",
        "jax.nn.dot_product_attention(x[:, None], y[:, None], z[:, None])[:, 0]",
        attention,
        inputs=ATTENDED,
    ),
    TensorRow(
        "scaled dot product attention: saturated",
        "F.scaled_dot_product_attention(x[None, None], y[None, None], z[None, None])[0, 0]",
        "jax.nn.dot_product_attention(x[:, None], y[:, None], z[:, None])[:, 0]",
        attention,
        inputs=SATURATED,
        differentiable=False,
    ),
    TensorRow(
        "scaled dot product attention: scale",
        "F.scaled_dot_product_attention(x[None, None], y[None, None], z[None, None], scale=2.0)[0, 0]",
        "jax.nn.dot_product_attention(x[:, None], y[:, None], z[:, None], scale=2.0)[:, 0]",
        lambda x, y, z: attention(x, y, z, 2),
        inputs=ATTENDED,
    ),
    TensorRow(
        "scaled dot product attention: mask",
        "F.scaled_dot_product_attention(x[None, None], y[None, None], z[None, None], "
        "attn_mask=torch.tensor([[True, False, True], [False, True, False]]))[0, 0]",
        "jax.nn.dot_product_attention(x[:, None], y[:, None], z[:, None], "
        "mask=jnp.array([[[True, False, True], [False, True, False]]]))[:, 0]",
        lambda x, y, z: attention(x, y, z, allowed=[[1, 0, 1], [0, 1, 0]]),
        inputs=without(ATTENDED, TIES),
    ),
    TensorRow(
        "scaled dot product attention: bias",
        "F.scaled_dot_product_attention(x[None, None], y[None, None], z[None, None], "
        "attn_mask=torch.tensor([[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]], dtype=x.dtype))[0, 0]",
        "jax.nn.dot_product_attention(x[:, None], y[:, None], z[:, None], "
        "bias=jnp.array([[[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]]], x.dtype))[:, 0]",
        lambda x, y, z: attention(x, y, z, bias=np.array([[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]])),
        inputs=ATTENDED,
    ),
    TensorRow(
        "scaled dot product attention: bias, saturated",
        "F.scaled_dot_product_attention(x[None, None], y[None, None], z[None, None], "
        "attn_mask=torch.tensor([[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]], dtype=x.dtype))[0, 0]",
        "jax.nn.dot_product_attention(x[:, None], y[:, None], z[:, None], "
        "bias=jnp.array([[[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]]], x.dtype))[:, 0]",
        lambda x, y, z: attention(x, y, z, bias=np.array([[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]])),
        inputs=SATURATED,
        differentiable=False,
    ),
    TensorRow(
        "scaled dot product attention: causal",
        "F.scaled_dot_product_attention(x[None, None], y[None, None], z[None, None], is_causal=True)[0, 0]",
        "jax.nn.dot_product_attention(x[:, None], y[:, None], z[:, None], is_causal=True)[:, 0]",
        lambda x, y, z: attention(x, y, z, allowed=[[1, 0, 0], [1, 1, 0], [1, 1, 1]]),
        inputs=SQUARE_ATTENDED,
    ),
    TensorRow(
        "lstm_cell: hidden state",
        "torch.lstm_cell(x, (y, z), a, b)[0]",
        "(lambda i, f, g, o: jax.nn.sigmoid(o) * jnp.tanh(jax.nn.sigmoid(f) * z + jax.nn.sigmoid(i) * jnp.tanh(g)))"
        "(*jnp.split(x @ a.T + y @ b.T, 4, axis=1))",
        lstm(0),
        inputs=STATES,
    ),
    TensorRow(
        "lstm_cell: hidden state, saturated",
        "torch.lstm_cell(x, (y, z), a, b)[0]",
        "(lambda i, f, g, o: jax.nn.sigmoid(o) * jnp.tanh(jax.nn.sigmoid(f) * z + jax.nn.sigmoid(i) * jnp.tanh(g)))"
        "(*jnp.split(x @ a.T + y @ b.T, 4, axis=1))",
        lstm(0),
        inputs=SATURATED_STATES,
        differentiable=False,
    ),
    TensorRow(
        "lstm_cell: cell state",
        "torch.lstm_cell(x, (y, z), a, b)[1]",
        "(lambda i, f, g, o: jax.nn.sigmoid(f) * z + jax.nn.sigmoid(i) * jnp.tanh(g))"
        "(*jnp.split(x @ a.T + y @ b.T, 4, axis=1))",
        lstm(1),
        inputs=STATES,
    ),
    TensorRow(
        "lstm_cell: cell state, saturated",
        "torch.lstm_cell(x, (y, z), a, b)[1]",
        "(lambda i, f, g, o: jax.nn.sigmoid(f) * z + jax.nn.sigmoid(i) * jnp.tanh(g))"
        "(*jnp.split(x @ a.T + y @ b.T, 4, axis=1))",
        lstm(1),
        inputs=SATURATED_STATES,
        differentiable=False,
    ),
    TensorRow(
        "gru_cell",
        "torch.gru_cell(x, y, z, a)",
        "(lambda r, u, n, s, v, m: (1 - jax.nn.sigmoid(u + v)) * jnp.tanh(n + jax.nn.sigmoid(r + s) * m)"
        " + jax.nn.sigmoid(u + v) * y)(*jnp.split(x @ z.T, 3, axis=1), *jnp.split(y @ a.T, 3, axis=1))",
        gru,
        inputs=GRU_STATES,
    ),
    TensorRow(
        "gru_cell: saturated",
        "torch.gru_cell(x, y, z, a)",
        "(lambda r, u, n, s, v, m: (1 - jax.nn.sigmoid(u + v)) * jnp.tanh(n + jax.nn.sigmoid(r + s) * m)"
        " + jax.nn.sigmoid(u + v) * y)(*jnp.split(x @ z.T, 3, axis=1), *jnp.split(y @ a.T, 3, axis=1))",
        gru,
        inputs=SATURATED_GRU_STATES,
        differentiable=False,
    ),
    TensorRow(
        "rnn_tanh_cell",
        "torch.rnn_tanh_cell(x, y, z, a)",
        "jnp.tanh(x @ z.T + y @ a.T)",
        lambda x, h, w, v: tanh(x @ w.T + h @ v.T),
        inputs=shaped((2, 2), (2, 2), (2, 2), (2, 2), skip=(HUGE,)),
    ),
    TensorRow(
        "rnn_relu_cell",
        "torch.rnn_relu_cell(x, y, z, a)",
        "jax.nn.relu(x @ z.T + y @ a.T)",
        lambda x, h, w, v: each(lambda t: max(t, mp.mpf(0)))(x @ w.T + h @ v.T),
        inputs=shaped((2, 2), (2, 2), (2, 2), (2, 2), skip=(HUGE, TINY)),
    ),
    TensorRow(
        "padded by a constant",
        "F.pad(x, (1, 0, 0, 2), value=1.5)",
        "jnp.pad(x, ((0, 2), (1, 0)), constant_values=1.5)",
        lambda x: padded(x, [(0, 2), (1, 0)], 1.5),
        inputs=shaped((2, 3)),
    ),
    TensorRow(
        "padded by less than nothing",
        "F.pad(x, (-1, 1))",
        "lax.pad(x, jnp.zeros((), x.dtype), [(0, 0, 0), (-1, 1, 0)])",
        lambda x: padded(x[:, 1:], [(0, 1)]),
        inputs=shaped((2, 3)),
    ),
    *(
        TensorRow(
            f"padded: {torch}",
            f"F.pad(x[None], (2, 1), mode='{torch}')[0]",
            f"jnp.pad(x, ((0, 0), (2, 1)), mode='{jax}')",
            lambda x, order=order: x[:, order],
            inputs=shaped((2, 4)),
        )
        for torch, jax, order in (
            ("reflect", "reflect", [2, 1, 0, 1, 2, 3, 2]),
            ("replicate", "edge", [0, 0, 0, 1, 2, 3, 3]),
            ("circular", "wrap", [2, 3, 0, 1, 2, 3, 0]),
        )
    ),
    TensorRow(
        "padded: symmetric",
        "torch.cat([x[:, :2].flip(1), x, x[:, -1:]], 1)",
        "jnp.pad(x, ((0, 0), (2, 1)), mode='symmetric')",
        lambda x: x[:, [1, 0, 0, 1, 2, 3, 3]],
        inputs=shaped((2, 4)),
    ),
    TensorRow(
        "padded: reflect, two axes",
        "F.pad(x, (1, 2, 1, 0), mode='reflect')",
        "jnp.pad(x, ((0, 0), (1, 0), (1, 2)), mode='reflect')",
        lambda x: x[:, [1, 0, 1]][:, :, [1, 0, 1, 2, 1, 0]],
        inputs=shaped((1, 2, 3)),
    ),
    TensorRow(
        "pixel_shuffle",
        "F.pixel_shuffle(x, 2)",
        "x.reshape(1, 2, 2, 1, 3).transpose(0, 3, 1, 4, 2).reshape(1, 2, 6)",
        lambda x: x.reshape(1, 2, 2, 1, 3).transpose(0, 3, 1, 4, 2).reshape(1, 2, 6),
        inputs=shaped((4, 1, 3)),
    ),
    TensorRow(
        "pixel_unshuffle",
        "F.pixel_unshuffle(x, 2)",
        "x.reshape(1, 1, 2, 3, 2).transpose(0, 2, 4, 1, 3).reshape(4, 1, 3)",
        lambda x: np.stack([x[0, i::2, j::2] for i in range(2) for j in range(2)]),
        inputs=shaped((1, 2, 6)),
    ),
    TensorRow(
        "channel_shuffle",
        "F.channel_shuffle(x, 2)",
        "x.reshape(1, 2, 2, 2).swapaxes(1, 2).reshape(1, 4, 2)",
        lambda x: x[:, [0, 2, 1, 3]],
        inputs=shaped((1, 4, 2)),
    ),
    TensorRow(
        "unfold",
        "F.unfold(x, 2)",
        "lax.conv_general_dilated_patches(x, (2, 2), (1, 1), 'VALID').reshape(1, 4, 6)",
        unfolded,
        inputs=IMAGE,
    ),
    TensorRow(
        "unfold: two channels",
        "F.unfold(x, 2)",
        "lax.conv_general_dilated_patches(x, (2, 2), (1, 1), 'VALID').reshape(1, 8, 2)",
        unfolded,
        inputs=shaped((1, 2, 2, 3), skip=(TINY, HUGE)),
    ),
    TensorRow(
        "fold",
        "F.fold(x, (3, 3), 2)",
        "jax.vjp(lambda v: lax.conv_general_dilated_patches(v, (2, 2), (1, 1), 'VALID').reshape(1, 4, 4), "
        "jnp.zeros((1, 1, 3, 3), x.dtype))[1](x)[0]",
        folded,
        inputs=shaped((1, 4, 4), skip=(TINY, INFINITE)),
    ),
    TensorRow(
        "dropout: p 0",
        "F.dropout(x, 0.0)",
        "jnp.where(jax.random.bernoulli(jax.random.key(0), 1.0, x.shape), x / 1.0, 0.0)",
        lambda x: x,
        inputs=shaped((2, 3)),
    ),
    TensorRow(
        "softmax with a mask",
        f"torch.softmax(x.masked_fill(torch.tensor({MASK}, dtype=torch.bool), -torch.inf), 1)",
        f"jax.nn.softmax(jnp.where(jnp.array({MASK}, dtype=bool), -jnp.inf, x), 1)",
        lambda x: masked_softmax(x, 1),
        inputs=MASKED,
    ),
    TensorRow(
        "softmax with a mask, axis 0",
        f"torch.softmax(x.masked_fill(torch.tensor({MASK}, dtype=torch.bool), -torch.inf), 0)",
        f"jax.nn.softmax(x, 0, where=~jnp.array({MASK}, dtype=bool))",
        lambda x: masked_softmax(x, 0),
        inputs=MASKED,
    ),
    TensorRow(
        "logsumexp with a mask",
        f"torch.logsumexp(x.masked_fill(torch.tensor({MASK}, dtype=torch.bool), -torch.inf), 1)",
        f"jax.nn.logsumexp(x, 1, where=~jnp.array({MASK}, dtype=bool))",
        masked_logsumexp,
        inputs=MASKED,
    ),
    TensorRow(
        "cross_entropy of logits",
        "F.cross_entropy(x, torch.tensor([1, 0, 3]))",
        "-jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(x), jnp.array([[1], [0], [3]]), axis=1))",
        cross_entropy,
        inputs=LOGITS,
    ),
    TensorRow(
        "cross_entropy of logits: ignore_index",
        "F.cross_entropy(x, torch.tensor([1, -100, 3]))",
        "-jnp.mean(jax.nn.log_softmax(x)[jnp.array([0, 2]), jnp.array([1, 3])])",
        lambda x: -picked(log_softmax(x[[0, 2]]), (1, 3)).sum() / 2,
        inputs=LOGITS,
    ),
    TensorRow(
        "cross_entropy of logits: label smoothing",
        "F.cross_entropy(x, torch.tensor([1, 0, 3]), label_smoothing=0.1)",
        "-jnp.mean(jnp.sum((0.9 * jax.nn.one_hot(jnp.array([1, 0, 3]), 4, dtype=x.dtype) + 0.1 / 4)"
        " * jax.nn.log_softmax(x), axis=1))",
        smoothed_cross_entropy,
        inputs=LOGITS,
    ),
    TensorRow(
        "cross_entropy of logits: class weights",
        "F.cross_entropy(x, torch.tensor([1, 0, 3]), weight=torch.tensor([0.5, 1.0, 2.0, 0.25], dtype=x.dtype))",
        "-jnp.average(jax.nn.log_softmax(x)[jnp.arange(3), jnp.array([1, 0, 3])], weights=jnp.array([1.0, 0.5, 0.25]))",
        weighted_cross_entropy,
        inputs=LOGITS,
    ),
    TensorRow(
        "cross_entropy of probabilities",
        "F.cross_entropy(x, torch.tensor([[0.25, 0.5, 0.0, 0.25], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]], "
        "dtype=x.dtype), reduction='sum')",
        "-jnp.sum(jnp.array([[0.25, 0.5, 0.0, 0.25], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]], x.dtype)"
        " * jax.nn.log_softmax(x))",
        lambda x: -(log_softmax(x) * [[0.25, 0.5, 0, 0.25], [1, 0, 0, 0], [0, 0, 0.5, 0.5]]).sum(),
        inputs=LOGITS,
    ),
    TensorRow(
        "nll_loss",
        "F.nll_loss(x, torch.tensor([1, 0, 3]))",
        "-jnp.mean(jnp.take_along_axis(x, jnp.array([[1], [0], [3]]), axis=1))",
        lambda x: -picked(x).sum() / 3,
        inputs=shaped((3, 4)),
    ),
    TensorRow(
        "multi_margin_loss",
        "F.multi_margin_loss(x, torch.tensor([1, 0, 3]))",
        "(jnp.sum(jax.nn.relu(1 + x - jnp.take_along_axis(x, jnp.array([[1], [0], [3]]), axis=1))) - 3) / 12",
        multi_margin,
        inputs=shaped((3, 4), skip=(TINY,)),
    ),
    TensorRow(
        "kl_div: batchmean",
        "F.kl_div(x, y, reduction='batchmean')",
        "jnp.sum(jsp.special.xlogy(y, y) - x * y) / x.shape[0]",
        kl_div,
        inputs=shaped((2, 4), (2, 4), low=0.125, high=2.0),
    ),
    TensorRow(
        "kl_div: log_target",
        "F.kl_div(x, y, reduction='batchmean', log_target=True)",
        "jnp.sum(jnp.exp(y) * (y - x)) / x.shape[0]",
        lambda x, y: (each(mp.exp)(y) * (y - x)).sum() / len(x),
        inputs=shaped((2, 4), (2, 4), skip=(HUGE, TINY)),
    ),
    TensorRow(
        "glu",
        "F.glu(x)",
        "jax.nn.glu(x)",
        lambda x: x[:, :2] * sigmoid(x[:, 2:]),
        inputs=(
            *shaped((2, 4), skip=(HUGE,)),
            fixed("saturated", [[1.0, -2.0, 800.0, -800.0], [3.0, 0.5, -90.0, 90.0]]),
        ),
    ),
)
