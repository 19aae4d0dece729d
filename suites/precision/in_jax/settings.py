"""float32 products under JAX's precision settings."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import jax

from ...in_jax.layers import conv2d as convolution
from ...in_jax.layers import linear as product

__all__ = ["convolution", "product", "refused", "setting", "value_and_gradients"]


def refused(error: Exception) -> bool:
    """Whether the device has no such algorithm, which JAX raises as ValueError."""
    return "is not supported" in str(error)


def setting(name: str) -> AbstractContextManager[Any]:
    """One setting inside, what was before outside."""
    inside: AbstractContextManager[Any] = jax.default_matmul_precision(name)
    return inside


def value_and_gradients(op: Callable[..., Any]) -> Callable[..., Any]:
    """``(x, w, g)`` to the value and its two gradients along g."""

    def run(x: Any, w: Any, g: Any) -> Any:
        y, pullback = jax.vjp(op, x, w)
        return y, *pullback(g)

    return run
