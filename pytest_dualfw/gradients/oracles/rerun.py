"""The same function in float64."""

from collections.abc import Iterator
from typing import ClassVar

from ...findings import Check
from ...frameworks.program import Direction
from ..evidence import Evidence
from ..judging import Expectation, judge
from ..ladder import Slope
from ..products import inner, inner_error


class Float64Rerun:
    """Values and gradients of float32, bfloat16 and float16 against the same function in float64 on the rounded inputs.

    Bound: C (S + u max|y|), S the spread of the float64 result under one-ulp jitter in the target's dtype. Low
    precision is never differenced. Cost: 4 float64 reverse passes.
    """

    name: ClassVar[str] = "float64 rerun"
    trusted: ClassVar[bool] = False
    family: ClassVar[str] = "rules"

    def unable(self, evidence: Evidence) -> str:
        return ""

    def judge(self, evidence: Evidence) -> Iterator[Check]:
        pulled = evidence.pulled
        yield from judge(evidence, [*pulled.outputs, *pulled.gradients], self.expectation(evidence))

    def expectation(self, evidence: Evidence) -> Expectation:
        """Of the outputs, then of the gradients."""
        expected, spread = evidence.float64_spread
        names = [*evidence.pulled.names, *evidence.problem.gradient_names()]
        return Expectation(self.name, names, expected, spread, if_rounding="pass")

    def opinion(self, evidence: Evidence, direction: Direction) -> Slope | None:
        first = len(evidence.pulled.outputs)
        expected, spread = (part[first:] for part in evidence.float64_spread)
        bounds = [evidence.bound(y, s) for y, s in zip(expected, spread, strict=True)]
        return Slope(inner(expected, direction), inner_error(bounds, direction))
