"""The oracles: independent sources of the expected value and gradient. Each yields Checks, whatever it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import optree

from ..compare import compare
from ..findings import Check
from ..frameworks.base import Framework, Pull, Pulled, as_float64, is_floating
from ..tolerance import Floats, Tolerance, conditioned_bound, jitter_spread
from . import ladder
from .problem import Arrays, Problem, direction

PROBES = 2

# float64 accepts |analytic - ladder| <= 10 e + 1e-8 s, and cannot tell where e > 1e-3 s.
LADDER_FACTOR = 10.0
LADDER_RTOL = 1e-8
INCONCLUSIVE = 1e-3
NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class Evidence:
    """What the framework computed, and how it is to be judged."""

    problem: Problem
    pulled: Pulled
    tolerance: Tolerance | None
    rng: np.random.Generator

    @property
    def dtype(self) -> str:
        return self.problem.fw.dtype

    @cached_property
    def float64(self) -> Framework:
        """In JAX one compiled call serves every evaluation; torch's eager calls are the cheaper ones."""
        fw = self.problem.fw
        return fw.at(dtype="float64", mode="jit" if fw.name == "jax" else "eager")

    @cached_property
    def pull64(self) -> Pull:
        """The function in float64 at the same cotangents, compiled once for all oracles."""
        return self.problem.puller(self.float64, self.pulled.cotangents, self.rng)

    def bound(self, expected: Floats, spread: Floats) -> Floats:
        return self.tolerance.bound(expected) if self.tolerance else conditioned_bound(expected, spread, self.dtype)

    def judge(
        self, names: list[str], oracle: str, obtained: list[Any], f: Callable[[Arrays], Arrays]
    ) -> Iterator[Check]:
        """Compare with ``f`` at the exact inputs, within the spread of ``f`` under a jitter of one ulp."""
        leaves = self.problem.exact()
        centre, spread = _spread(f, leaves, self.dtype, self.rng)
        for name, x, y, s in zip(names, obtained, centre, spread, strict=True):
            if x is None:
                yield _none(name, oracle, y)
            else:
                yield compare(name, oracle, as_float64([x])[0], y, self.bound(y, s))


def reference_value(evidence: Evidence, reference: Callable[..., Any]) -> Iterator[Check]:
    """The NumPy reference's value, output leaf by output leaf."""
    problem = evidence.problem

    def f(leaves: Arrays) -> Arrays:
        with np.errstate(all="ignore"):
            return [np.asarray(y) for y in optree.tree_leaves(reference(*problem.args(leaves)))]

    yield from evidence.judge(evidence.pulled.names, "reference", evidence.pulled.outputs, f)


def reference_gradient(evidence: Evidence, vjp: Callable[..., Any]) -> Iterator[Check]:
    """The hand-derived vjp at the same cotangents: ``vjp(g, *primals)``, one gradient for each primal."""
    problem, pulled = evidence.problem, evidence.pulled
    g = pulled.cotangent_tree()

    def f(leaves: Arrays) -> Arrays:
        with np.errstate(all="ignore"):
            return _gradients(vjp(g, *problem.args(leaves)), problem)

    yield from evidence.judge(problem.gradient_names(), "reference vjp", pulled.gradients, f)


def float64_rerun(evidence: Evidence) -> Iterator[Check]:
    """The same function in float64 on the same rounded inputs: what float32 and below are held against."""
    problem, pulled = evidence.problem, evidence.pulled
    fw, pull = evidence.float64, evidence.pull64
    with fw.scope():

        def f(leaves: Arrays) -> Arrays:
            again = pull(problem.on(fw, leaves))
            grads = [
                np.zeros_like(x) if d is None else d
                for d, x in zip(again.gradients, _diff(problem, leaves), strict=True)
            ]
            return [*again.outputs, *grads]

        names = [*pulled.names, *problem.gradient_names()]
        yield from evidence.judge(names, "float64 rerun", [*pulled.outputs, *pulled.gradients], f)


def difference(evidence: Evidence) -> Iterator[Check]:
    """Difference ladders of the float64 function, along random directions of each leaf.

    The gradient judged is the target's own in float64, else that of the float64 rerun (which the rerun's oracle
    ties to the target's).
    """
    problem = evidence.problem
    fw, pull = evidence.float64, evidence.pull64
    with fw.scope():
        leaves = problem.exact()
        grads = evidence.pulled.gradients if evidence.dtype == "float64" else pull(problem.on(fw, leaves)).gradients

        def phi(moved: Arrays) -> float:
            out = pull(problem.on(fw, moved))
            floating = [y for y in out.outputs if is_floating(y.dtype)]
            return float(sum((c.astype(np.float64) * y).sum() for c, y in zip(out.cotangents, floating, strict=True)))

        chosen = [i for i, d in enumerate(problem.differentiated) if d]
        for name, i, dx in zip(problem.gradient_names(), chosen, grads, strict=True):
            yield _probe_leaf(name, i, leaves, dx, phi, evidence)


