"""What the target computed, and what the oracles need to judge it: the same function in float64, its value along a
path, its noise. Each is computed when it is first asked for, once.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..frameworks.base import Framework
from ..frameworks.program import (
    Around,
    Array,
    Arrays,
    ChangedStructure,
    Direction,
    Program,
    Pulled,
    Rounding,
    exactly,
    is_inexact,
    structure_of,
)
from ..tolerance import UNIT_ROUNDOFF, Floats, conditioned_bound, jitter, jitter_spread
from .ladder import GLANCES, Glance, Values
from .probes import cotangent, unit
from .problem import Problem
from .programs import program_of
from .request import Request

# A backward pass is linear in its cotangent: it is asked again at this multiple, which no rounding disturbs.
FACTOR = -2.0

# Where along a jitter of the inputs by one ulp phi is taken: at the input, to both sides, and halfway.
NOISE_TS = (0.0, 1.0, -1.0, 0.5)

# Rounding inside the function is imitated by moving inputs by 4 ulp and results of operations by 2.
ROUNDING_DRAWS = 6
ROUNDING_INPUTS, ROUNDING_RESULTS = 4.0, 2.0


@dataclass
class Cost:
    """Evaluations asked for: of the value, and of the value with its gradient."""

    values: int = 0
    pulls: int = 0


@dataclass
class Evidence:
    """``given`` says that the input is the caller's own, not a variant of it. ``located`` counts the discrepancies
    that were traced to an entry; ``smooth`` says that the function was found to be, where one was; ``glances``
    starts with the one that served last.
    """

    problem: Problem
    asked: Request
    pulled: Pulled
    rng: np.random.Generator
    cost: Cost = field(default_factory=Cost)
    given: bool = True
    located: int = 0
    smooth: bool = False
    glances: tuple[Glance, ...] = GLANCES
    _rounding: dict[str, list[Arrays]] = field(default_factory=dict)

    @classmethod
    def gather(cls, problem: Problem, asked: Request, rng: np.random.Generator, *, given: bool = True) -> "Evidence":
        drawn: list[Arrays] = []

        def choose(likes: Arrays) -> Arrays:
            drawn[:] = drawn or [[cotangent(like, rng) for like in likes]]
            return drawn[0]

        pulled = program_of(problem, problem.fw).pull(problem.leaves, choose, FACTOR)
        return cls(problem, asked, pulled, rng, Cost(0, 2), given)

    @property
    def dtype(self) -> str:
        return self.problem.fw.dtype

    @cached_property
    def lengths(self) -> dict[int, str]:
        """Lengths of axes, which a sum in the place of a mean shows as a ratio, and the axis that has each."""
        rows = [
            *zip(self.problem.names, self.problem.leaves, strict=True),
            *zip(self.pulled.names, self.pulled.outputs, strict=True),
        ]
        return {n: f"axis {k} of {name}" for name, x in reversed(rows) for k, n in reversed([*enumerate(x.shape)])}

    @cached_property
    def exact(self) -> Arrays:
        return self.problem.exact()

    @cached_property
    def cotangents(self) -> Arrays:
        return exactly(self.pulled.cotangents)

    @cached_property
    def double(self) -> Framework:
        """What the differences, the rerun and the spread are computed on."""
        return self.problem.fw.in_double

    def in_double(self) -> AbstractContextManager[Any]:
        return self.double.scope()

    @cached_property
    def program(self) -> Program:
        program = program_of(self.problem, self.double)
        program.checks += 1
        return program

    def pull(self, leaves: Arrays) -> Pulled:
        """Reverse mode in float64, at the target's cotangents."""
        self.cost.pulls += 1
        try:
            pulled = self.program.pull(leaves, self._cotangents_like)
        except Exception as error:
            if self.double.mode == self.problem.fw.mode or not self.double.cannot_trace(error):
                raise
            self._runs_eagerly_only()
            pulled = self.program.pull(leaves, self._cotangents_like)
        self._expect_structure(pulled)
        return pulled

    def _runs_eagerly_only(self) -> None:
        """Forget the compiled form in float64, which was the cheaper one."""
        self.__dict__["double"] = self.problem.fw.at(dtype="float64", mode="eager")
        self.__dict__.pop("program", None)

    def _cotangents_like(self, likes: Arrays) -> Arrays:
        """As drawn, where the outputs are as at first; else the structure is what will be complained of."""
        shapes = [y.shape for y in likes]
        fitting = shapes == [c.shape for c in self.cotangents]
        rows = zip(self.cotangents, likes, strict=True) if fitting else zip(likes, likes, strict=True)
        return [c.astype(y.dtype) for c, y in rows]

    def _expect_structure(self, pulled: Pulled) -> None:
        first, now = (structure_of(p.tree, [y.shape for y in p.outputs]) for p in (self.pulled, pulled))
        if now != first:
            raise ChangedStructure(f"{now}, and {first} before")

    def expect_the_same_structure(self) -> None:
        """Call the function twice more where it was called first. ValueError where it returns another structure."""
        for _ in range(2):
            try:
                self.pull(self.exact)
            except ChangedStructure as change:
                raise ValueError(
                    f"fn returned another structure at the same input: {change}; return the same structure at each call"
                ) from None

    @cached_property
    def in_float64(self) -> Pulled:
        return self.pulled if self.dtype == "float64" else self.pull(self.exact)

    @cached_property
    def gradients(self) -> Arrays:
        """The float64 gradients, zeros where none came back."""
        leaves = self.problem.differentiated_of(self.exact)
        return [np.zeros_like(x) if d is None else d for d, x in zip(self.in_float64.gradients, leaves, strict=True)]

    @cached_property
    def around(self) -> Around:
        return self.program.around(self.exact, self.cotangents)

    def phi(self, direction: Direction, leaves: Arrays | None = None) -> Values:
        """t -> Re sum(conj(g) fn(x + t u)) for many t at once, each computed once; x the input, or other ``leaves``."""
        around = self.around if leaves is None else self.program.around(leaves, self.cotangents)
        along = around(direction)
        known: dict[float, float] = {}

        def remembered(ts: Sequence[float]) -> Array:
            new = [t for t in ts if t not in known]
            self.cost.values += len(new)
            if new:
                known.update(zip(new, along(new).tolist(), strict=True))
            return np.array([known[t] for t in ts])

        return remembered

    @cached_property
    def centre_and_noise(self) -> tuple[float, float]:
        """phi at the input, and how far such a value may be off: its change under a jitter of the inputs by one ulp,
        and the rounding of its own sum.
        """
        leaves = self.problem.differentiated_of(self.exact)
        ulp: Direction = [jitter(x, 2.0**-52, self.rng) - x for x in leaves]
        centre, *others = self.phi(ulp)(NOISE_TS)
        change = np.max(np.abs(np.array(others) - centre))
        return float(centre), float(np.nan_to_num(change)) + 2.0**-52 * self.terms

    def weighed(self, outputs: Arrays) -> float:
        """Re sum(conj(g) y)."""
        outs = [y for y in exactly(outputs) if is_inexact(y.dtype)]
        return float(sum(float(np.sum(np.real(np.conj(c) * y))) for c, y in zip(self.cotangents, outs, strict=True)))

    @cached_property
    def terms(self) -> float:
        """|| g o y ||_2: the size of phi if its terms do not cancel."""
        outs = [y for y in exactly(self.pulled.outputs) if is_inexact(y.dtype)]
        squares = [float(np.sum(np.abs(c * y) ** 2)) for c, y in zip(self.cotangents, outs, strict=True)]
        return float(np.nan_to_num(np.sqrt(sum(squares))))

    @cached_property
    def scale(self) -> float:
        """The size of numbers that the function is likely to pass through on its way to an output or a gradient: of
        its inputs, its output, and their ratio.
        """
        leaves = self.problem.differentiated_of(self.exact)
        largest = max((float(np.max(np.abs(x), initial=0.0)) for x in leaves), default=0.0)
        weight = max((float(np.max(np.abs(c), initial=0.0)) for c in self.cotangents), default=1.0)
        smallest = min((unit(x) for x in leaves), default=1.0)
        return max(self.terms / smallest, weight * (1 + largest) * max(1.0, 1 / smallest))

    def jittered(self, u: float) -> Arrays:
        return [jitter(x, u, self.rng) if is_inexact(x.dtype) else x for x in self.exact]

    def widened(self, bound: float, expected: float) -> float:
        """A bound that does not come of conditioning, or that of the caller's tolerance where it is larger."""
        chosen = self.asked.tolerance
        return max(bound, float(chosen.bound(np.asarray(expected)))) if chosen else bound

    def bound(self, expected: Floats, spread: Floats) -> Floats:
        chosen = self.asked.tolerance
        return chosen.bound(expected) if chosen else conditioned_bound(expected, spread, self.dtype)

    @cached_property
    def float64_spread(self) -> tuple[Arrays, Arrays]:
        """Outputs and gradients in float64, and how far they move when each input moves by an ulp of the dtype."""
        return self.spread(lambda leaves: self.everything(self.pull(leaves)))

    def spread(self, f: Any) -> tuple[Arrays, Arrays]:
        """``f`` at the exact leaves, and its spread under jitter."""
        leaves = self.exact
        moving = [is_inexact(x.dtype) for x in leaves]

        def of_moving(moved: Arrays) -> Arrays:
            turn = iter(moved)
            full = f([next(turn) if m else x for x, m in zip(leaves, moving, strict=True)])
            return [y.astype(np.complex128 if y.dtype.kind == "c" else np.float64) for y in full]

        moved = [x for x, m in zip(leaves, moving, strict=True) if m]
        return jitter_spread(of_moving, moved, self.dtype, self.rng)

    def everything(self, pulled: Pulled) -> Arrays:
        """Outputs, then gradients with zeros where there is none."""
        leaves = self.problem.differentiated_of(self.exact)
        grads = [np.zeros_like(x) if d is None else d for d, x in zip(pulled.gradients, leaves, strict=True)]
        return [*pulled.outputs, *grads]

    def rounding_draws(self, dtype: str) -> list[Arrays]:
        """Outputs and gradients in float64 with noise like that of rounding to ``dtype`` in each operation; empty
        where the function cannot be run so.
        """
        if dtype not in self._rounding:
            u = UNIT_ROUNDOFF[dtype]
            noise = Rounding(ROUNDING_RESULTS * u, self.rng)
            try:
                with self.in_double():
                    drawn = [self._rounded(noise, ROUNDING_INPUTS * u) for _ in range(ROUNDING_DRAWS)]
            except Exception:  # an operation that the noise cannot enter
                drawn = []
            self._rounding[dtype] = drawn
        return self._rounding[dtype]

    def _rounded(self, noise: Rounding, jitter_by: float) -> Arrays:
        self.cost.pulls += 1
        return self.everything(self.program.rounded(self.jittered(jitter_by), self.cotangents, noise))

    def rounding_spread(self, position: int) -> Floats | None:
        """How far rounding inside the function moves one of its outputs or gradients (by position among all)."""
        draws = self.rounding_draws(self.dtype)
        if not draws:
            return None
        drawn = np.stack([np.asarray(exactly([d[position]])[0]) for d in draws])
        return np.asarray(np.nan_to_num(np.max(np.abs(drawn - drawn.mean(axis=0)), axis=0)))
