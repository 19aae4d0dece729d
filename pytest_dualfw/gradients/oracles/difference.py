"""Difference ladders of the function itself, in float64."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ...compare import compare
from ...findings import Check
from ...frameworks.program import Array, Direction
from .. import kinks
from ..evidence import Evidence
from ..ladder import GLANCES, NOWHERE, Reading, Slope, Values, glance, read, read_all
from ..localise import described, locate
from ..probes import relative_unit, toward, unit
from ..products import inner, inner_norm

# float64 accepts |<dx, u> - slope| <= 10 e + 1e-10 s, and cannot tell where e > 1e-3 s.
FACTOR = 10.0
RTOL = 1e-10
INCONCLUSIVE = 1e-3
# A derivative of zero has no scale of its own: the function's value, per unit of the leaf, gives one.
NEGLIGIBLE = 1e-9
# A discrepancy stands on two ladders that are each good to this part of it.
SMALL_PART = 0.05
# A discrepancy at a kink is a part of the gradient itself; a smaller one is another kind of error.
GROSS = 1e-2
# So many discrepancies of one input are traced to an entry.
LOCATED = 3


class DifferenceLadder:
    """<dx, u> against differences of phi(t) = Re sum(conj(g) fn(x + t u)) with Richardson's extrapolation.

    Along one direction of each leaf and one of all leaves together. The gradient judged is the target's own in
    float64, else that of the float64 rerun, which the rerun's oracle ties to the target's. Two steps confirm a gradient
    that agrees with them to 1e-10 s, or two smaller ones to 1e-9 s, s = || dx o u ||_2 + |slope|. Else the bound is
    10 e + 1e-10 s, e the ladder's own error; a discrepancy must be confirmed by a second ladder of other steps, be no
    subgradient at a kink, and be no rounding inside the function. Cost: 4 values for each
    direction of a smooth function, up to 36 of a wild one and 4 for the noise; a reverse pass below float64. Where
    there is a discrepancy: 36 and 2 log2(n) values to find its entry, 20 nearby, where the function is not smooth 192
    more, and up to 200 one-sided slopes of 6 or 12 values at kinks that meet.
    """

    name: ClassVar[str] = "difference ladder"
    trusted: ClassVar[bool] = False
    family: ClassVar[str] = "values"

    def unable(self, evidence: Evidence) -> str:
        return "" if evidence.problem.gradient_names() else "nothing is differentiated"

    def judge(self, evidence: Evidence) -> Iterator[Check]:
        found = []
        for i, name in enumerate(evidence.problem.gradient_names()):
            check = _leaf(evidence, name, i)
            found.append(check.verdict)
            yield check
        if "discrepancy" not in found and all(np.all(np.isfinite(d)) for d in evidence.gradients):
            yield _together(evidence)

    def opinion(self, evidence: Evidence, direction: Direction) -> Slope | None:
        centre, noise = evidence.centre_and_noise
        slope = read(evidence.phi(direction), centre, noise, inner_norm(evidence.gradients, direction)).best
        return replace(slope, error=FACTOR * slope.error + RTOL * abs(slope.value)) if slope.known else None


def _leaf(evidence: Evidence, name: str, i: int) -> Check:
    dx, x = evidence.gradients[i], evidence.problem.differentiated_of(evidence.exact)[i]
    if not x.size:
        return Check(f"<{name}, u>", DifferenceLadder.name, "pass", 0.0, 0.0, "empty")
    if not np.all(np.isfinite(dx)):
        return _not_finite(evidence, name, i)
    check = probe(evidence, name, _alone(evidence, i, toward(dx, x, unit(x), evidence.rng)))
    if check.verdict == "inconclusive" and np.ptp(np.abs(x)) > 0:
        again = probe(evidence, name, _alone(evidence, i, toward(dx, x, relative_unit(x), evidence.rng)))
        return check if again.verdict == "inconclusive" else again
    return check


def _together(evidence: Evidence) -> Check:
    """All leaves at once, or a second direction of the only one."""
    leaves = evidence.problem.differentiated_of(evidence.exact)
    u: Direction = [toward(d, x, unit(x), evidence.rng) for d, x in zip(evidence.gradients, leaves, strict=True)]
    return probe(evidence, ", ".join(evidence.problem.gradient_names()), u)


def _alone(evidence: Evidence, i: int, u: Array) -> Direction:
    return [u if i == j else None for j in range(len(evidence.gradients))]


@dataclass(frozen=True)
class Along:
    """One direction: <dx, u>, the size of its terms, phi along it."""

    evidence: Evidence
    direction: Direction
    analytic: float
    norm: float
    phi: Values

    @classmethod
    def of(cls, evidence: Evidence, direction: Direction) -> "Along":
        dx = evidence.gradients
        return cls(evidence, direction, inner(dx, direction), inner_norm(dx, direction), evidence.phi(direction))

    def off(self, slope: float) -> float:
        return abs(self.analytic - slope)

    def size(self, slope: float) -> float:
        """s = || dx o u ||_2 + |slope|."""
        return self.norm + abs(slope)


def probe(evidence: Evidence, name: str, direction: Direction) -> Check:
    """One direction, judged."""
    along = Along.of(evidence, direction)
    confirmed = _confirmed(along, f"<{name}, u>")
    if confirmed is not None:
        return confirmed
    reading = read(along.phi, *evidence.centre_and_noise, along.norm)
    check = _within(along, f"<{name}, u>", reading)
    if check.verdict == "pass":
        return check
    at_kink = kinks.judge(evidence, direction, reading, check)
    if at_kink is not None:
        return at_kink
    if check.verdict == "inconclusive":
        return check
    reading = read_all(reading, along.phi)
    return _located(along, _tried(along, check, reading), reading)


def _confirmed(along: Along, what: str) -> Check | None:
    """A slope of zero confirms nothing: the function may be too coarse for so small steps."""
    for steps, rtol in along.evidence.glances:
        slope = glance(along.phi, steps)
        error, bound = along.off(slope), rtol * along.size(slope)
        if 0 < bound < math.inf and error <= bound:
            along.evidence.glances = tuple(sorted(GLANCES, key=lambda g: g[0] != steps))
            return Check(what, DifferenceLadder.name, "pass", error, bound)
    return None


def _located(along: Along, check: Check, reading: Reading) -> Check:
    """The first few discrepancies are looked for; the rest are told along their direction."""
    evidence = along.evidence
    if check.verdict != "discrepancy" or evidence.located >= LOCATED:
        return check
    evidence.located += 1
    found = locate(evidence, along.direction, reading)
    if found and found.off > GROSS * inner_norm(evidence.gradients, found.direction) and not evidence.smooth:
        evidence.smooth = kinks.smooth_nearby(evidence, along.direction, along.off(reading.best.value))
        if not evidence.smooth and kinks.near_a_subgradient(evidence, found.direction, found.off):
            return kinks.judge_all(evidence, along.direction, None, check)
    return described(evidence, check, found) if found else check


def _within(along: Along, what: str, reading: Reading) -> Check:
    slope = reading.best
    if not slope.known:
        why = "jumps at" if all(r.finite for r in reading.rungs) else "is not finite around"
        return Check(what, DifferenceLadder.name, "inconclusive", note=f"the function {why} the input")
    error, s = along.off(slope.value), along.size(slope.value)
    bound = along.evidence.widened(FACTOR * slope.error + RTOL * s, slope.value)
    if error <= bound:
        check = Check(what, DifferenceLadder.name, "pass", error, bound)
    else:
        check = compare(what, DifferenceLadder.name, along.analytic, np.asarray(slope.value), np.asarray(bound))
    vague = slope.error > INCONCLUSIVE * s and slope.error > NEGLIGIBLE * abs(reading.rungs[0].centre)
    if vague and check.verdict == "pass":
        return _undecided(check, f"the differences are good to {slope.error:.0e} only, of {s:.0e}")
    return check


def _tried(along: Along, check: Check, reading: Reading) -> Check:
    """What may still speak for the gradient, once the first ladder spoke against it: ladders of smaller steps, two
    ladders that contradict each other, rounding inside the function.
    """
    off = along.off(reading.best.value)
    witnesses = reading.witnesses(SMALL_PART * off)
    if len(witnesses) < 2 or abs(witnesses[0].value - witnesses[1].value) > 2 * SMALL_PART * off:
        return _undecided(check, "ladders of different steps disagree: the function changes faster than they resolve")
    finest = witnesses[0]
    off, size = along.off(finest.value), along.size(finest.value)
    bound = FACTOR * finest.error + RTOL * size
    if off <= bound:
        return replace(check, verdict="pass", error=off, bound=bound, discrepancy=None)
    small = off < INCONCLUSIVE * size or off < NEGLIGIBLE * max(along.evidence.terms, 1.0)
    if small and off <= FACTOR * _rounding(along.evidence, along.direction, reading):
        return _undecided(check, "within what rounding inside the function explains")
    return check


def _undecided(check: Check, note: str) -> Check:
    return replace(check, verdict="inconclusive", note=note, discrepancy=None)


def _rounding(evidence: Evidence, direction: Direction, reading: Reading) -> float:
    """How far rounding inside the function moves <dx, u>, and differences of its value."""
    count, outs = len(evidence.gradients), len(evidence.pulled.outputs)
    draws = evidence.rounding_draws("float64")
    slopes = [inner(d[-count:], direction) for d in draws]
    values = [evidence.weighed(d[:outs]) for d in draws]
    step = min(reading.rungs, key=lambda r: r.central.error).steps[0]
    both = float(np.ptp(slopes)) + float(np.ptp(values)) / step if draws else 0.0
    return (both if np.isfinite(both) else 0.0) + _last_digit(evidence, direction, reading)


def _last_digit(evidence: Evidence, direction: Direction, reading: Reading) -> float:
    """Where no step changes the value in its last digit, it is known to a unit of rounding of its inputs only."""
    if any(r.rise for r in reading.rungs):
        return 0.0
    weight = sum(float(np.sum(np.abs(c))) for c in evidence.cotangents)
    return 2.0**-52 * weight * (1.0 + max(float(np.max(np.abs(u), initial=0.0)) for u in direction if u is not None))


def _not_finite(evidence: Evidence, name: str, i: int) -> Check:
    """Wrong where differences say that a finite number is due; no verdict where they find none either."""
    x = evidence.problem.differentiated_of(evidence.exact)[i]
    u = toward(np.zeros_like(x), x, unit(x), evidence.rng)
    centre, noise = evidence.centre_and_noise
    reading = read(evidence.phi(_alone(evidence, i, u)), centre, noise, 0.0)
    sides = reading.sides() if reading.best.known else (NOWHERE, NOWHERE)
    size = max(abs(s.value) for s in sides) if all(s.known for s in sides) else 0.0
    if all(s.known and s.error <= INCONCLUSIVE * (size + abs(centre)) for s in sides):
        dx = evidence.gradients[i]
        expected = np.where(np.isfinite(dx), dx, 0)
        check = compare(name, DifferenceLadder.name, dx, expected, np.zeros(dx.shape))
        return replace(check, note="differences are finite there")
    return Check(name, DifferenceLadder.name, "unsupported", note="neither the gradient nor differences are finite")
