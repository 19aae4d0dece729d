"""The complex step, of the NumPy reference."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
import optree

from ...compare import compare
from ...findings import Check
from ...frameworks.program import Arrays, Direction
from ...tolerance import CONDITIONING_FACTOR, UNIT_ROUNDOFF
from ..evidence import Evidence
from ..ladder import Slope
from ..probes import toward, unit
from ..products import inner, inner_norm

STEP = 1e-30
PLAIN_STEP = 2.0**-17
AGREE = 1e-4
RTOL = 1e-10


class ComplexStep:
    """Each gradient, along a direction, against Im r(x + i h u) / h of the NumPy reference r, h = 1e-30.

    There is no subtraction, so it is exact to rounding (W. Squire and G. Trapp 1998); only for code that is analytic
    as written, which is tried out: r must not change its value, and a plain difference of r must agree. Bound:
    C (S + u || dx o u ||) + 1e-10 s, S the spread under one-ulp jitter, s as for differences: what is below is a matter
    of accuracy, not of a wrong gradient. Cost: 7 evaluations of the reference for each leaf.
    """

    name: ClassVar[str] = "complex step"
    trusted: ClassVar[bool] = False
    family: ClassVar[str] = "reference"

    def __init__(self, reference: Callable[..., Any]) -> None:
        self._reference = reference

    def unable(self, evidence: Evidence) -> str:
        if any(x.dtype.kind == "c" for x in evidence.exact):
            return "an argument is complex"
        if not evidence.problem.gradient_names():
            return "nothing is differentiated"
        try:
            analytic = all(self._analytic(evidence, direction) for _, direction in self._directions(evidence))
        except Exception as error:
            return f"the reference takes no complex numbers ({type(error).__name__})"
        return "" if analytic else "the reference is not analytic as written (abs, max or a comparison)"

    def _analytic(self, evidence: Evidence, direction: Direction) -> bool:
        stepped, plain = self._stepped(evidence, evidence.exact, direction), self._plain(evidence, direction)
        return abs(stepped - plain) <= AGREE * (abs(stepped) + abs(plain)) + 1e-9

    def judge(self, evidence: Evidence) -> Iterator[Check]:
        for name, direction in self._directions(evidence):
            found = self.opinion(evidence, direction)
            obtained = inner(self._obtained(evidence), direction)
            bound = evidence.widened(found.error, found.value)
            yield compare(f"<{name}, u>", self.name, obtained, np.asarray(found.value), np.asarray(bound))

    def opinion(self, evidence: Evidence, direction: Direction) -> Slope:
        u = UNIT_ROUNDOFF[evidence.dtype]
        centre = self._stepped(evidence, evidence.exact, direction)
        moved = [self._stepped(evidence, evidence.jittered(u), direction) for _ in range(3)]
        norm = inner_norm(self._obtained(evidence), direction)
        spread = max(abs(m - centre) for m in moved) + u * norm
        return Slope(centre, CONDITIONING_FACTOR * spread + RTOL * (norm + abs(centre)))

    @staticmethod
    def _obtained(evidence: Evidence) -> Arrays:
        return evidence.everything(evidence.pulled)[len(evidence.pulled.outputs) :]

    def _directions(self, evidence: Evidence) -> list[tuple[str, Direction]]:
        leaves = evidence.problem.differentiated_of(evidence.exact)
        grads = self._obtained(evidence)
        made = [toward(np.asarray(d, float), x, unit(x), evidence.rng) for d, x in zip(grads, leaves, strict=True)]
        names = evidence.problem.gradient_names()
        return [
            (n, [u if i == j else None for j in range(len(made))])
            for i, (n, u) in enumerate(zip(names, made, strict=True))
        ]

    def _stepped(self, evidence: Evidence, leaves: Arrays, direction: Direction) -> float:
        moved = evidence.problem.moved(leaves, [None if u is None else 1j * STEP * u for u in direction])
        return self._phi(evidence, moved).imag / STEP

    def _plain(self, evidence: Evidence, direction: Direction) -> float:
        h = PLAIN_STEP
        up, down = (
            evidence.problem.moved(evidence.exact, [None if u is None else s * h * u for u in direction])
            for s in (1, -1)
        )
        return float((self._phi(evidence, up) - self._phi(evidence, down)).real / (2 * h))

    def _phi(self, evidence: Evidence, leaves: Arrays) -> complex:
        with np.errstate(all="ignore"):
            outs = [np.asarray(y) for y in optree.tree_leaves(self._reference(*evidence.problem.args(leaves)))]
        floating = [y for y in outs if y.dtype.kind in "fc"]
        return complex(sum((c * y).sum() for c, y in zip(evidence.cotangents, floating, strict=True)))
