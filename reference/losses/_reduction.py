"""The last step of every loss: what becomes of the elementwise terms."""

import numpy as np

from ..arrays import Array


def reduce(terms: Array, reduction: str, divisor: float | None = None) -> Array:
    """``none`` keeps the terms, ``sum`` adds them, ``mean`` divides the sum by ``divisor``, by default their number.

    A mean with divisor 0 is nan. Raises ValueError for any other name.
    """
    if reduction == "none":
        return terms
    if reduction == "sum":
        return np.asarray(np.sum(terms))
    if reduction == "mean":
        n = terms.size if divisor is None else divisor
        return np.asarray(np.sum(terms) / n if n else np.nan)
    raise ValueError(f"reduction is {reduction!r}; allowed are none, sum and mean")


def reduce_vjp(g: Array, shape: tuple[int, ...], reduction: str, divisor: float | None = None) -> Array:
    """Cotangent of the terms: the sum spreads ``g`` to each of them, the mean divides it by the divisor.

    Nothing reaches the terms through a mean with divisor 0.
    """
    spread = np.broadcast_to(g, shape)
    if reduction in ("none", "sum"):
        return spread
    if reduction == "mean":
        n = spread.size if divisor is None else divisor
        return spread / n if n else np.zeros(shape)
    raise ValueError(f"reduction is {reduction!r}; allowed are none, sum and mean")
