"""Where a gradient is wrong: the direction is halved, and the half that holds more of the discrepancy is kept.

A derivative is linear in its direction, so one difference on one half tells of both: log2(n) of them for n entries.
"""

from dataclasses import dataclass, replace

import numpy as np

from ..compare import hint_of, plain
from ..findings import Check, Discrepancy
from ..frameworks.program import Array, Direction
from .evidence import Evidence
from .ladder import Reading, Rung
from .products import inner, restricted, support

GOOD = 0.1
FACTOR = 10.0


@dataclass(frozen=True)
class Place:
    """One entry of one differentiated leaf: what differences say of it, how far that may be off, the direction that
    moves it alone, and how far <dx, u> is off along it.
    """

    leaf: int
    index: tuple[int, ...]
    value: complex
    error: float
    direction: Direction
    off: float


def locate(evidence: Evidence, direction: Direction, reading: Reading) -> Place | None:
    """The entry where halving ends, and what differences say of it; None where no single entry's discrepancy can be
    told from noise.
    """
    whole = min(reading.rungs, key=lambda r: r.central.error)
    excess = whole.central.value - inner(evidence.gradients, direction)
    return _halve(evidence, direction, whole, excess) or _halve(evidence, direction, whole, None)


def _halve(evidence: Evidence, direction: Direction, whole: Rung, excess: float | None) -> Place | None:
    """``excess`` is what the whole direction is off by; None: both halves are measured, as kinks require."""
    start, stop = 0, support(direction)
    while stop - start > 1:
        middle = (start + stop) // 2
        left = _off(evidence, restricted(direction, slice(start, middle)), whole, excess)
        part = restricted(direction, slice(middle, stop))
        right = _off(evidence, part, whole, None) if excess is None else excess - left
        to_the_left = abs(left) >= abs(right)
        start, stop = (start, middle) if to_the_left else (middle, stop)
        excess = None if excess is None else left if to_the_left else right
    return _entry(evidence, restricted(direction, slice(start, stop)), whole.steps)


def _off(evidence: Evidence, part: Direction, whole: Rung, excess: float | None) -> float:
    """What a part is off by: from one step, where that told enough of the ``whole`` to tell this ``excess``."""
    alone = abs(whole.finest - whole.central.value) + whole.floor
    enough = excess is not None and alone <= GOOD * abs(excess)
    rung = _rung(evidence, part, whole.steps[-1:] if enough else whole.steps)
    found = (rung.finest if enough else rung.central.value) - inner(evidence.gradients, part)
    return found if np.isfinite(found) else 0.0


def _rung(evidence: Evidence, direction: Direction, steps: tuple[float, ...]) -> Rung:
    centre, noise = evidence.centre_and_noise
    return Rung.of(evidence.phi(direction), steps, centre, noise)


def _entry(evidence: Evidence, direction: Direction, steps: tuple[float, ...]) -> Place | None:
    leaf = next(i for i, u in enumerate(direction) if u is not None)
    u = direction[leaf]
    assert u is not None
    index = tuple(int(k) for k in np.unravel_index(int(np.argmax(np.abs(u))), u.shape))
    length = float(np.abs(u[index]))
    parts = [_rung(evidence, _along(direction, leaf, index, length * z), steps).central for z in _units(u)]
    expected = complex(sum(s.value * z for s, z in zip(parts, _units(u), strict=True))) / length
    error = sum(s.error for s in parts) / length
    off = abs(expected - evidence.gradients[leaf][index])
    value = expected if u.dtype.kind == "c" else expected.real
    return Place(leaf, index, value, error, direction, off * length) if off > FACTOR * error else None


def _units(u: Array) -> tuple[complex, ...]:
    return (1.0, 1.0j) if u.dtype.kind == "c" else (1.0,)


def _along(direction: Direction, leaf: int, index: tuple[int, ...], length: complex) -> Direction:
    u = np.zeros_like(direction[leaf])
    u[index] = length
    return [u if i == leaf else None for i in range(len(direction))]


def described(evidence: Evidence, check: Check, place: Place) -> Check:
    """The check, told at the entry: its index, what is there, what differences say, the ratio's hint."""
    dx = evidence.gradients[place.leaf]
    name = evidence.problem.gradient_names()[place.leaf]
    obtained, bound = dx[place.index], FACTOR * place.error
    hint = hint_of(obtained, place.value, dx.shape, evidence.lengths)
    found = Discrepancy(name, place.index, plain(obtained), plain(place.value), bound, 0, dx.size, hint)
    return replace(check, discrepancy=found, error=float(abs(obtained - place.value)), bound=bound)
