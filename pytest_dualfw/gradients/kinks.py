"""Kinks at the input: relu at 0, ties in a maximum, a clip at its bound.

There phi has a left slope and a right slope, and any number between them is that of a subgradient, so any of them
passes. Where several kinks meet in one direction, some convex and some concave, the slopes of the sum do not bound the
subgradients of the sum. The entries are then halved as long as the slopes of the halves add up, which those of
independent kinks do; where they do not (a tie), the smallest set is looked for on which the gradient still lies
outside. Last, slopes are sampled at points close by: almost all of them are smooth, and the subgradients at the input
are the hull of the gradients near it (F. Clarke, Optimization and Nonsmooth Analysis, 1983; J. Burke, A. Lewis and
M. Overton, gradient sampling, 2005). What lies within their hull may be a subgradient: inconclusive.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, combinations, islice

import numpy as np

from ..findings import Check
from ..frameworks.program import Array, Arrays, Direction
from .evidence import Evidence
from .ladder import STEPS, Reading, Rung
from .probes import signs, unit
from .products import inner, inner_norm, restricted, support

# One-sided slopes must differ by this part of the gradient's size, and by ten times their error.
DISTINCT = 1e-6
ERRORS = 10.0
ROUGH = 1e-3
# Measurements of sides that one direction may cost before the verdict is inconclusive.
BUDGET = 200
# The largest tie whose entries are tried in pairs.
LARGEST_TIE = 10
# Of so many entries the slopes close by are all seen.
FEW_TIED = 3

# Points close by: this far from the input in units of the leaves, with a difference over a much smaller step. If
# a few agree in the slope along a direction of many entries, the function is smooth there.
SAMPLES, FEW = 96, 10
NEARBY, NEARBY_STEP = 2.0**-16, 2.0**-23
# Leaves of so many entries or more are moved in ever the same ways, rolled.
ROLLED = 1000
# A hull this narrow beside the discrepancy is that of a smooth function.
NARROW = 0.1
# The samples need not reach the hull's ends: it is taken to be this part wider.
WIDER = 0.3
# Further directions in which a gradient that passed at a kink is tried.
DIRECTIONS = 4
# Leaves whose scales differ by less move by the same length.
ALIKE = 100.0


Entries = list[int]


@dataclass(frozen=True)
class Sides:
    """One-sided slopes at 0 and how far they may be off."""

    left: float
    right: float
    error: float

    def __add__(self, other: "Sides") -> "Sides":
        return Sides(self.left + other.left, self.right + other.right, self.error + other.error)

    def equals(self, other: "Sides") -> bool:
        slack = ERRORS * (self.error + other.error) + ROUGH * (abs(self.left) + abs(self.right))
        return abs(self.left - other.left) <= slack and abs(self.right - other.right) <= slack

    def distinct(self, size: float) -> bool:
        gap = abs(self.right - self.left)
        return gap > ERRORS * self.error + DISTINCT * size and self.error <= ROUGH * gap

    def hold(self, low: float, high: float) -> bool:
        """Whether slopes from ``low`` to ``high``, measured close by, lie between."""
        slack = ROUGH * abs(self.right - self.left) + ERRORS * self.error
        return low >= min(self.left, self.right) - slack and high <= max(self.left, self.right) + slack

    def admit(self, slope: float, size: float) -> bool:
        slack = ERRORS * self.error + DISTINCT * size
        return min(self.left, self.right) - slack <= slope <= max(self.left, self.right) + slack


def sides_of(reading: Reading) -> Sides | None:
    """None where the ladders do not find both."""
    left, right = reading.sides()
    return Sides(left.value, right.value, left.error + right.error) if left.known and right.known else None


def judge(evidence: Evidence, direction: Direction, reading: Reading, check: Check) -> Check | None:
    """The verdict at a kink; None where there is none, and the central differences stand."""
    size = inner_norm(evidence.gradients, direction) + abs(reading.best.value if reading.best.known else 0.0)
    sides = sides_of(reading)
    if sides is None or not sides.distinct(size):
        return None
    return judge_all(evidence, direction, sides, check)


def judge_all(evidence: Evidence, direction: Direction, sides: Sides | None, check: Check) -> Check:
    """The worst verdict of the direction, of the one with all entries moving by the same, since a tie shows in a common
    movement, and of a few more: what is no subgradient lies between the slopes along some directions by chance.
    """
    first = _Kinks(evidence, check, direction).judge(sides)
    if first.verdict == "discrepancy":
        return first
    found = _Kinks(evidence, check, _common(direction)).judge(None)
    for _ in range(DIRECTIONS):
        if (first.verdict, found.verdict) != ("pass", "pass"):
            return found if found.verdict == "discrepancy" or first.verdict == "pass" else first
        found = _Kinks(evidence, check, _redrawn(direction, evidence.rng)).judge(None)
    return found


class _Unclear(Exception):
    """The slopes at a kink cannot be told well, or the gradient may be a subgradient there."""


class _Kinks:
    """Measures sides of parts of one direction, within a budget."""

    def __init__(self, evidence: Evidence, check: Check, direction: Direction) -> None:
        self._evidence, self._check, self._direction, self._left = evidence, check, direction, BUDGET
        self._measured: dict[tuple[int, ...], Sides] = {}
        self._groups = _groups(direction)

    def judge(self, sides: Sides | None) -> Check:
        every = list(range(support(self._direction)))
        if sides is not None:
            self._measured[tuple(every)] = sides
        try:
            wrong = self._wrong(every)
        except _Unclear as why:
            return replace(self._check, verdict="inconclusive", note=str(why), discrepancy=None)
        if wrong is None:
            note = "between the one-sided slopes of a kink"
            return replace(self._check, verdict="pass", note=note, discrepancy=None)
        return self._discrepancy(wrong)

    def _wrong(self, entries: Entries) -> Entries | None:
        """Entries on which the gradient is no subgradient's."""
        if not self._outside(entries):
            return None
        if len(entries) == 1:
            return self._sampled(entries)
        for halves in _halvings(entries, self._groups):
            if (self._sides(halves[0]) + self._sides(halves[1])).equals(self._sides(entries)):
                return next((w for w in map(self._wrong, halves) if w is not None), None)
        return self._in_a_tie(entries)

    def _in_a_tie(self, entries: Entries) -> Entries:
        """Entries that are coupled, as those of a tie are; where there are many, as few of them as will do."""
        if len(entries) > LARGEST_TIE:
            entries = _shrink(entries, self._outside)
        if len(entries) > LARGEST_TIE:
            raise _Unclear("several kinks meet at the input")
        groups = self._coupled(entries)
        wrong = next((g for g in groups if self._outside(g)), None)
        if wrong is None:
            raise _Unclear("several kinks meet at the input")
        return self._sampled(wrong, entries)

    def _coupled(self, entries: Entries) -> list[Entries]:
        """Groups whose entries' slopes do not add up in pairs."""
        groups: list[Entries] = [[i] for i in entries]
        for i, j in combinations(entries, 2):
            apart = self._sides([i]) + self._sides([j])
            mine, other = (next(g for g in groups if k in g) for k in (i, j))
            if mine is not other and not apart.equals(self._sides([i, j])):
                mine += other
                groups.remove(other)
        return groups

    def _sampled(self, *candidates: Entries) -> Entries:
        """The first set of entries on which the gradient is far from every gradient close by."""
        for entries in candidates:
            sides, part = self._sides(entries), restricted(self._direction, entries)
            analytic = inner(self._evidence.gradients, part)
            off = min(abs(analytic - sides.left), abs(analytic - sides.right))
            known = sides if len(entries) <= FEW_TIED else None
            if not near_a_subgradient(self._evidence, part, off, known):
                return entries
        raise _Unclear("several kinks meet at the input, and the gradient may be a subgradient there")

    def _sides(self, entries: Entries) -> Sides:
        key = tuple(entries)
        if key not in self._measured:
            self._measured[key] = self._measure(restricted(self._direction, entries))
        return self._measured[key]

    def _measure(self, direction: Direction) -> Sides:
        self._left -= 1
        centre, noise = self._evidence.centre_and_noise
        phi = self._evidence.phi(direction)
        found = [sides_of(Reading((Rung.of(phi, steps, centre, noise),))) for steps in STEPS[:2]]
        best = min((s for s in found if s is not None), key=lambda s: s.error, default=None)
        if best is None or self._left < 0:
            raise _Unclear("several kinks meet at the input")
        return best

    def _outside(self, entries: Entries) -> bool:
        """Whether the gradient lies outside the one-sided slopes."""
        sides, part = self._sides(entries), restricted(self._direction, entries)
        size = inner_norm(self._evidence.gradients, part)
        rough = ROUGH * (size + abs(sides.left) + abs(sides.right)) + 1e-9 * abs(self._evidence.centre_and_noise[0])
        if sides.error > rough:
            raise _Unclear("a kink lies at the input, and its slopes cannot be told well")
        return not sides.admit(inner(self._evidence.gradients, part), size)

    def _discrepancy(self, entries: Entries) -> Check:
        sides, found = self._sides(entries), self._check.discrepancy
        analytic = inner(self._evidence.gradients, restricted(self._direction, entries))
        low, high = sorted((sides.left, sides.right))
        nearest = min((low, high), key=lambda s: abs(s - analytic))
        note = f"a kink: every subgradient there lies between {low:.6g} and {high:.6g}"
        error, bound = abs(analytic - nearest), ERRORS * sides.error
        if found is not None:
            found = replace(found, obtained=analytic, expected=nearest, bound=bound, hint="")
        return replace(self._check, verdict="discrepancy", error=error, bound=bound, note=note, discrepancy=found)


