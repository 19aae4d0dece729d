"""Worst cases of a row of numbers: from the worst points of the sweep uphill, by small movements of their arguments.

Sweeping all floats is possible in 16 bits only; in the others a search from the worst of the usual points finds errors
a few times larger. What it finds is a lower bound.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .judge import ACCURACY, FINE
from .points import Floats, smallest_normal
from .row import Row
from .seen import Seen

# So many of the worst points are kept, moved so often in so many directions.
KEPT, ROUNDS, AROUND = 2, 4, 24
# A movement is a part of the argument between these powers of two.
LEAST, MOST = -30, -1

Judge = Callable[[Sequence[Floats]], Sequence[Seen]]


def climbed(
    seen: Sequence[Seen], row: Row, dtype: np.dtype[Any], rng: np.random.Generator, judged: Judge
) -> list[Seen]:
    """The worst that was met of the value and of each derivative; ``judged`` looks at new points."""
    best = {what: _worst(seen, what) for what in ("value", *(f"d/d{n}" for n in row.arguments))}
    for _ in range(ROUNDS):
        starts = [s.xs for kept in best.values() for s in kept]
        columns = _around(starts, row, dtype, rng) if starts else []
        if not len(columns) or not len(columns[0]):
            break
        new = judged(columns)
        best = {what: _worst([*kept, *new], what) for what, kept in best.items()}
    return [s for kept in best.values() for s in kept]


def _worst(seen: Sequence[Seen], what: str) -> list[Seen]:
    """By the error over the bound of conditioning; a defect is no place to start from."""
    there = [s for s in seen if s.what == what and s.judged.kind in (FINE, ACCURACY) and s.judged.excess]
    return sorted(there, key=lambda s: -s.judged.excess)[:KEPT]


def _around(
    starts: Sequence[tuple[float, ...]], row: Row, dtype: np.dtype[Any], rng: np.random.Generator
) -> list[Floats]:
    at = np.repeat(np.array(starts), AROUND, axis=0)
    moved = at * (1 + rng.choice([-1.0, 1.0], at.shape) * 2.0 ** rng.uniform(LEAST, MOST, at.shape))
    with np.errstate(over="ignore", under="ignore"):
        wide = moved.astype(dtype).astype(np.float64)
    low, high = np.array(row.domain).T
    inside = np.all((wide >= low) & (wide <= high) & np.isfinite(wide), axis=1)
    normal = np.all((wide == 0) | (np.abs(wide) >= smallest_normal(dtype.name)), axis=1)
    return [column.astype(dtype) for column in np.unique(wide[inside & normal], axis=0).T]
