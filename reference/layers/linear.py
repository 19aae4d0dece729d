"""The affine map of the last axis."""

import numpy as np

from ..arrays import Array


def linear(x: Array, w: Array, b: Array | None = None) -> Array:
    """Affine map of the last axis: y = x w^T + b.

    x (..., I), w (O, I), b (O,) or None, y (..., O). One row of ``w`` belongs to one output.

    Source: torch.nn.functional.linear. (flax.linen.Dense keeps the transposed layout, kernel (I, O).)
    """
    y: Array = x @ w.T
    return y if b is None else y + b


def linear_vjp(g: Array, x: Array, w: Array, b: Array | None = None) -> tuple[Array, Array, Array | None]:
    """y_o = sum_i x_i w_oi + b_o, so dx_i = sum_o g_o w_oi, dw_oi = sum g_o x_i and db_o = sum g_o.

    The last two sums run over all leading axes, since every row of ``x`` meets the same ``w`` and ``b``.
    """
    leading = tuple(range(x.ndim - 1))
    dx = g @ w
    dw = np.tensordot(g, x, axes=(leading, leading))  # O,I
    db = None if b is None else np.sum(g, axis=leading)
    return dx, dw, db
