"""Forward mode, by the dot-product identity."""

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from ...compare import compare
from ...findings import Check
from ...frameworks.program import Direction, exactly
from ..evidence import Evidence
from ..ladder import Slope
from ..probes import toward, unit
from ..products import inner, inner_norm

SLACK = 64.0


class ForwardMode:
    """Reverse against forward mode: <v, J u> = <J* v, u>, in float64.

    Bound: 64 u (|| v o J u || + || J* v o u ||) and ten times the change of <J* v, u> under one-ulp jitter. Sees what
    differences cannot resolve, and a wrong forward rule; blind to an error that both modes share. Cost: one forward
    pass, 2 reverse passes. Unsupported for functions without a forward rule.
    """

    name: ClassVar[str] = "forward mode"
    trusted: ClassVar[bool] = False
    family: ClassVar[str] = "rules"

    def unable(self, evidence: Evidence) -> str:
        return "" if evidence.gradients else "nothing is differentiated"

    def judge(self, evidence: Evidence) -> Iterator[Check]:
        grads = evidence.gradients
        leaves = evidence.problem.differentiated_of(evidence.exact)
        u: Direction = [toward(d, x, unit(x), evidence.rng) for d, x in zip(grads, leaves, strict=True)]
        found = self.opinion(evidence, u)
        obtained = inner(grads, u)
        what = f"<{', '.join(evidence.problem.gradient_names())}; u>"
        bound = evidence.widened(found.error, found.value)
        yield compare(what, self.name, obtained, np.asarray(found.value), np.asarray(bound))

    def opinion(self, evidence: Evidence, direction: Direction) -> Slope:
        leaves = evidence.problem.differentiated_of(evidence.exact)
        tangents = [np.zeros_like(x) if u is None else u for u, x in zip(direction, leaves, strict=True)]
        pushed = exactly(evidence.program.push(evidence.exact, tangents))
        terms = [np.real(np.conj(v) * t) for v, t in zip(evidence.cotangents, pushed, strict=True)]
        value = float(sum(t.sum() for t in terms))
        size = float(np.sqrt(sum(float(np.sum(t**2)) for t in terms))) + inner_norm(evidence.gradients, direction)
        moved = [
            inner(evidence.everything(evidence.pull(evidence.jittered(2.0**-53)))[-len(leaves) :], direction)
            for _ in range(2)
        ]
        change = max(abs(m - inner(evidence.gradients, direction)) for m in moved)
        return Slope(value, SLACK * 2.0**-53 * size + 10 * change)
