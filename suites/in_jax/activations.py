"""Activations of jax.nn."""

from typing import Any

import jax


def sigmoid(x: Any) -> Any:
    return jax.nn.sigmoid(x)


def tanh(x: Any) -> Any:
    return jax.nn.tanh(x)


def relu(x: Any) -> Any:
    return jax.nn.relu(x)


def leaky_relu(x: Any, *, slope: float = 0.01) -> Any:
    return jax.nn.leaky_relu(x, negative_slope=slope)


def elu(x: Any, *, alpha: float = 1.0) -> Any:
    return jax.nn.elu(x, alpha=alpha)


def silu(x: Any) -> Any:
    return jax.nn.silu(x)


def softplus(x: Any) -> Any:
    return jax.nn.softplus(x)


def gelu(x: Any, *, approximate: str = "none") -> Any:
    return jax.nn.gelu(x, approximate=approximate == "tanh")


def softmax(x: Any, *, axis: int = -1) -> Any:
    return jax.nn.softmax(x, axis=axis)


def log_softmax(x: Any, *, axis: int = -1) -> Any:
    return jax.nn.log_softmax(x, axis=axis)


def logsumexp(x: Any, *, axis: int = -1, keepdims: bool = False) -> Any:
    return jax.nn.logsumexp(x, axis=axis, keepdims=keepdims)
