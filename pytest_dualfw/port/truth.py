"""The torch side of a comparison: its run, how far rounding can move each number of it, and its runs under edits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optree

from ..tolerance import JITTER_DRAWS, UNIT_ROUNDOFF, Floats, bare_bound, conditioned_bound, jitter
from .model import Array, Edit, Point, Run, Weights


@dataclass(frozen=True)
class Given:
    """What both sides are run on."""

    values: dict[str, Array]
    inputs: tuple[Any, ...]
    weights: Weights

    def jittered(self, u: float, rng: np.random.Generator) -> "Given":
        """Every floating number moved by at most one rounding."""

        def moved(x: Any) -> Any:
            x = np.asarray(x)
            return jitter(x.astype(np.float64), u, rng) if x.dtype.kind == "f" else x

        values = {name: moved(x) for name, x in self.values.items()}
        return Given(values, tuple(optree.tree_map(moved, x) for x in self.inputs), self.weights)


class Truth:
    """The module in float64, and three runs from jittered numbers; ``dtype`` is the one whose rounding is allowed."""

    def __init__(self, port: Any, given: Given, dtype: str = "float64") -> None:
        self.port, self.given, self.dtype = port, given, dtype
        rng = np.random.default_rng([given.weights.seed, 11])
        self.run: Run = self._run(given)
        self._moved = [self._run(given.jittered(UNIT_ROUNDOFF[dtype], rng)) for _ in range(JITTER_DRAWS)]

    def _run(self, given: Given) -> Run:
        run: Run = self.port.run(given.values, given.inputs, given.weights)
        return run

    def edited(self, edits: Mapping[int, Edit], backward: bool = False, look: bool = False) -> Run:
        """``look``: keep its points too."""
        run: Run = self.port.run(self.given.values, self.given.inputs, self.given.weights, edits, backward, look)
        return run

    def bound(self, of: Any) -> Array:
        """How far ``of(run)`` may be off: what rounding the inputs once does, and a quarter of the digits for another
        order of operations, whose conditioning is not known.
        """
        centre = np.asarray(of(self.run), dtype=np.float64)
        return allowed(centre, [np.asarray(of(run)) for run in self._moved], self.dtype)

    def point_bound(self, i: int) -> Array:
        return self.bound(lambda run: run.points[i].value)

    def cotangent_bound(self, i: int) -> Array:
        return self.bound(lambda run: run.points[i].cotangent)


def allowed(centre: Floats, moved: Sequence[Array], dtype: str) -> Array:
    """The bound of numbers that lie at ``centre`` and, after their inputs were rounded, at ``moved``."""
    spread = np.zeros(centre.shape)
    for other in moved:
        with np.errstate(invalid="ignore"):
            gap = np.abs(other - centre)
        spread = np.fmax(spread, np.where(np.isfinite(gap), gap, 0.0))
    return np.asarray(conditioned_bound(centre, spread, dtype) + bare_bound(centre, dtype))


def is_plain(point: Point) -> bool:
    """Nothing to recognise it by: no floats, or one number again and again."""
    if not point.floating:
        return True
    finite = point.value[np.isfinite(point.value)]
    return not finite.size or (point.value.size > 1 and bool(np.all(finite == finite.flat[0])))
