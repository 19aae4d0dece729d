"""Eager against jit."""

from collections.abc import Iterator
from typing import ClassVar

from ...findings import Check
from ...frameworks.program import Direction
from ..evidence import Evidence
from ..judging import Expectation, judge
from ..ladder import Slope
from ..problem import Problem
from ..programs import program_of


class OtherMode:
    """Values and gradients against the same function in the other mode, on the same target otherwise.

    Bound: C (2 S + u max|y|), since neither mode is exact; the two need not agree bitwise. Cost: one compilation,
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
        yield from judge(
            evidence, obtained, Expectation(f"{other.fw.mode} mode", names, expected, spread, if_rounding="pass")
        )

    def opinion(self, evidence: Evidence, direction: Direction) -> Slope | None:
        """None: a vote is to stay cheap beside the check, and the other mode may have to be compiled for it."""
        return None


def _other(problem: Problem) -> Problem:
    return problem.on(problem.fw.at(mode="jit" if problem.fw.mode == "eager" else "eager"))
