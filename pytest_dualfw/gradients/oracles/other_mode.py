"""Eager against jit."""

from collections.abc import Iterator
from typing import ClassVar

from ...findings import Check
from ..evidence import Evidence
from ..judging import Expectation, judge
from ..ladder import Slope
from ..probes import Direction
from ..products import inner, inner_error
from ..problem import Problem
from ..programs import program_of


class OtherMode:
    """Values and gradients against the same function in the other mode, on the same target otherwise.

    Bound: twice C (S + u max|y|), since neither mode is exact; the two need not agree bitwise. Cost: one compilation,
    one reverse pass, and the spread in float64. Unsupported where the function cannot be compiled.
    """

    name: ClassVar[str] = "other mode"
    trusted: ClassVar[bool] = False
    family: ClassVar[str] = "rules"

    def unable(self, evidence: Evidence) -> str:
        return ""

    def judge(self, evidence: Evidence) -> Iterator[Check]:
        other = _other(evidence.problem)
        g = evidence.pulled.cotangents
        pulled = program_of(other, other.fw).pull(other.leaves, lambda likes: list(g))
        with evidence.in_double():
            spread = [2 * s for s in evidence.float64_spread[1]]
        names = [*evidence.pulled.names, *evidence.problem.gradient_names()]
        expected = [y.astype(s.dtype) for y, s in zip(evidence.everything(pulled), spread, strict=True)]
        obtained = [*evidence.pulled.outputs, *evidence.pulled.gradients]
        yield from judge(evidence, obtained, Expectation(f"{other.fw.mode} mode", names, expected, spread, if_rounding="pass"))

    def opinion(self, evidence: Evidence, direction: Direction) -> Slope | None:
        other, g = _other(evidence.problem), evidence.pulled.cotangents
        pulled = program_of(other, other.fw).pull(other.leaves, lambda likes: list(g))
        first = len(evidence.pulled.outputs)
        grads = [d.astype(s.dtype) for d, s in zip(evidence.everything(pulled), evidence.float64_spread[1], strict=True)]
        bounds = [evidence.bound(y, s) for y, s in zip(grads, evidence.float64_spread[1], strict=True)]
        return Slope(inner(grads[first:], direction), inner_error(bounds[first:], direction))


def _other(problem: Problem) -> Problem:
    return problem.on(problem.fw.at(mode="jit" if problem.fw.mode == "eager" else "eager"))
