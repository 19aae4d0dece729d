"""Long sums: JAX's own ops, in the dtype of their arguments."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

NCHW = ("NCHW", "OIHW", "NCHW")


def sum(x: Any) -> Any:  # noqa: A001
    return jnp.sum(x)


def mean(x: Any) -> Any:
    return jnp.mean(x)


def sum_in_float32(x: Any) -> Any:
    return jnp.sum(x, dtype=jnp.float32)


def mean_in_float32(x: Any) -> Any:
    return jnp.mean(x, dtype=jnp.float32)


def cumsum(x: Any) -> Any:
    return jnp.cumsum(x)


def norm(x: Any) -> Any:
    return jnp.linalg.norm(x)


def variance(x: Any) -> Any:
    return jnp.var(x)


def softmax(x: Any) -> Any:
    return jax.nn.softmax(x)


def softmax_in_float32(x: Any) -> Any:
    return jax.nn.softmax(x.astype(jnp.float32))


def logsumexp(x: Any) -> Any:
    return jax.nn.logsumexp(x)


def layer_norm(x: Any) -> Any:
    return jax.nn.standardize(x, epsilon=0.0)


def dot(x: Any, w: Any) -> Any:
    return jnp.dot(x, w)


def matmul(x: Any, w: Any) -> Any:
    return jnp.matmul(x, w)


def matmul_to_float32(x: Any, w: Any) -> Any:
    return jnp.matmul(x, w, preferred_element_type=jnp.float32)


def convolution(x: Any, w: Any) -> Any:
    return lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=NCHW)


def bias_gradient(g: Any) -> Any:
    """Of a bias added to each of n rows."""
    return jax.vjp(lambda b: jnp.zeros_like(g) + b, jnp.zeros_like(g[0]))[1](g)[0]


def weight_gradient(x: Any, g: Any) -> Any:
    """Of a linear layer over a batch of n."""
    return jax.vjp(lambda w: x @ w.T, jnp.zeros((g.shape[1], x.shape[1]), x.dtype))[1](g)[0]


def segment_sum(x: Any, segment: Any) -> Any:
    return jax.ops.segment_sum(x, segment, 2)


def embedding_gradient(g: Any, token: Any) -> Any:
    """Of a table of two rows, each read n / 2 times."""
    return jax.vjp(lambda table: table[token], jnp.zeros((2, g.shape[1]), g.dtype))[1](g)[0]
