"""Layers in JAX: jax.lax for windows, jax.nn for standardising and attention, the rest spelled with jax.numpy."""

from typing import Any

import jax
import jax.numpy as jnp

from ._arrays import like

Pair = tuple[int, int]


def linear(x: Any, w: Any, b: Any = None) -> Any:
    y = x @ w.T
    return y if b is None else y + b


def linear_regression_loss(w: Any, b: Any, x: Any, t: Any) -> Any:
    return jnp.mean((x @ w + b - t) ** 2)


def conv2d(
    x: Any,
    w: Any,
    b: Any = None,
    *,
    stride: Pair = (1, 1),
    padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
    groups: int = 1,
) -> Any:
    y = jax.lax.conv_general_dilated(
        x,
        w,
        window_strides=stride,
        padding=_both_sides(padding),
        rhs_dilation=dilation,
        dimension_numbers=("NCHW", "OIHW", "NCHW"),
        feature_group_count=groups,
    )
    return y if b is None else y + b[:, None, None]


def conv_transpose2d(x: Any, w: Any, b: Any = None, *, stride: Pair = (1, 1), padding: Pair = (0, 0)) -> Any:
    """jax.lax pads the picture that it widens: by the kernel less one, less what torch cuts off."""
    around = tuple(k - 1 - n for k, n in zip(w.shape[2:], padding, strict=True))
    y = jax.lax.conv_transpose(
        x, w, stride, _both_sides(around), dimension_numbers=("NCHW", "OIHW", "NCHW"), transpose_kernel=True
    )
    return y if b is None else y + b[:, None, None]


def max_pool2d(x: Any, *, window: Pair, stride: Pair | None = None, padding: Pair = (0, 0)) -> Any:
    return _over_windows(x, -jnp.inf, jax.lax.max, window, stride, padding)


def avg_pool2d(
    x: Any, *, window: Pair, stride: Pair | None = None, padding: Pair = (0, 0), count_include_pad: bool = True
) -> Any:
    total = _over_windows(x, 0.0, jax.lax.add, window, stride, padding)
    if count_include_pad:
        return total / (window[0] * window[1])
    return total / _over_windows(jnp.ones_like(x), 0.0, jax.lax.add, window, stride, padding)


def batch_norm(x: Any, w: Any, b: Any, *, eps: float = 1e-5) -> Any:
    return _channels(w, x) * _standardised(x, _axes(x), eps) + _channels(b, x)


def batch_norm_running(x: Any, mean: Any, var: Any, *, momentum: float = 0.1) -> tuple[Any, Any]:
    mu, s2 = jnp.mean(x, _axes(x)), jnp.var(x, _axes(x), correction=1)
    return (1 - momentum) * mean + momentum * mu, (1 - momentum) * var + momentum * s2


def batch_norm_eval(x: Any, w: Any, b: Any, mean: Any, var: Any, *, eps: float = 1e-5) -> Any:
    given = {"mean": _channels(mean, x), "variance": _channels(var, x)}
    return _channels(w, x) * jax.nn.standardize(x, axis=_axes(x), epsilon=eps, **given) + _channels(b, x)


def layer_norm(x: Any, w: Any, b: Any, *, eps: float = 1e-5) -> Any:
    return w * _standardised(x, -1, eps) + b


def rms_norm(x: Any, w: Any, *, eps: float = 1e-6) -> Any:
    wide = _wide(x)
    return w * (wide * jax.lax.rsqrt(jnp.mean(wide**2, axis=-1, keepdims=True) + eps)).astype(x.dtype)


def embedding(indices: Any, w: Any) -> Any:
    return jnp.take(w, indices, axis=0)


def dropout(x: Any, mask: Any, *, rate: float) -> Any:
    return jnp.where(mask, x / (1 - rate), 0)


def attention(q: Any, k: Any, v: Any, *, mask: Any = None, causal: bool = False, scale: float | None = None) -> Any:
    """jax.nn keeps the heads behind the sequence, and the mask's heads before it."""
    q, k, v = (jnp.swapaxes(a, -3, -2) for a in (q, k, v))
    y = jax.nn.dot_product_attention(q, k, v, mask=like(mask, q), is_causal=causal, scale=scale)
    return jnp.swapaxes(y, -3, -2)


def multi_head_attention(
    x: Any, w_in: Any, b_in: Any, w_out: Any, b_out: Any, *, heads: int, causal: bool = False
) -> Any:
    """JAX has none, so this is spelled plainly."""
    q, k, v = (a.reshape(*x.shape[:2], heads, -1) for a in jnp.split(linear(x, w_in, b_in), 3, axis=-1))
    scores = jnp.einsum("nlhd,nshd->nhls", q, k) / q.shape[-1] ** 0.5
    if causal:
        scores = jnp.where(jnp.tri(x.shape[1], dtype=bool), scores, -jnp.inf)
    y = jnp.einsum("nhls,nshd->nlhd", jax.nn.softmax(scores), v)
    return linear(y.reshape(x.shape), w_out, b_out)


def _standardised(x: Any, axes: Any, eps: float) -> Any:
    """jax.nn.standardize, told the variance: its own, mean(x^2) - mean(x)^2, cancels where the mean is large."""
    wide = _wide(x)
    var = jnp.var(wide, axes, keepdims=True)
    return jax.nn.standardize(wide, axes, variance=var, epsilon=eps).astype(x.dtype)


def _wide(x: Any) -> Any:
    """``x`` in float32 at least, as Flax normalises: the slope of rsqrt at a small eps is beyond float16."""
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))


def _over_windows(x: Any, start: float, reduce: Any, window: Pair, stride: Pair | None, padding: Pair) -> Any:
    steps = window if stride is None else stride
    ends = ((0, 0), (0, 0), *_both_sides(padding))
    return jax.lax.reduce_window(x, start, reduce, (1, 1, *window), (1, 1, *steps), ends)


def _both_sides(padding: tuple[int, ...]) -> tuple[Pair, ...]:
    return tuple((p, p) for p in padding)


def _axes(x: Any) -> tuple[int, ...]:
    return (0, *range(2, x.ndim))


def _channels(v: Any, x: Any) -> Any:
    """(C,) to (C, 1, 1), so that it meets the channels of ``x``."""
    return v.reshape(-1, *[1] * (x.ndim - 2))
