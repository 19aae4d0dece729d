"""How far a sum of products may lie from the exact one, entry by entry, in an arithmetic of unit roundoff u.

Source: N. J. Higham, Accuracy and Stability of Numerical Algorithms (2nd edition, 2002), section 3.1 and lemma 3.1.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..arrays import Array

Op = Callable[..., Any]


def gamma(n: Any, u: float) -> Array:
    """gamma_n = n u / (1 - n u): |fl(sum) - sum| <= gamma_n sum |terms| for n rounded operations in any order.

    ``n`` is a number or an array of them. Where n u reaches 1 nothing is promised: infinite.
    """
    nu = np.asarray(n, np.float64) * u
    with np.errstate(divide="ignore"):
        return np.where(nu < 1, nu / np.maximum(1 - nu, 0.0), np.inf)


def magnitude(op: Op, primals: tuple[Any, ...], **options: Any) -> Any:
    """sum |terms|, each entry's own, of an op that is linear in each primal: the op of absolute values."""
    return op(*(_like(np.abs, p) for p in primals), **options)


def terms(op: Op, primals: tuple[Any, ...], **options: Any) -> Any:
    """How many products each entry of such an op is the sum of: the op of ones."""
    return op(*(_like(np.ones_like, p) for p in primals), **options)


def accumulated(op: Op, primals: tuple[Any, ...], u: float, **options: Any) -> Any:
    """gamma_n sum |terms| for each entry, or for each array where the op returns several (a vjp)."""
    sizes, counts = magnitude(op, primals, **options), terms(op, primals, **options)
    if not isinstance(sizes, tuple):
        return gamma(counts, u) * sizes
    return tuple(None if s is None else gamma(n, u) * s for s, n in zip(sizes, counts, strict=True))


def _like(f: Callable[[Array], Any], p: Any) -> Any:
    """Indices and absent primals stay as they are."""
    return f(p) if isinstance(p, np.ndarray) and p.dtype.kind == "f" else p
