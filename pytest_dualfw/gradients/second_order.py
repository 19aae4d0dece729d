"""The gradient at fixed cotangents is a function like any other: differences of it judge the second derivative, and
its own derivative, the Hessian of <v, fn>, is symmetric.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..compare import compare
from ..findings import Check
from ..frameworks.program import Arrays, Program
from .evidence import Evidence
from .oracles.reference import one_for_each
from .probes import signs, unit
from .problem import Problem
from .products import inner
from .programs import program_of
from .request import Function

HEADING, SYMMETRY = "second order", "symmetry of the Hessian"
SLACK = 64.0 * 2.0**-53


def problem_of(evidence: Evidence) -> Problem:
    """The gradient as the function, in a mode that can be differentiated twice."""
    fw = evidence.problem.fw.twice_differentiable
    base = replace(evidence.problem, fw=fw)
    return replace(base, fn=program_of(base, fw).gradient(evidence.pulled.cotangents))


def reference_of(evidence: Evidence) -> Function | None:
    """The hand-derived vjp as the reference of the gradient function, whose complex step is the second order."""
    vjp = evidence.asked.reference_vjp
    if vjp is None:
        return None
    return lambda *args: one_for_each(vjp(evidence.pulled.cotangent_tree(), *args), evidence.problem)


def symmetry(evidence: Evidence) -> Iterator[Check]:
    """w' (H u) = u' (H w) for two directions; bound: 64 u of the terms and ten times the change under jitter."""
    leaves = evidence.problem.differentiated_of(evidence.exact)
    if any(x.dtype.kind == "c" for x in leaves):
        note = "an argument is complex, where the second derivative is no symmetric matrix"
        yield Check("<w, H u>", SYMMETRY, "unsupported", note=note)
        return
    u, w = ([signs(x.shape, evidence.rng) * unit(x) for x in leaves] for _ in range(2))
    first, second = (_form(evidence, evidence.exact, a, b) for a, b in ((u, w), (w, u)))
    moved = [_form(evidence, evidence.jittered(2.0**-53), u, w) for _ in range(2)]
    error = evidence.widened(SLACK * first[1] + 10 * max(abs(m[0] - first[0]) for m in moved), second[0])
    yield compare("<w, H u>", SYMMETRY, first[0], np.asarray(second[0]), np.asarray(error))


def _form(evidence: Evidence, leaves: Arrays, u: Arrays, w: Arrays) -> tuple[float, float]:
    """w' H u, and the size of its terms."""
    program: Program = evidence.program
    pulled = program.pull(leaves, lambda likes: [c.astype(y.dtype) for c, y in zip(u, likes, strict=True)])
    hu = evidence.everything(pulled)[len(pulled.outputs) :]
    return inner(hu, list(w)), float(sum(np.sum(np.abs(a * b)) for a, b in zip(hu, w, strict=True)))
