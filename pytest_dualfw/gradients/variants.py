"""Other inputs, layouts, precisions and modes, on which a bug shows that the given input hides. A variant is a row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..frameworks.program import Array, Arrays
from .problem import Problem

SCALE = 1000.0


class Refused(ValueError):
    """The variant makes no sense for this problem."""


@dataclass(frozen=True)
class Variant:
    """``change`` makes the problem another one."""

    name: str
    change: Callable[[Problem], Problem]


def of_problem(problem: Problem) -> Iterator[Variant]:
    """Every variant, some of which refuse the problem."""
    yield from VARIANTS
    for length in dict.fromkeys(x.shape[0] for x in problem.leaves if x.ndim and x.shape[0] > 1):
        yield Variant(f"first of {length}", lambda p, n=length: _first(p, n))  # type: ignore[misc]


def _on_floats(change: Callable[[Array], Any]) -> Callable[[Problem], Problem]:
    """The change of each differentiated leaf; a problem that it leaves as it was is refused."""

    def changed(problem: Problem) -> Problem:
        pairs = zip(problem.exact(), problem.differentiated, strict=True)
        return _different(problem, [np.asarray(change(x)) if d else x for x, d in pairs])

    return changed


def _different(problem: Problem, leaves: Arrays) -> Problem:
    if all(np.array_equal(a, b) for a, b in zip(leaves, problem.exact(), strict=True)):
        raise Refused("it is the given input")
    return problem.at(leaves)


def _tied(x: Array, axis: int, ends: tuple[int, int]) -> Array:
    """The runner-up along the axis in the place of the largest (or the smallest), so that the two tie there."""
    if x.ndim < -axis or x.shape[axis] < 2 or x.dtype.kind == "c":
        return x
    out = x.copy()
    order = np.argsort(x, axis=axis)
    end, next_to_it = (np.take(order, [k], axis=axis) for k in ends)
    np.put_along_axis(out, end, np.take_along_axis(x, next_to_it, axis=axis), axis=axis)
    return out


LARGEST, SMALLEST = (-1, -2), (0, 1)


def _ties(ends: tuple[int, int]) -> Callable[[Problem], Problem]:
    return _on_floats(lambda x: _tied(x, -1, ends))


def _ties_across_rows(ends: tuple[int, int]) -> Callable[[Problem], Problem]:
    return _on_floats(lambda x: _tied(x, -x.ndim, ends) if x.ndim > 1 else x)


def _equal_arguments(problem: Problem) -> Problem:
    """Leaves of one shape all take the values of the first of them."""
    first: dict[tuple[int, ...], Array] = {}
    pairs = zip(problem.exact(), problem.differentiated, strict=True)
    return _different(problem, [first.setdefault(x.shape, x) if d else x for x, d in pairs])


def _first(problem: Problem, length: int) -> Problem:
    """The first of a batch: every leaf whose leading axis has this length keeps one row."""
    leaves = [x[:1] if x.ndim and x.shape[0] == length else x for x in problem.leaves]
    return replace(problem, leaves=leaves)


def _laid_out(layout: str) -> Callable[[Problem], Problem]:
    """The same numbers in another layout in memory."""

    def changed(problem: Problem) -> Problem:
        moved = [problem.fw.laid_out(problem.fw.asarray(x), layout) for x in problem.leaves if x.ndim]
        if not moved:
            raise Refused("a scalar has no layout")
        return replace(problem, layout=layout)

    return changed


def _in_float32(problem: Problem) -> Problem:
    if problem.fw.dtype != "float64":
        raise Refused("the target is below float64 already")
    return problem.on(problem.fw.at(dtype="float32"))


VARIANTS = (
    Variant("negated", _on_floats(np.negative)),
    Variant("scaled", _on_floats(lambda x: SCALE * x)),
    Variant("zeros", _on_floats(np.zeros_like)),
    Variant("ties", _ties(LARGEST)),
    Variant("ties of the smallest", _ties(SMALLEST)),
    Variant("ties across rows", _ties_across_rows(LARGEST)),
    Variant("ties of the smallest across rows", _ties_across_rows(SMALLEST)),
    Variant("equal arguments", _equal_arguments),
    Variant("non-contiguous", _laid_out("strided")),
    Variant("transposed in memory", _laid_out("transposed")),
    Variant("float32", _in_float32),
)
