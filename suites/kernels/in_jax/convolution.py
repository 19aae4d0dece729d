"""jax.lax's windows, in torch's layout: pictures NCHW, filters OIHW."""

from typing import Any

import jax
import jax.numpy as jnp


def conv2d_3x3(x: Any, w: Any, *, stride: int = 1, padding: int = 0, groups: int = 1) -> Any:
    return jax.lax.conv_general_dilated(
        x,
        w,
        window_strides=(stride, stride),
        padding=((padding, padding), (padding, padding)),
        dimension_numbers=("NCHW", "OIHW", "NCHW"),
        feature_group_count=groups,
    )


conv2d_stem = conv2d_1x1 = conv2d_3x3


def depthwise_conv(x: Any, w: Any, *, padding: int) -> Any:
    return conv2d_3x3(x, w, padding=padding, groups=x.shape[1])


def max_pool(x: Any) -> Any:
    around = ((0, 0), (0, 0), (1, 1), (1, 1))
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1, 3, 3), (1, 1, 2, 2), around)


def avg_pool(x: Any) -> Any:
    return jax.lax.reduce_window(x, 0.0, jax.lax.add, (1, 1, 2, 2), (1, 1, 2, 2), "VALID") / 4
