"""Running sums, a stable sort, and the transpose in its own memory."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def cumsum(x: Array) -> Array:
    """y_j = x_0 + ... + x_j along each row."""
    return np.cumsum(x, axis=1)


def cumsum_vjp(g: Array, x: Array) -> tuple[Array]:
    """x_j enters y_j and all later ones: dx_j = g_j + g_{j+1} + ..."""
    return (np.cumsum(g[:, ::-1], axis=1)[:, ::-1],)


def sort(x: Array) -> Array:
    """Each row in ascending order; equal entries keep their order."""
    return np.take_along_axis(x, _order(x), axis=1)


def sort_vjp(g: Array, x: Array) -> tuple[Array]:
    """Each entry of the result is one of x: its gradient goes back to that place."""
    dx = np.empty_like(g)
    np.put_along_axis(dx, _order(x), g, axis=1)
    return (dx,)


def transpose_copy(x: Array) -> Array:
    return np.ascontiguousarray(x.T)


def transpose_copy_vjp(g: Array, x: Array) -> tuple[Array]:
    return (g.T,)


def _order(x: Array) -> Any:
    return np.argsort(x.real, axis=1, kind="stable")
