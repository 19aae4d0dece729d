"""Convolutions by SciPy, channel by channel, and pooling by NumPy's windows."""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import signal

from .form import Form, positive, table

INF = math.inf


def spread(x, step, d):
    """With zeros between the entries of the last d axes."""
    out = np.zeros((*x.shape[:-d], *(step * (n - 1) + 1 for n in x.shape[-d:])))
    out[(..., *[slice(None, None, step)] * d)] = x
    return out


def convolution(stride=1, pad=(), dilation=1, groups=1):
    """Channel by channel."""

    def at(x, w, bias=None):
        d = x.ndim - 2
        x, w = np.pad(x, [(0, 0), (0, 0), *(pad or [(0, 0)] * d)]), spread(w, dilation, d)
        each, many = w.shape[1], w.shape[0] // groups
        out = [
            [
                sum(signal.correlate(a[o // many * each + c], w[o, c], "valid", "direct") for c in range(each))
                for o in range(len(w))
            ]
            for a in x
        ]
        found = np.array(out)[(..., *[slice(None, None, stride)] * d)]
        return found if bias is None else found + bias.reshape(-1, *[1] * d)

    return at


def transposed(stride=1, padding=0, extra=0, groups=1):
    """The convolution of what is spread out."""

    def at(x, w):
        d = x.ndim - 2
        each, wide = x.shape[1] // groups, spread(x, stride, d)
        out = [
            [
                sum(signal.convolve(a[c], w[c, o], "full", "direct") for c in range(g * each, (g + 1) * each))
                for g in range(groups)
                for o in range(w.shape[1])
            ]
            for a in wide
        ]
        full = np.pad(out, [(0, 0), (0, 0), *[(0, extra)] * d])
        return full[(..., *(slice(padding, n - padding) for n in full.shape[2:]))]

    return at


def pool(f, d, size, stride=None, pad=None, value=0.0, dilation=1):
    def at(x):
        x = np.pad(x, [(0, 0), (0, 0), *(pad or [(0, 0)] * d)], constant_values=value)
        found = sliding_window_view(x, [dilation * (size - 1) + 1] * d, tuple(range(-d, 0)))
        found = found[(slice(None),) * 2 + (slice(None, None, stride or size),) * d]
        return f(found[(..., *[slice(None, None, dilation)] * d)], axis=tuple(range(-d, 0)))

    return at


def power_mean(p):
    return lambda w, axis: (abs(w) ** p).sum(axis) ** (1 / p)


CONVOLUTIONS = {
    "conv1d": convolution(),
    "conv1d: stride, padding": convolution(2, [(1, 1)]),
    "conv1d: same, even kernel": convolution(1, [(0, 1)]),
    "conv1d: dilation": convolution(1, [(2, 2)], 2),
    "conv1d: groups": convolution(groups=2),
    "conv2d": convolution(),
    "conv2d: stride, padding, dilation": convolution(2, [(1, 1), (2, 2)], 2),
    "conv2d: depthwise": convolution(groups=2),
    "conv2d: kernel of one": convolution(),
    "conv3d": convolution(),
    "conv_transpose1d": transposed(2),
    "conv_transpose1d: padding, output padding": transposed(2, 1, 1),
    "conv_transpose2d": transposed(2),
    "conv_transpose1d: groups": transposed(groups=2),
}
POOLS = {
    "max_pool1d": pool(np.max, 1, 2),
    "max_pool1d: overlapping, padded": pool(np.max, 1, 3, 1, [(1, 1)], -INF),
    "max_pool1d: dilation": pool(np.max, 1, 2, 1, dilation=2),
    "max_pool1d: dilation of the window": pool(np.max, 1, 2, 1, dilation=2),
    "max_pool1d: ceil_mode": pool(np.max, 1, 2, pad=[(0, 1)], value=-INF),
    "max_pool2d": pool(np.max, 2, 2, 1),
    "max_pool3d": pool(np.max, 3, 2, 1),
    "avg_pool1d": pool(np.mean, 1, 2),
    "avg_pool1d: padded": pool(np.mean, 1, 3, 2, [(1, 1)]),
    "avg_pool1d: padding not counted": pool(np.nanmean, 1, 3, 2, [(1, 1)], np.nan),
    "avg_pool1d: ceil_mode": pool(np.nanmean, 1, 2, pad=[(0, 1)], value=np.nan),
    "avg_pool2d": pool(np.mean, 2, 2, 1),
    "avg_pool2d: divisor": lambda x: pool(np.sum, 2, 2, pad=[(1, 1), (1, 1)])(x) / 3,
    "avg_pool3d": pool(np.mean, 3, 2, 1),
    "lp_pool1d": pool(power_mean(2), 1, 2),
    "lp_pool2d": pool(power_mean(2), 2, 2, 1),
    "adaptive_avg_pool1d to 1": lambda x: np.mean(x, 2, keepdims=True),
    "adaptive_avg_pool1d to 2": lambda x: np.stack([x[..., :3].mean(-1), x[..., 2:].mean(-1)], -1),
    "adaptive_max_pool2d to 1": lambda x: np.max(x, (2, 3), keepdims=True),
}
FORMS = {
    **table({**CONVOLUTIONS, **POOLS}),
    "lp_pool1d: power 3": Form(pool(power_mean(3), 1, 2), positive),
}