def _probe_leaf(
    name: str, i: int, leaves: Arrays, dx: Any, phi: Callable[[Arrays], float], evidence: Evidence
) -> Check:
    """The worst of PROBES directions of leaf ``i``."""
    found = np.zeros_like(leaves[i]) if dx is None else dx
    if not np.all(np.isfinite(found)):
        return compare(name, "difference ladder", found, np.zeros_like(found), np.zeros_like(found))
    checks = [_probe(name, i, leaves, found, phi, evidence) for _ in range(PROBES)]
    return max(checks, key=lambda c: (c.verdict == "discrepancy", c.verdict == "inconclusive", c.ratio))


def _probe(name: str, i: int, leaves: Arrays, dx: Floats, phi: Callable[[Arrays], float], evidence: Evidence) -> Check:
    x = leaves[i]
    u = direction(x.shape, evidence.rng) * (np.sqrt(np.mean(x**2)) or 1.0 if x.size else 1.0)

    def along(t: float) -> float:
        return phi([*leaves[:i], x + t * u, *leaves[i + 1 :]])

    slope = ladder.climb(along, _noise(along, leaves, phi, evidence.rng))
    analytic = float((dx * u).sum())
    return _verdict(name, analytic, slope, float(np.linalg.norm(dx * u)), along, evidence)


def _verdict(
    name: str, analytic: float, slope: ladder.Slope, norm: float, along: ladder.Phi, evidence: Evidence
) -> Check:
    s = norm + abs(slope.value)
    bound = LADDER_FACTOR * slope.error + LADDER_RTOL * s
    # A derivative that is zero has no scale of its own; the function's value gives one.
    vague = slope.error > INCONCLUSIVE * s and slope.error > NEGLIGIBLE * abs(along(0.0))
    if evidence.tolerance:
        bound = max(bound, float(evidence.tolerance.bound(np.asarray(slope.value))))
    check = compare(f"<{name}, u>", "difference ladder", analytic, np.asarray(slope.value), np.asarray(bound))
    kink = ladder.find_kink(along, s) if check.verdict == "discrepancy" or vague else None
    if kink and kink.admits(analytic):
        return Check(
            check.what, check.oracle, "pass", check.error, check.bound, "between the one-sided slopes of a kink"
        )
    if kink or vague:
        why = "a kink lies at the input" if kink else f"the differences are good to {slope.error:.0e} only, of {s:.0e}"
        return Check(check.what, check.oracle, "inconclusive", check.error, check.bound, why)
    return check


def _noise(along: ladder.Phi, leaves: Arrays, phi: Callable[[Arrays], float], rng: np.random.Generator) -> float:
    """How far phi's value is off: its change under a jitter of all inputs by one ulp, and its own rounding."""
    centre = along(0.0)
    moved = [x * (1 + 2.0**-53 * rng.uniform(-1, 1, size=x.shape)) if is_floating(x.dtype) else x for x in leaves]
    return abs(phi(moved) - centre) + 2.0**-52 * abs(centre)


def _spread(f: Callable[[Arrays], Arrays], leaves: Arrays, dtype: str, rng: np.random.Generator) -> Any:
    floating = [is_floating(x.dtype) for x in leaves]

    def of_floats(moved: list[Floats]) -> list[Floats]:
        turn = iter(moved)
        return [
            y.astype(np.complex128 if y.dtype.kind == "c" else np.float64)
            for y in f([next(turn) if d else x for x, d in zip(leaves, floating, strict=True)])
        ]

    return jitter_spread(of_floats, [x for x, d in zip(leaves, floating, strict=True) if d], dtype, rng)


def _diff(problem: Problem, leaves: Arrays) -> Arrays:
    return [x for x, d in zip(leaves, problem.differentiated, strict=True) if d]


def _none(name: str, oracle: str, expected: Floats) -> Check:
    """No gradient came back: right only where the oracle's is zero everywhere."""
    check = compare(name, oracle, np.zeros_like(expected), expected, np.zeros_like(expected))
    return check if check.verdict == "pass" else Check(**{**check.__dict__, "note": "no gradient came back (None)"})


def _gradients(grads: Any, problem: Problem) -> Arrays:
    """The vjp's gradients of the differentiated leaves. ValueError unless there is one for each primal."""
    primals = problem.tree.children()
    if len(grads) != len(primals):
        raise ValueError(
            f"reference_vjp returned {len(grads)} gradients; allowed is one for each of the {len(primals)} primals"
        )
    turn, kept = iter(problem.differentiated), []
    for dx, primal in zip(grads, primals, strict=True):
        leaves = optree.tree_leaves(dx, none_is_leaf=True)
        wanted = [next(turn) for _ in range(primal.num_leaves)]
        if any(wanted):
            kept += [np.asarray(d) for d, w in zip(leaves, wanted, strict=True) if w]
    return kept
