"""The lookup of table rows."""

import numpy as np

from ..arrays import Array, Indices


def embedding(indices: Indices, w: Array) -> Array:
    """Rows of a table: y[...] = w[indices[...]].

    indices of any shape, each from 0 to V - 1, w (V, E), y (*indices.shape, E). Any other index raises ValueError,
    as torch raises too. JAX counts a negative one from the end; beyond that jnp.take gives NaN and w[indices] clamps.

    Source: torch.nn.functional.embedding; flax.linen.Embed.
    """
    _check_range(indices, w.shape[0])
    y: Array = w[indices]
    return y


def embedding_vjp(g: Array, indices: Indices, w: Array) -> tuple[None, Array]:
    """y is onehot(indices) w, so dw = onehot^T g: row v collects g wherever v was looked up, repeats added."""
    _check_range(indices, w.shape[0])
    dw = np.zeros(w.shape, g.dtype)
    np.add.at(dw, indices, g)  # unlike dw[indices] += g, this adds every repeat
    return None, dw


def _check_range(indices: Indices, rows: int) -> None:
    wrong = indices[(indices < 0) | (indices >= rows)]
    if wrong.size:
        raise ValueError(f"indices hold {wrong[0]}; allowed are 0 to {rows - 1}")
