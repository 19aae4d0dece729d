"""Whether the very outputs that are about to be timed are right: both modes, values and gradients."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..findings import Check
from ..frameworks.program import Arrays, Pulled
from ..frameworks.timing import Result
from ..gradients.evidence import Evidence
from ..gradients.judging import Expectation, judge
from ..gradients.oracles.reference import ReferenceValue, ReferenceVjp
from ..gradients.oracles.rerun import Float64Rerun
from ..gradients.problem import Problem
from ..gradients.report import explain
from ..gradients.request import Request


class KernelMismatch(AssertionError):
    """What a kernel computes is wrong: it is not worth timing. ``checks`` are those that failed."""

    def __init__(self, message: str, checks: list[Check]) -> None:
        super().__init__(message)
        self.checks = checks


@dataclass
class Truth:
    """What the outputs and gradients of one kernel at one input should be, computed once for all that is compared.

    From the reference and its vjp where they are given, else from the same function in float64. ``unknown`` says why
    neither can be had.
    """

    evidence: Evidence
    expectations: list[Expectation] = field(default_factory=list)
    unknown: str = ""

    @classmethod
    def of(cls, problem: Problem, asked: Request, result: Result, cotangents: Arrays, seed: Any) -> "Truth":
        pulled = Pulled(result.outputs, result.tree, result.names, cotangents, result.gradients)
        truth = cls(Evidence(problem, asked, pulled, np.random.default_rng(seed)))
        with truth.evidence.in_double(), np.errstate(all="ignore"):
            truth._expect(asked)
        return truth

    def _expect(self, asked: Request) -> None:
        if asked.reference:
            self.expectations.append(ReferenceValue(asked.reference).expectation(self.evidence))
        if asked.reference_vjp and self.evidence.problem.gradient_names():
            self.expectations.append(ReferenceVjp(asked.reference_vjp).expectation(self.evidence))
        if len(self._covered()) < self._results():
            self._rerun()

    def _rerun(self) -> None:
        """What no reference covers is compared with the function in float64."""
        try:
            whole = Float64Rerun().expectation(self.evidence)
        except Exception as error:  # the function cannot be run in float64
            told = (str(error).splitlines() or [""])[0]
            self.unknown = f"no reference was given and the function fails in float64 ({type(error).__name__}: {told})"
            return
        covered = self._covered()
        rows = zip(whole.names, whole.expected, whole.spread, strict=True)
        self.expectations += [
            Expectation(whole.oracle, [name], [y], [s], i, whole.if_rounding)
            for i, (name, y, s) in enumerate(rows)
            if i not in covered
        ]

    def _covered(self) -> set[int]:
        return {i for e in self.expectations for i in range(e.first, e.first + len(e.names))}

    def _results(self) -> int:
        return len(self.evidence.pulled.outputs) + len(self.evidence.problem.gradient_names())

    def judge(self, result: Result) -> Iterator[Check]:
        """Of a forward pass the outputs, of a forward and backward pass the gradients too."""
        if result.names != self.evidence.pulled.names:
            note = f"returned {', '.join(result.names) or 'nothing'}, expected {', '.join(self.evidence.pulled.names)}"
            yield Check("structure", "eager", "discrepancy", note=note)
            return
        obtained = [*result.outputs, *result.gradients]
        with self.evidence.in_double(), np.errstate(all="ignore"):
            for e in self.expectations:
                mine = obtained[e.first : e.first + len(e.names)]
                if mine:
                    yield from judge(self.evidence, mine, e)


def expect_right(truth: Truth, results: dict[str, Result], name: str, record: Callable[[Check], Any]) -> None:
    """KernelMismatch that shows the first failure of the first mode that has one; ``record`` receives every check."""
    fw = truth.evidence.problem.fw
    place = f"{fw.name}-{fw.device}-{fw.dtype}"
    for heading, result in results.items():
        checks = [check.under(heading) for check in truth.judge(result)]
        for check in checks:
            record(check)
        wrong = [check for check in checks if check.verdict == "discrepancy"]
        if wrong:
            told = [f"{name} is not timed, because its result is wrong ({heading})", explain(wrong[0], place)]
            told += [f"and {len(wrong) - 1} more"] if len(wrong) > 1 else []
            raise KernelMismatch("\n".join(told), wrong)
