"""A difference ladder: differences at h, h/4, h/16 with Romberg's extrapolation and their own error estimate.

phi(t) is a real function of one variable. The central difference T_k0 = (phi(h_k) - phi(-h_k)) / 2 h_k has an error
series in even powers of h, so T_kj = T_k,j-1 + (T_k,j-1 - T_k-1,j-1) / (16^j - 1) removes one power after the other;
a one-sided difference has all powers, and 4^j takes the place of 16^j. The entry with the smallest estimated error
wins; the estimate is the larger difference to its two neighbours, or the noise of phi over the step.
Sources: W. Romberg (1955); J. N. Lyness and C. B. Moler (1966), for the error by neighbours.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..frameworks.program import Array

# Steps in units of the direction. The first ladder serves smooth functions of ordinary scale; where it does not settle
# the next ones follow: small steps for kinks nearby, then what lies between, then ever smaller for wild functions.
STEPS = tuple(
    tuple(2.0**-p for p in powers) for powers in ((7, 9, 11), (16, 18, 20), (10, 12, 14), (22, 24, 26), (28, 30, 32))
)
# Where the function's noise is the limit, larger steps are the cure.
WIDE = tuple(2.0**-p for p in (1, 3, 5))
# Two steps, and the part of its size to which they tell a slope: of a smooth function, and of one with kinks nearby.
Glance = tuple[tuple[float, ...], float]
GLANCES: tuple[Glance, ...] = ((STEPS[0][1:], 1e-10), (STEPS[1][:2], 1e-9))

SETTLED = 1e-10
NOISE_MARGIN = 4.0
SHRINKING, BENDS_NOISE = 0.6, 16.0
# A slope speaks against a gradient when it is good to this part of itself, or as good as the noise of phi allows, and
# that noise is not what phi consists of.
BELIEVABLE, NOISY_PART, SMALL_NOISE = 0.05, 1e-3, 1e-8

Values = Callable[[Sequence[float]], Array]


@dataclass(frozen=True)
class Slope:
    """A derivative and how far it may be off."""

    value: float
    error: float

    @property
    def known(self) -> bool:
        return math.isfinite(self.value) and math.isfinite(self.error)


NOWHERE = Slope(math.nan, math.inf)


@dataclass(frozen=True)
class Rung:
    """phi at +-h for one ladder's steps, at 0, and how far a value of phi may be off."""

    steps: tuple[float, ...]
    up: list[float]
    down: list[float]
    centre: float
    noise: float

    @classmethod
    def of(cls, phi: Values, steps: tuple[float, ...], centre: float, noise: float) -> "Rung":
        both = phi([*steps, *(-h for h in steps)]).tolist()
        return cls(steps, both[: len(steps)], both[len(steps) :], centre, noise)

    @property
    def finest(self) -> float:
        """The difference over the smallest step."""
        return (self.up[-1] - self.down[-1]) / (2 * self.steps[-1])

    @cached_property
    def central(self) -> Slope:
        """Of no use over a jump or a pole between -h and h."""
        return self._central() if self.smooth else NOWHERE

    @property
    def smooth(self) -> bool:
        """Whether phi(h) + phi(-h) - 2 phi(0) shrinks with h: as h^2 where phi is smooth, as h at a kink."""
        sums = [u + d for u, d in zip(self.up, self.down, strict=True)]
        bends = [abs(s - 2 * self.centre) for s in sums if math.isfinite(s)]
        return len(bends) < 2 or bends[-1] <= SHRINKING * bends[-2] + BENDS_NOISE * self.noise

    def _central(self) -> Slope:
        return climb(self.steps, [(u - d) / 2 for u, d in zip(self.up, self.down, strict=True)], 16.0, self.noise)

    def right(self) -> Slope:
        return climb(self.steps, [u - self.centre for u in self.up], 4.0, 2 * self.noise)

    def left(self) -> Slope:
        return climb(self.steps, [self.centre - d for d in self.down], 4.0, 2 * self.noise)

    @property
    def finite(self) -> bool:
        return all(map(math.isfinite, [*self.up, *self.down, self.centre]))

    @property
    def rise(self) -> float:
        """The largest change of phi."""
        moved = [abs(y - self.centre) for y in (*self.up, *self.down)]
        return max((y for y in moved if math.isfinite(y)), default=0.0)

    @property
    def floor(self) -> float:
        """What noise leaves of the best entry."""
        return self.noise / self.steps[-1]


