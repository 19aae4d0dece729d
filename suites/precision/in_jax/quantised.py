"""Integers in place of numbers, in plain JAX: rounding that counts as constant when it is differentiated."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax

Span = tuple[int, int]


def fake_quantise(x: Any, s: Any, z: Any, *, span: Span, axis: int | None, learned: bool) -> Any:
    if not learned:
        s, z = lax.stop_gradient(s), lax.stop_gradient(z)
    shape = [1] * x.ndim if axis is None else [-1 if i == axis else 1 for i in range(x.ndim)]
    s, z = s.reshape(shape), _rounded(z.reshape(shape))
    k = _rounded(x / s) + z
    clipped = jnp.where(k < span[0], span[0], jnp.where(k > span[1], span[1], k))
    return s * (clipped - z)


def loss(op: Any, of_weights: Any, of_inputs: Any) -> Callable[..., Any]:
    """``((w, sw, sx, zx), x, t)`` to the loss of a quantised layer, and its output."""

    def run(leaves: Any, x: Any, t: Any) -> Any:
        w, sw, sx, zx = leaves
        w_hat = op(w, sw, jnp.zeros_like(sw), learned=True, **of_weights)
        y = op(x, sx, zx, learned=True, **of_inputs) @ w_hat.T
        return jnp.mean((y - t) ** 2), y

    return run


def product(op: Any, **options: Any) -> Callable[..., Any]:
    return lambda x, w, s, z: x @ op(w, s, z, learned=False, **options).T


def integer_product(x: Any, w: Any, zx: Any, zw: Any) -> Any:
    """sum (x - zx) (w - zw), the product of int8 accumulated in int32 and corrected by sums."""
    raw = lax.dot_general(x, w, (((1,), (1,)), ((), ())), preferred_element_type=jnp.int32)
    sums_x, sums_w = jnp.sum(x, axis=1, dtype=jnp.int32), jnp.sum(w, axis=1, dtype=jnp.int32)
    return raw - zw * sums_x[:, None] - zx * sums_w + x.shape[1] * zx * zw


def _rounded(v: Any) -> Any:
    """The nearest integer, halves to the even one; its derivative counts as 1."""
    return v + lax.stop_gradient(jnp.round(v) - v)
