"""Convolutions and pooling."""

import mpmath as mp
import numpy as np

from ..formulas.arrays import mean
from ..formulas.windows import convolution, largest, pooled, root_of_squares, transposed
from ..tensors import HUGE, INFINITE, TIES, TINY, ZEROS, Input, TensorRow, each, shaped
from .inputs import products


def few(*shapes: tuple[int, ...]) -> tuple[Input, ...]:
    """Of products, without the inputs that tell little of many terms."""
    return products(*shapes, skip=(TIES, TINY, INFINITE))


LINE = shaped((1, 2, 5))
# Where windows overlap, ties leave many derivatives right.
UNTIED = shaped((1, 2, 5), skip=(TIES, ZEROS))
IMAGE = shaped((1, 1, 3, 4))
FEW_IMAGE = shaped((1, 1, 3, 4), skip=(TINY, INFINITE))

WINDOWS: tuple[TensorRow, ...] = (
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
)
