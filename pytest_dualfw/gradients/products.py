"""Products of a gradient with a direction, over all differentiated leaves."""

from typing import Any

import numpy as np

from ..frameworks.program import Arrays, Direction


def inner(grads: Arrays, direction: Direction) -> float:
    """<dx, u> = Re sum(conj(dx) u)."""
    pairs = ((d, u) for d, u in zip(grads, direction, strict=True) if u is not None)
    return float(sum(float(np.vdot(d, u).real) for d, u in pairs))


def inner_norm(grads: Arrays, direction: Direction) -> float:
    """|| dx o u ||_2: the size that <dx, u> has if its terms do not cancel."""
    terms = (d * u for d, u in zip(grads, direction, strict=True) if u is not None)
    return float(np.sqrt(sum(float(np.vdot(p, p).real) for p in terms)))


def inner_error(bounds: Arrays, direction: Direction) -> float:
    """How far <dx, u> may be off where each entry may be off by its bound."""
    pairs = ((b, u) for b, u in zip(bounds, direction, strict=True) if u is not None)
    return float(sum(float(np.sum(b * np.abs(u))) for b, u in pairs))


def restricted(direction: Direction, entries: Any) -> Direction:
    """The direction on these ``entries``, counted over all leaves that move, in a row; zero elsewhere."""
    mask = np.zeros(support(direction), dtype=bool)
    mask[entries] = True
    kept: Direction = []
    at = 0
    for u in direction:
        size = 0 if u is None else u.size
        mine, at = mask[at : at + size], at + size
        kept.append(np.where(mine.reshape(u.shape), u, 0) if u is not None and mine.any() else None)
    return kept


def support(direction: Direction) -> int:
    """How many entries the leaves that move have."""
    return sum(u.size for u in direction if u is not None)
