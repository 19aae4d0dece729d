"""What holds for every backward pass, whatever the function."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from ...compare import compare
from ...findings import Check
from ...frameworks.program import Direction, exactly, is_inexact
from ...tolerance import TINY, UNIT_ROUNDOFF
from ..evidence import FACTOR, Evidence
from ..judging import Expectation, judge, may_be_rounding
from ..ladder import Slope

# Sums in another order, as atomic additions on a GPU make them, differ by a few units of rounding.
REPEATABLE = 32.0
LINEARITY = "linearity"
NOT_LINEAR = (
    "the backward pass is not linear in its cotangent, not repeatable, or takes its layout in memory for granted"
)

Named = tuple[str, Any]


class Structure:
    """The inputs and cotangents come back unmodified; values and gradients are finite, where no reference says
    otherwise; the backward pass is linear in its cotangent and repeatable on the same graph: asked at -2 v (in torch's
    eager mode in another layout in memory) it gives -2 times what it gave at v.

    Bound of the last: 32 u max|dx|, since multiplying by -2 does not round; where it is left by little, that of
    conditioning. Cost: one more backward pass.
    """

    name: ClassVar[str] = "structure"
    trusted: ClassVar[bool] = False
    family: ClassVar[str] = "structure"

    def unable(self, evidence: Evidence) -> str:
        return ""

    def judge(self, evidence: Evidence) -> Iterator[Check]:
        yield from self._modified(evidence)
        yield from self._not_finite(evidence)
        yield from self._linear(evidence)

    def opinion(self, evidence: Evidence, direction: Direction) -> Slope | None:
        return None

    def _modified(self, evidence: Evidence) -> Iterator[Check]:
        for i in evidence.pulled.modified:
            what = "the cotangent" if i < 0 else evidence.problem.names[i]
            note = f"was modified by the {'backward pass' if i < 0 else 'function'}; compute on a copy"
            yield Check(what, self.name, "discrepancy", note=note)

    def _not_finite(self, evidence: Evidence) -> Iterator[Check]:
        """At the caller's own input. At a variant of it, differences must say first that a finite number is due."""
        asked, given = evidence.asked, evidence.given
        rows: list[Named] = []
        if evidence.dtype != "float64" and asked.reference is None:
            return  # the float64 rerun says what is due
        if asked.reference is None:
            rows += zip(evidence.pulled.names, evidence.pulled.outputs, strict=True)
        if asked.reference_vjp is None and given:
            rows += zip(evidence.problem.gradient_names(), evidence.pulled.gradients, strict=True)
        for name, x in rows:
            if x is not None and is_inexact(x.dtype) and not np.all(np.isfinite(x)):
                expected = np.where(np.isfinite(x), x, 0)
                yield compare(name, "every finite number", x, expected, np.zeros(x.shape))

    def _linear(self, evidence: Evidence) -> Iterator[Check]:
        pulled = evidence.pulled
        rows = zip(evidence.problem.gradient_names(), pulled.gradients, pulled.rescaled, strict=False)
        for position, (name, dx, again) in enumerate(rows):
            if dx is None or again is None or not (np.all(np.isfinite(dx)) and np.all(np.isfinite(again))):
                continue
            expected = FACTOR * exactly([dx])[0]
            if np.array_equal(exactly([again])[0], expected):
                continue
            u, tiny = UNIT_ROUNDOFF[evidence.dtype], TINY[evidence.dtype]
            bound = np.full(dx.shape, REPEATABLE * (u * np.max(np.abs(expected), initial=0.0) + tiny))
            check = compare(f"{name} at -2 times the cotangent", LINEARITY, again, expected, bound)
            if check.verdict == "discrepancy" and may_be_rounding(evidence, check):
                check = self._by_conditioning(evidence, check.what, again, position)
            if check.verdict == "discrepancy":
                yield replace(check, note=NOT_LINEAR)

    @staticmethod
    def _by_conditioning(evidence: Evidence, name: str, again: Any, position: int) -> Check:
        """A backward that sums in another order for another layout, or chooses its steps by the size of the cotangent,
        as a matrix exponential's does, is as accurate at either.
        """
        dx = evidence.everything(evidence.pulled)[len(evidence.pulled.outputs) + position]
        (dx,) = exactly([dx])
        first = len(evidence.pulled.outputs) + position
        spread = abs(FACTOR) * evidence.float64_spread[1][first]
        what = Expectation(LINEARITY, [name], [FACTOR * dx], [spread], first, if_rounding="pass")
        return next(judge(evidence, [again], what))
