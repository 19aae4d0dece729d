"""The same function on another framework."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from ... import frameworks
from ...findings import Check
from ...frameworks.program import Direction, Pulled
from ..evidence import Evidence
from ..judging import Expectation, judge
from ..ladder import Slope
from ..products import inner, inner_error
from ..programs import program_of


class OtherFramework:
    """Values and gradients against another framework's, in float64 on the same rounded inputs.

    Bound: C (2 S + u max|y|): both may be off. Cost: one reverse pass of the other, 4 of the function in float64.
    """

    name: ClassVar[str] = "other framework"
    trusted: ClassVar[bool] = False
    family: ClassVar[str] = "other framework"

    def __init__(self, framework: str, fn: Any) -> None:
        self.framework, self._fn = framework, fn

    def unable(self, evidence: Evidence) -> str:
        return "" if frameworks.is_installed(self.framework) else f"{self.framework} is not installed"

    def judge(self, evidence: Evidence) -> Iterator[Check]:
        pulled, other = evidence.pulled, self._pulled(evidence)
        names = [*pulled.names, *evidence.problem.gradient_names()]
        spread = [2 * s for s in evidence.float64_spread[1]]
        what = Expectation(f"function on {self.framework}", names, evidence.everything(other), spread)
        yield from judge(evidence, [*pulled.outputs, *pulled.gradients], what)

    def opinion(self, evidence: Evidence, direction: Direction) -> Slope | None:
        first = len(evidence.pulled.outputs)
        grads = evidence.everything(self._pulled(evidence))[first:]
        bounds = [evidence.bound(y, s) for y, s in zip(grads, evidence.float64_spread[1][first:], strict=True)]
        return Slope(inner(grads, direction), inner_error(bounds, direction))

    def _pulled(self, evidence: Evidence) -> Pulled:
        target = replace(evidence.problem.fw.target, fw=self.framework, dtype="float64", mode="eager")
        fw = frameworks.framework(target, evidence.problem.fw.numerics)
        g = evidence.cotangents
        with fw.scope():
            program = program_of(replace(evidence.problem, fw=fw, fn=self._fn), fw)
            return program.pull(evidence.exact, lambda likes: list(g))
