"""Where the two sides part: the first value on the way from the inputs, the first cotangent on the way back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .align import Alignment, Match
from .model import Array, Point, Run
from .truth import Truth, is_plain


@dataclass(frozen=True)
class Parting:
    """The point at which they part, by how much, and the JAX value that stands where its partner should."""

    point: Point
    error: float
    bound: float
    partner: str


class Located:
    """Torch points that the JAX run holds too, and what lies between those and the result."""

    def __init__(self, truth: Truth, jax: Run) -> None:
        self.truth, self.jax = truth, jax
        self.alignment = Alignment(jax.points)
        self.points: list[Point] = truth.run.points

    def parts_later(self, run: Run) -> bool:
        """Whether torch, run with some edits, agrees with JAX up to a later point than without."""
        edited = Located(self.truth, self.jax)
        edited.alignment, edited.points = self.alignment, run.points
        return not edited.frontier or edited.frontier[0] > self.frontier[0]

    @cached_property
    def matched(self) -> dict[int, list[Match]]:
        """For each torch point the JAX points that hold its numbers; points that say nothing count as there."""
        found: dict[int, list[Match]] = {}
        for i, point in enumerate(self.points):
            if is_plain(point):
                found[i] = []
            elif matches := list(self.alignment.matches(point.value, self.truth.point_bound(i))):
                found[i] = matches
        return found

    @cached_property
    def region(self) -> list[int]:
        """Points without a partner that the result depends on through points without one, in order."""
        start = self.truth.run.start
        seen: set[int] = set()
        todo = [] if start is None else [start]
        while todo:
            i = todo.pop()
            if i not in seen and i not in self.matched:
                seen.add(i)
                todo += self.points[i].parents
        return sorted(seen)

    @cached_property
    def frontier(self) -> list[int]:
        """Those of them whose own inputs all have a partner."""
        return [i for i in self.region if all(p in self.matched for p in self.points[i].parents)]

    def forward(self, at: int | None = None) -> Parting | None:
        """The first value that parts, held against the JAX value that comes nearest after what still agreed."""
        at = self.frontier[0] if at is None and self.frontier else at
        if at is None:
            return None
        point, bound = self.points[at], self.truth.point_bound(at)
        after = max((m.index for p in point.parents for m in self.matched.get(p, [])[:1]), default=-1)
        near = self.alignment.nearest(point.value, after)
        if near is None:
            return Parting(point, float("inf"), float(np.max(bound, initial=0.0)), "")
        error, allowed = worst(near.carry(near.point.value), point.value, bound)
        return Parting(point, error, allowed, near.point.place)

    def cotangents(self) -> Iterator[tuple[int, bool, float, float, str]]:
        """Walking back from the loss: each torch point with a partner, and whether their cotangents agree."""
        for i in sorted(self.matched, reverse=True):
            point = self.points[i]
            known = [(m, c) for m in self.matched[i] if (c := m.point.cotangent) is not None]
            if point.cotangent is None or not known:
                continue
            bound = self.truth.cotangent_bound(i)
            told = [(worst(m.carry(c), point.cotangent, bound), m) for m, c in known]
            (error, allowed), best = min(told, key=lambda t: t[0][0])
            yield i, error <= allowed, error, allowed, best.point.place

    @cached_property
    def consumers(self) -> Mapping[int, list[int]]:
        users: dict[int, list[int]] = {}
        for i, point in enumerate(self.points):
            for parent in point.parents:
                users.setdefault(parent, []).append(i)
        return users


def worst(obtained: Array, expected: Array, bound: Array) -> tuple[float, float]:
    """Error and bound at the entry that is furthest outside."""
    if not expected.size:
        return 0.0, 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(obtained == expected, 0.0, np.abs(obtained.astype(np.float64) - expected))
        error = np.where(np.isnan(error), np.inf, error)
        error = np.where(np.isneginf(expected) & (obtained < -1e9), 0.0, error)  # a mask says it one way or the other
        excess = np.where(error == 0, 0.0, error / bound)
    at = np.unravel_index(int(np.argmax(excess)), expected.shape)
    return float(error[at]), float(bound[at])
