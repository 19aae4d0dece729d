"""Integers in place of numbers: q = clip(round(x / s) + z), x^ = s (q - z), rounding halves to even.

Sources: B. Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference
(CVPR 2018), section 2; for the gradients Y. Bengio et al., Estimating or Propagating Gradients Through Stochastic
Neurons (arXiv:1308.3432, 2013), S. K. Esser et al., Learned Step Size Quantization (ICLR 2020), section 2.1, and
Y. Bhalgat et al., LSQ+ (CVPR Workshops 2020), section 3.1.

A scale s and a zero point z are numbers, or arrays that stand along ``axis`` of x, one for each channel. ``span`` is
the smallest and the largest integer.
"""

from typing import Any

import numpy as np

from ..arrays import Array

Integers = np.ndarray[Any, np.dtype[np.int64]]
Span = tuple[int, int]


def symmetric_scale(x: Array, span: Span, axis: int | None = None) -> Array:
    """s = max|x| / max(span): zero stays zero, and nothing is clipped."""
    return np.asarray(np.max(np.abs(x), axis=_others(x, axis)) / span[1])


def affine_scale(x: Array, span: Span, axis: int | None = None) -> tuple[Array, Array]:
    """s and z by which the range of x, widened to hold 0, fills the span: s = (b - a) / (max - min), z = min - a / s.

    z is rounded to an integer: zero is represented exactly.
    """
    a = np.minimum(np.min(x, axis=_others(x, axis)), 0.0)
    b = np.maximum(np.max(x, axis=_others(x, axis)), 0.0)
    s = np.asarray((b - a) / (span[1] - span[0]))
    return s, np.clip(np.round(span[0] - a / s), *span)


def quantise(x: Array, s: Any, z: Any, *, span: Span, axis: int | None = None) -> Integers:
    """q = clip(round(x / s) + z, *span), as int64."""
    s, z = _along(x, s, axis), _along(x, z, axis)
    q: Integers = np.clip(np.round(x / s) + z, *span).astype(np.int64)
    return q


def dequantise(q: Integers, s: Any, z: Any, *, axis: int | None = None) -> Array:
    """x^ = s (q - z)."""
    return np.asarray(_along(q, s, axis) * (q - _along(q, z, axis)))


def fake_quantise(x: Array, s: Any, z: Any, *, span: Span, axis: int | None = None) -> Array:
    """dequantise(quantise(x)): what training sees of a quantised tensor."""
    return dequantise(quantise(x, s, np.round(z), span=span, axis=axis), s, np.round(z), axis=axis)


def fake_quantise_vjp(
    g: Array, x: Array, s: Any, z: Any, *, span: Span, axis: int | None = None
) -> tuple[Array, Array, Array]:
    """Straight through: round(v) counts as v + c with c constant, d round(v) / dv = 1.

    Inside the span x^ = s (x / s + c) with c = round(x / s) - x / s, hence dx = g, ds = sum g c, dz = 0. Where the
    integer is clipped to k, x^ = s (k - z), hence dx = 0, ds = sum g (k - z), dz = -s sum g. The sums run over
    the channel. The bounds themselves lie inside.
    """
    scale, zero = _along(x, s, axis), np.round(_along(x, z, axis))
    q = np.round(x / scale) + zero
    inside = (q >= span[0]) & (q <= span[1])
    over = _others(x, axis)
    ds = np.sum(g * np.where(inside, np.round(x / scale) - x / scale, np.clip(q, *span) - zero), axis=over)
    dz = np.sum(np.where(inside, 0.0, -g * scale), axis=over)
    return g * inside, ds.reshape(np.shape(s)), dz.reshape(np.shape(z))


def integer_product(q: Integers, zx: Any, k: Integers, zk: Any) -> Integers:
    """sum_i (q_ni - zx) (k_oi - zk) for q (N,I) and k (O,I): exact in int32 while I 255^2 < 2^31."""
    product: Integers = (q - zx) @ (k - _along(k, zk, 0)).T
    return product


def weight_error(x: Array, s: Any) -> Array:
    """|x w^T - x w^^T| <= sum_i |x_i| s / 2 for weights that were not clipped; s of each output, or one for all."""
    return np.asarray(np.sum(np.abs(x), axis=-1, keepdims=True) * np.asarray(s) / 2)


def _others(x: Array, axis: int | None) -> tuple[int, ...]:
    return tuple(i for i in range(x.ndim) if i != axis)


def _along(x: Any, s: Any, axis: int | None) -> Array:
    """A number as it is; one for each channel in the shape that broadcasts along the axis."""
    s = np.asarray(s)
    shape = [-1 if i == axis else 1 for i in range(x.ndim)]
    return s if axis is None or s.ndim == 0 else np.asarray(s.reshape(shape))