def climb(steps: Sequence[float], rises: Sequence[float], power: float, noise: float) -> Slope:
    """The derivative from ``rises``, the change of phi over each of the ``steps`` (each a quarter of the last)."""
    best = NOWHERE
    above: list[Slope] = []
    for h, rise in zip(steps, rises, strict=True):
        row = _row(rise / h, above, power, noise / h) if math.isfinite(rise) else []
        best = min([best, *row], key=lambda s: s.error)
        above = row
    return best


def _row(first: float, above: list[Slope], power: float, floor: float) -> list[Slope]:
    """One level of the tableau. A lone first entry has no neighbour to judge it by."""
    entries = [Slope(first, max(abs(first - above[0].value), floor) if above else math.inf)]
    for j, upper in enumerate(above, start=1):
        left = entries[-1].value
        value = left + (left - upper.value) / (power**j - 1)
        entries.append(Slope(value, max(abs(value - left), abs(value - upper.value), floor)))
    return entries


def glance(phi: Values, steps: tuple[float, ...]) -> float:
    """The slope by two steps and one extrapolation. It has no error estimate, so it can confirm a gradient that agrees
    with it in nine digits, which no error does by chance, and contradict none.
    """
    up, near_up, down, near_down = phi([*steps, *(-h for h in steps)]).tolist()
    coarse, fine = (up - down) / (2 * steps[0]), (near_up - near_down) / (2 * steps[1])
    return float(fine + (fine - coarse) / 15.0)


@dataclass(frozen=True)
class Reading:
    """What the ladders along one direction say; ``rungs`` as far as they were climbed."""

    rungs: tuple[Rung, ...]

    @property
    def best(self) -> Slope:
        return min((r.central for r in self.rungs), key=lambda s: s.error)

    def witnesses(self, error: float) -> list[Slope]:
        """The central slopes that are good to ``error``, the one of the smallest steps first. They share no step, so
        they agree by merit only.
        """
        ordered = sorted(self.rungs, key=lambda r: r.steps[-1])
        slopes = [(r, r.central) for r in ordered]
        return [s for r, s in slopes if s.known and s.error <= error and self._believable(r, s)]

    def _believable(self, rung: Rung, slope: Slope) -> bool:
        """Where phi is chaotic, differences grow as 1/h: they are no derivative, however close together they lie
        beside a huge gradient.
        """
        if slope.error <= BELIEVABLE * max(abs(slope.value), rung.rise / rung.steps[0]):
            return True
        return slope.error <= NOISE_MARGIN * rung.floor and not self.drowned

    @property
    def drowned(self) -> bool:
        """Whether a movement of the inputs by an ulp changes phi as much as the steps do."""
        noise, centre = self.rungs[0].noise, abs(self.rungs[0].centre)
        reach = max(r.rise for r in self.rungs)
        return noise > SMALL_NOISE * (centre + reach) and noise > NOISY_PART * reach

    def sides(self) -> tuple[Slope, Slope]:
        """Left and right slope."""
        pairs = [(r.left(), r.right()) for r in self.rungs]
        return min(pairs, key=lambda p: p[0].error + p[1].error)

    def and_also(self, rung: Rung) -> "Reading":
        return Reading((*self.rungs, rung))


def read(phi: Values, centre: float, noise: float, norm: float) -> Reading:
    """Climb ladder after ladder until one settles: its error is a small part of ``norm`` or of what it found, or no
    more than the noise of phi explains.
    """
    reading = Reading(())
    for steps in STEPS:
        reading = reading.and_also(Rung.of(phi, steps, centre, noise))
        if settled(reading, norm):
            break
    if _noisy(reading.rungs[0]) and not precise(reading.best, norm):
        reading = reading.and_also(Rung.of(phi, WIDE, centre, noise))
    return reading


def read_all(reading: Reading, phi: Values) -> Reading:
    """The ladders that the reading has not climbed yet."""
    first, used = reading.rungs[0], {r.steps for r in reading.rungs}
    for steps in (*STEPS, WIDE):
        if steps not in used:
            reading = reading.and_also(Rung.of(phi, steps, first.centre, first.noise))
    return reading


def settled(reading: Reading, norm: float) -> bool:
    return precise(reading.best, norm) or _noisy(reading.rungs[-1])


def precise(slope: Slope, norm: float) -> bool:
    return slope.error <= SETTLED * (norm + abs(slope.value))


def _noisy(rung: Rung) -> bool:
    return rung.central.error <= NOISE_MARGIN * rung.floor
