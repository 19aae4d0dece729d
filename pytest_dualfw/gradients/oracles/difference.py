"""Difference ladders of the function itself, in float64."""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

import numpy as np

from ...compare import compare
from ...findings import Check
from ...frameworks.program import Array, Direction
from .. import kinks
from ..evidence import Evidence
from ..ladder import NOWHERE, Reading, Slope, read, read_all
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
    float64, else that of the float64 rerun, which the rerun's oracle ties to the target's. Bound: 10 e + 1e-10 s,
    e the ladder's own error, s = || dx o u ||_2 + |slope|; a discrepancy must be confirmed by a second ladder of
    other steps, be no subgradient at a kink, and be no rounding inside the function. Cost: 6 values for each
    direction of a smooth function, up to 36 of a wild one, 4 for the noise; a reverse pass below float64. Where there
    is a discrepancy: 4 log2(n) values to find its entry, 48 to 192 at points nearby, and up to 200 one-sided slopes of
    6 or 12 values at kinks that meet.
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


def probe(evidence: Evidence, name: str, direction: Direction) -> Check:
    """One direction, judged."""
    centre, noise = evidence.centre_and_noise
    phi = evidence.phi(direction)
    analytic, norm = inner(evidence.gradients, direction), inner_norm(evidence.gradients, direction)
    reading = read(phi, centre, noise, norm)
    check = _within(evidence, name, analytic, norm, reading)
    if check.verdict == "pass":
        return check
    at_kink = kinks.judge(evidence, direction, reading, check)
    if at_kink is not None:
        return at_kink
    if check.verdict == "inconclusive":
        return check
    reading = read_all(reading, phi)
    return _located(evidence, direction, _tried(evidence, direction, check, reading), reading)


def _located(evidence: Evidence, direction: Direction, check: Check, reading: Reading) -> Check:
    """The first few discrepancies are looked for; the rest are told along their direction."""
    if check.verdict != "discrepancy" or evidence.located >= LOCATED:
        return check
    evidence.located += 1
    found = locate(evidence, direction, reading)
    gross = found and found.off > GROSS * inner_norm(evidence.gradients, found.direction)
    if found and gross and not evidence.smooth:
        if kinks.near_a_subgradient(evidence, found.direction, found.off):
            return kinks.judge_all(evidence, direction, None, check)
        evidence.smooth = True
    return described(evidence, check, found) if found else check


def _within(evidence: Evidence, name: str, analytic: float, norm: float, reading: Reading) -> Check:
    slope = reading.best
    what = f"<{name}, u>"
    if not slope.known:
        why = "jumps at" if all(r.finite for r in reading.rungs) else "is not finite around"
        return Check(what, DifferenceLadder.name, "inconclusive", note=f"the function {why} the input")
    s = norm + abs(slope.value)
    bound = evidence.widened(FACTOR * slope.error + RTOL * s, slope.value)
    error = abs(analytic - slope.value)
    if error <= bound:
        check = Check(what, DifferenceLadder.name, "pass", error, bound)
    else:
        check = compare(what, DifferenceLadder.name, analytic, np.asarray(slope.value), np.asarray(bound))
    vague = slope.error > INCONCLUSIVE * s and slope.error > NEGLIGIBLE * abs(reading.rungs[0].centre)
    if vague and check.verdict == "pass":
        return _undecided(check, f"the differences are good to {slope.error:.0e} only, of {s:.0e}")
    return check


def _tried(evidence: Evidence, direction: Direction, check: Check, reading: Reading) -> Check:
    """What may still speak for the gradient, once the first ladder spoke against it: ladders of smaller steps, two
    ladders that contradict each other, rounding inside the function.
    """
    analytic, norm = inner(evidence.gradients, direction), inner_norm(evidence.gradients, direction)
    off = abs(analytic - reading.best.value)
    witnesses = reading.witnesses(SMALL_PART * off)
    if len(witnesses) < 2 or abs(witnesses[0].value - witnesses[1].value) > 2 * SMALL_PART * off:
        return _undecided(check, "ladders of different steps disagree: the function changes faster than they resolve")
    finest = witnesses[0]
    size = norm + abs(finest.value)
    off = abs(analytic - finest.value)
    if not off or off <= FACTOR * finest.error + RTOL * size:
        return replace(check, verdict="pass", error=off, bound=FACTOR * finest.error + RTOL * size, discrepancy=None)
    small = off < INCONCLUSIVE * size or off < NEGLIGIBLE * max(evidence.terms, 1.0)
    if small and off <= FACTOR * _rounding(evidence, direction, reading):
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