def near_a_subgradient(evidence: Evidence, direction: Direction, off: float, sides: Sides | None = None) -> bool:
    """Whether <dx, u> lies in the hull of the slopes at points close by, and these differ by a part of ``off``. Where
    none of them leaves the one-sided slopes at the input, these are the ends of the hull, and it is known.
    """
    slopes = _slopes_nearby(evidence, direction, SAMPLES)
    low, high = min(slopes), max(slopes)
    if sides is not None and sides.hold(low, high):
        return False
    slack = WIDER * (high - low)
    return high - low > NARROW * off and low - slack <= inner(evidence.gradients, direction) <= high + slack


def smooth_nearby(evidence: Evidence, direction: Direction, off: float) -> bool:
    """Whether the slopes at points close by differ by too little to explain ``off``."""
    return bool(np.ptp(_slopes_nearby(evidence, direction, FEW)) <= NARROW * off)


def _slopes_nearby(evidence: Evidence, direction: Direction, count: int) -> list[float]:
    shifts = _shifts(evidence.problem.differentiated_of(evidence.exact), evidence.rng)
    return [_nearby(evidence, direction, shift) for shift in islice(shifts, count)]


def _shifts(leaves: Arrays, rng: np.random.Generator) -> Iterator[Direction]:
    """Ways to points close by. The one of a large leaf is rolled, which is cheaper than to draw it anew."""
    first = [NEARBY * unit(x) * signs(x.shape, rng) for x in leaves]
    while True:
        yield [
            np.roll(u.reshape(-1), rng.integers(u.size)).reshape(u.shape)
            if u.size >= ROLLED
            else NEARBY * unit(x) * signs(x.shape, rng)
            for u, x in zip(first, leaves, strict=True)
        ]


