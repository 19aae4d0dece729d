"""Which intermediate of the JAX function is which point of the torch module: same numbers, whatever order of axes."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from math import prod

import numpy as np

from .model import Array, JaxPoint

Shape = tuple[int, ...]
# More axes than that are compared in their own order only: the permutations are too many.
MOST_AXES = 6


@dataclass(frozen=True)
class Match:
    """A JAX point that holds the numbers of a torch point; ``carry`` brings an array of it to torch's axes."""

    point: JaxPoint
    index: int
    carry: Callable[[Array], Array]


class Alignment:
    """All floating intermediates of one JAX run, by size."""

    def __init__(self, points: Sequence[JaxPoint]) -> None:
        self._by_size: dict[int, list[_Sorted]] = defaultdict(list)
        for i, point in enumerate(points):
            if np.issubdtype(point.value.dtype, np.floating):
                self._by_size[point.value.size].append(_Sorted(i, point))

    def matches(self, value: Array, bound: Array) -> Iterator[Match]:
        """Points that equal ``value`` within ``bound`` under some order of axes."""
        allowed = float(np.max(bound, initial=0.0))
        wanted = np.sort(value, axis=None)
        for held in self._by_size[value.size]:
            if held.near(wanted, allowed):
                yield from _carried(held, value, bound)

    def has(self, value: Array, bound: Array) -> bool:
        return next(self.matches(value, bound), None) is not None

    def nearest(self, value: Array, after: int) -> Match | None:
        """The point of such a shape that comes nearest, after the one that comes ``after``."""
        held = [h for h in self._by_size[value.size] if h.index > after]
        found = [(_gap(carry(h.point.value), value), h, carry) for h in held for carry in carries(h.shape, value.shape)]
        best = min(found, key=lambda f: f[0], default=None)
        return Match(best[1].point, best[1].index, best[2]) if best else None


@dataclass(frozen=True)
class _Sorted:
    index: int
    point: JaxPoint

    @property
    def shape(self) -> Shape:
        return self.point.value.shape

    @cached_property
    def _values(self) -> Array:
        return np.sort(self.point.value.astype(np.float64), axis=None)

    def near(self, wanted: Array, allowed: float) -> bool:
        """Sorting moves no entry further than the arrays are apart: what fails this is no permutation."""
        with np.errstate(invalid="ignore"):
            gap = np.abs(self._values - wanted)
        return bool(np.all((gap <= allowed) | (self._values == wanted)))


def _carried(held: _Sorted, value: Array, bound: Array) -> Iterator[Match]:
    for carry in carries(held.shape, value.shape):
        moved = carry(held.point.value)
        with np.errstate(invalid="ignore"):
            same = (np.abs(moved - value) <= bound) | (moved == value)
        if same.all():
            yield Match(held.point, held.index, carry)
            return


def carries(here: Shape, there: Shape) -> Iterator[Callable[[Array], Array]]:
    """Ways to bring an array of one shape to another of its size: the same order, then axes permuted."""
    if prod(here) != prod(there):
        return
    yield lambda x: x.reshape(there)
    mine, other = [n for n in here if n > 1], [n for n in there if n > 1]
    if max(len(mine), len(other)) > MOST_AXES:
        return
    if len(other) >= len(mine):
        for order in list(permutations(range(len(other))))[1:]:
            yield _scattering([other[i] for i in order], order, there)
    else:
        for order in list(permutations(range(len(mine))))[1:]:
            yield _gathering(mine, order, there)


def _scattering(split: list[int], order: Sequence[int], there: Shape) -> Callable[[Array], Array]:
    back = [int(i) for i in np.argsort(order)]
    return lambda x: x.reshape(split).transpose(back).reshape(there)


def _gathering(split: list[int], order: Sequence[int], there: Shape) -> Callable[[Array], Array]:
    return lambda x: x.reshape(split).transpose(order).reshape(there)


def _gap(a: Array, b: Array) -> float:
    with np.errstate(invalid="ignore"):
        gap = np.abs(a - b)
    return float(np.sqrt(np.mean(np.square(np.where(np.isfinite(gap), gap, 1e3)))))
