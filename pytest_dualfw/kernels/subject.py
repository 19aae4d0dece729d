"""What is to be measured: a function with its sets of values, on a library's clock."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import optree

from ..frameworks.base import Framework, Function
from ..frameworks.program import Arrays, is_inexact
from ..frameworks.timing import Kernel, Timer
from ..gradients.probes import cotangent
from ..gradients.problem import Problem
from .inputs import Values, how_many

Inputs = Callable[[np.random.Generator], Any]


@dataclass(frozen=True)
class Subject:
    """``sets`` are several sets of values; the first one is checked. ``writes``: the function writes to its arguments
    or takes them, so that each call needs fresh ones. ``cotangents`` are those of the first set.
    """

    fw: Framework
    timer: Timer
    problem: Problem
    sets: list[Values]
    donate: tuple[int, ...] = ()
    writes: bool = False

    @classmethod
    def of(
        cls,
        fw: Framework,
        fn: Function,
        inputs: tuple[Any, ...] | Inputs,
        rng: np.random.Generator,
        *,
        backward: bool,
        donate: tuple[int, ...] = (),
    ) -> "Subject":
        """Calls the function once. ValueError where there is no array argument, or nothing to differentiate."""
        args = _args(inputs, rng)
        _expect_arrays(args)
        problem = Problem.of(fw, fn, args, None if backward else ())
        timer = fw.timer()
        kernel = Kernel(problem.pullable())
        given = timer.give(kernel, problem.leaves, [])
        outputs = timer.result(timer.eager(kernel)(*given), backward=False).outputs
        likes = [y for y in outputs if is_inexact(y.dtype)]
        if backward and not likes:
            raise ValueError("the kernel returns nothing floating; pass backward=False to measure it forward alone")
        draw = _draws(problem, inputs, rng)
        cotangents = [cotangent(y, rng) for y in likes]
        count = how_many(Values(problem.leaves, cotangents).bytes, timer.cache_bytes())
        sets = [Values(problem.leaves, cotangents), *(Values(draw(), cotangents) for _ in range(count - 1))]
        return cls(fw, timer, problem, sets, donate, timer.changed(given, problem.leaves) or bool(donate))

    @property
    def first(self) -> tuple[Arrays, Arrays]:
        """Leaves and cotangents of the set that is checked."""
        return self.sets[0].leaves, self.sets[0].cotangents

    @property
    def cotangents(self) -> Arrays:
        return self.sets[0].cotangents

    @property
    def name(self) -> str:
        return str(getattr(self.problem.fn, "__name__", type(self.problem.fn).__name__))

    def kernel(self, *, backward: bool) -> Kernel:
        return Kernel(self.problem.pullable(), backward, self.donate, self.writes)


def _args(inputs: tuple[Any, ...] | Inputs, rng: np.random.Generator) -> tuple[Any, ...]:
    if not callable(inputs):
        return inputs
    made = inputs(rng)
    return made if isinstance(made, tuple) else (made,)


def _expect_arrays(args: tuple[Any, ...]) -> None:
    tree: Any = args
    if not any(np.ndim(x) for x in optree.tree_leaves(tree)):
        raise ValueError(
            "the kernel has no array argument; pass the arrays that it works on, since a compiler folds those that it "
            "closes over into constants"
        )


def _draws(problem: Problem, inputs: tuple[Any, ...] | Inputs, rng: np.random.Generator) -> Callable[[], Arrays]:
    """Leaves of a further set: drawn anew where they can be, else the same values, in buffers of their own."""
    if not callable(inputs):
        return lambda: problem.leaves
    make = inputs
    return lambda: Problem.of(problem.fw, problem.fn, _args(make, rng), ()).leaves
