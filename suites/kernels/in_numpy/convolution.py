"""The references' own, with one number where they take a pair."""

from typing import Any

import numpy as np
from pytest_dualfw.reference import avg_pool2d, avg_pool2d_vjp, conv2d, conv2d_vjp, max_pool2d, max_pool2d_vjp

Array = np.ndarray[Any, Any]


def conv2d_3x3(x: Array, w: Array, *, stride: int = 1, padding: int = 0) -> Array:
    return conv2d(x, w, stride=(stride, stride), padding=(padding, padding))


def conv2d_3x3_vjp(g: Array, x: Array, w: Array, *, stride: int = 1, padding: int = 0) -> tuple[Array, Array]:
    return conv2d_vjp(g, x, w, stride=(stride, stride), padding=(padding, padding))[:2]


conv2d_stem, conv2d_stem_vjp = conv2d_3x3, conv2d_3x3_vjp
conv2d_1x1, conv2d_1x1_vjp = conv2d_3x3, conv2d_3x3_vjp


def depthwise_conv(x: Array, w: Array, *, padding: int) -> Array:
    return conv2d(x, w, padding=(padding, padding), groups=x.shape[1])


def depthwise_conv_vjp(g: Array, x: Array, w: Array, *, padding: int) -> tuple[Array, Array]:
    return conv2d_vjp(g, x, w, padding=(padding, padding), groups=x.shape[1])[:2]


def max_pool(x: Array) -> Array:
    return max_pool2d(x, window=(3, 3), stride=(2, 2), padding=(1, 1))


def max_pool_vjp(g: Array, x: Array) -> tuple[Array]:
    return max_pool2d_vjp(g, x, window=(3, 3), stride=(2, 2), padding=(1, 1))


def avg_pool(x: Array) -> Array:
    return avg_pool2d(x, window=(2, 2))


def avg_pool_vjp(g: Array, x: Array) -> tuple[Array]:
    return avg_pool2d_vjp(g, x, window=(2, 2))
