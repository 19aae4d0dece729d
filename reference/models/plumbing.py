"""What stands between the layers of a model: sums, products, reshapes, picks. Each with its vjp."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Indices

Mask: TypeAlias = NDArray[np.bool_[Any]]


def identity(x: Array) -> Array:
    """y = x."""
    return x


def identity_vjp(g: Array, x: Array) -> tuple[Array]:
    """dx = g."""
    return (g,)


def add(a: Array, b: Array) -> Array:
    """y = a + b, broadcast as NumPy does."""
    return np.asarray(a + b)


def add_vjp(g: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """Each summand receives g, summed over the axes along which it was repeated."""
    return _unbroadcast(g, a.shape), _unbroadcast(g, b.shape)


def multiply(a: Array, b: Array) -> Array:
    """y = a b elementwise, broadcast as NumPy does."""
    return np.asarray(a * b)


def multiply_vjp(g: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """da = g b and db = g a, summed over the axes along which they were repeated."""
    return _unbroadcast(g * b, a.shape), _unbroadcast(g * a, b.shape)


def scaled(x: Array, *, by: float) -> Array:
    """y = by x."""
    return x * by


def scaled_vjp(g: Array, x: Array, *, by: float) -> tuple[Array]:
    """dx = by g."""
    return (g * by,)


def reshaped(x: Array, *, shape: Sequence[int]) -> Array:
    """The same numbers in another shape, the last index fastest."""
    return x.reshape(tuple(shape))


def reshaped_vjp(g: Array, x: Array, *, shape: Sequence[int]) -> tuple[Array]:
    """dx is g in the shape of x."""
    return (g.reshape(x.shape),)


def transposed(x: Array, *, axes: Sequence[int]) -> Array:
    """Axis i of y is axis axes[i] of x."""
    return x.transpose(tuple(axes))


def transposed_vjp(g: Array, x: Array, *, axes: Sequence[int]) -> tuple[Array]:
    """The inverse permutation brings g back."""
    return (g.transpose(tuple(np.argsort(axes))),)


def picked(x: Array, *, index: int, axis: int) -> Array:
    """One slice along an axis, which disappears: y = x[..., index, ...]."""
    return np.asarray(np.take(x, index, axis=axis))


def picked_vjp(g: Array, x: Array, *, index: int, axis: int) -> tuple[Array]:
    """The slice receives g, all others nothing."""
    dx = np.zeros(x.shape, g.dtype)
    np.moveaxis(dx, axis, 0)[index] = g
    return (dx,)


def picked_at(x: Array, indices: Indices) -> Array:
    """For each row of a batch its own step: y[n] = x[indices[n], n], x (T,N,...), indices (N,)."""
    return np.asarray(x[indices, np.arange(x.shape[1])])


def picked_at_vjp(g: Array, x: Array, indices: Indices) -> tuple[Array, None]:
    """dx[indices[n], n] = g[n], zero elsewhere."""
    dx = np.zeros(x.shape, g.dtype)
    dx[indices, np.arange(x.shape[1])] = g
    return dx, None


def concatenated(*parts: Array, axis: int) -> Array:
    """The parts one behind the other along an axis."""
    return np.concatenate(parts, axis=axis)


def concatenated_vjp(g: Array, *parts: Array, axis: int) -> tuple[Array, ...]:
    """Each part receives its piece of g."""
    ends = np.cumsum([p.shape[axis] for p in parts])[:-1]
    return tuple(np.split(g, ends, axis=axis))


def parted(x: Array, *, count: int, axis: int) -> tuple[Array, ...]:
    """Equal parts along an axis."""
    return tuple(np.split(x, count, axis=axis))


def parted_vjp(g: tuple[Array, ...], x: Array, *, count: int, axis: int) -> tuple[Array]:
    """The parts of dx are the cotangents, side by side."""
    return (np.concatenate(g, axis=axis),)


def stacked(*parts: Array, axis: int) -> Array:
    """Arrays of one shape along a new axis."""
    return np.stack(parts, axis=axis)


def stacked_vjp(g: Array, *parts: Array, axis: int) -> tuple[Array, ...]:
    """Each part receives its slice of g."""
    return tuple(np.moveaxis(g, axis, 0))


def masked(x: Array, allowed: Mask) -> Array:
    """x where it is allowed and minus infinity elsewhere, which a softmax turns into 0; ``allowed`` is broadcast."""
    return np.where(allowed, x, -np.inf)


def masked_vjp(g: Array, x: Array, allowed: Mask) -> tuple[Array, None]:
    """g where it is allowed, nothing elsewhere."""
    return np.where(allowed, g, 0), None


def matmul(a: Array, b: Array) -> Array:
    """y = a b over the last two axes, a (..., L, S), b (..., S, V); leading axes are equal, or ``b`` has none."""
    return np.asarray(a @ b)


def matmul_vjp(g: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """y_lv = sum_s a_ls b_sv, so da = g b^T and db = a^T g, summed over the axes along which b was repeated."""
    return g @ b.swapaxes(-1, -2), _unbroadcast(a.swapaxes(-1, -2) @ g, b.shape)


def averaged(x: Array, *, axes: Sequence[int]) -> Array:
    """The mean over some axes, which disappear."""
    return np.asarray(np.mean(x, axis=tuple(axes)))


def averaged_vjp(g: Array, x: Array, *, axes: Sequence[int]) -> tuple[Array]:
    """Each of the n entries of a mean receives g / n."""
    spread = np.broadcast_to(np.expand_dims(g, tuple(axes)), x.shape)
    return (spread * (g.size / x.size if g.size else 0.0),)


def _unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    extra = tuple(range(g.ndim - len(shape)))
    repeated = tuple(i + len(extra) for i, n in enumerate(shape) if n == 1 and g.shape[i + len(extra)] != 1)
    return np.asarray(np.sum(g, axis=(*extra, *repeated), keepdims=True).reshape(shape))