def _nearby(evidence: Evidence, direction: Direction, shift: Direction) -> float:
    """A difference that has a kink between its ends lies in the hull too."""
    up, down = evidence.phi(direction, evidence.problem.moved(evidence.exact, shift))((NEARBY_STEP, -NEARBY_STEP))
    return float(np.nan_to_num((up - down) / (2 * NEARBY_STEP)))


def _groups(direction: Direction) -> list[Array]:
    """Each entry's row, its column, and its place in its leaf, numbered over all leaves: a tie lies within one of a
    kind, so halves that keep them whole add up.
    """
    moving = [u for u in direction if u is not None]
    starts = np.cumsum([0, *(u.size for u in moving)])[:-1]
    columns = [
        [start + k // (u.shape[-1] if u.ndim else 1), start + k % (u.size // u.shape[0] if u.ndim else 1), k / u.size]
        for start, u, k in ((s, u, np.arange(u.size)) for s, u in zip(starts, moving, strict=True))
    ]
    return [np.concatenate(kind) for kind in zip(*columns, strict=True)]


def _halvings(entries: Entries, groups: list[Array]) -> Iterator[tuple[Entries, Entries]]:
    """Two halves that keep the rows whole, the columns, the places; halves of the only group there is."""
    seen: set[tuple[int, ...]] = set()
    for group in groups:
        mine = group[entries]
        present = np.unique(mine)
        below = mine < present[len(present) // 2] if len(present) > 1 else np.arange(len(mine)) < len(mine) // 2
        first, second = ([i for i, b in zip(entries, below, strict=True) if b == side] for side in (True, False))
        if tuple(first) not in seen:
            seen.add(tuple(first))
            yield first, second


def _redrawn(direction: Direction, rng: np.random.Generator) -> Direction:
    return [u if u is None or u.dtype.kind == "c" else abs(u) * np.sign(signs(u.shape, rng)) for u in direction]


def _common(direction: Direction) -> Direction:
    """All entries by the same length; leaves of very different scale by their own."""
    lengths = [None if u is None else float(np.sqrt(np.mean(np.abs(u) ** 2))) for u in direction]
    usual = float(np.median([k for k in lengths if k]))
    near = [k if k is None or not 1 / ALIKE < k / usual < ALIKE else usual for k in lengths]
    pairs = zip(direction, near, strict=True)
    return [u if u is None or u.dtype.kind == "c" else np.full_like(u, k) for u, k in pairs]


def _shrink(entries: list[int], outside: Callable[[list[int]], bool]) -> list[int]:
    """A small set of entries on which ``outside`` still holds: halves are tried, then ever smaller parts are dropped
    (A. Zeller and R. Hildebrandt, Simplifying and isolating failure-inducing input, 2002).
    """
    parts = 2
    while len(entries) > 1:
        size = max(len(entries) // parts, 1)
        starts = range(0, len(entries), size)
        chunks = (entries[i : i + size] for i in starts)
        rests = (entries[:i] + entries[i + size :] for i in starts if parts > 2)
        smaller = next((c for c in chain(chunks, rests) if 0 < len(c) < len(entries) and outside(c)), None)
        if smaller is not None:
            entries, parts = smaller, 2 if len(smaller) <= size else max(parts - 1, 2)
        elif size == 1:
            return entries
        else:
            parts = min(parts * 2, len(entries))
    return entries
