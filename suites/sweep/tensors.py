"""Rows of ops that take arrays: reductions, linear algebra, convolutions and the like.

The truth is a function of arrays of mpmath numbers (NumPy's object arrays), so that most of it is NumPy's own sums,
products and indices. Its gradient is found by moving one entry after the other.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
from mpmath import mp

from .exact import NAN, UNDEFINED, Curvatures, Number, Slopes, exact, slopes
from .measure import CURVATURE, JVP, VALUE
from .row import Row
from .truth import BITS, DIGITS, LARGEST, LEAST_EXPONENT, UNKNOWN, ZERO, Truth, ulp

Array = np.ndarray[Any, Any]
Exacts = Any  # an array of mpmath numbers, whose operations NumPy's types do not follow
Exact = Callable[..., Any]

# The part of an entry by which it is moved, to see what that does to the rest.
MOVED = mpmath.mpf(2) ** -40
OFF_ZERO = mpmath.mpf(10) ** -40
# What moves by so much of itself then has no derivative: a tie, or zeros that meet.
ROUGH = 1e-6
# The step along tangents, which are of the size of the arguments.
D = mpmath.mpf(10) ** -25
# So many digits more for each power of ten between the tangents and 1: squares of tangents beside a value of 1.
FINER = 3
# What is left of a second derivative's digits where its terms cancel.
COARSE = 2.0**-8
# Beside a value of 1 a slope of that size is what exact arithmetic leaves of zero.
SMALL = mpmath.mpf(10) ** -20
# Cotangents and directions: exact in every dtype, no two next to each other alike.
WEIGHTS = (1.0, -0.5, 0.75, -1.25, 0.5, 1.5, -0.75, 0.25, -1.0, 1.25)
ORDINARY, TIES, ZEROS, HUGE, TINY, INFINITE, NAN_INSIDE = (
    "ordinary", "ties", "zeros", "huge", "tiny", "an infinity", "a NaN"
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Input:
    """One concrete input: ``make(dtype's name)`` yields the arrays in float64, rounded to the dtype afterwards."""

    name: str
    make: Callable[[str], tuple[Array, ...]]


@dataclass(frozen=True, eq=False)
class TensorRow(Row):
    """``truth`` takes arrays of mpmath numbers and returns one; ``inputs`` stand in the place of points."""

    truth: Exact = field(default=lambda *xs: NAN)
    inputs: tuple[Input, ...] = ()

    @property
    def arguments(self) -> str:
        return "xyzabcde"[: len(self.inputs[0].make("float64"))]

    @property
    def entrywise(self) -> bool:
        return False


@dataclass(frozen=True, eq=False)
class TensorPoint:
    """Truths at one input: of each entry of the value, of each entry of each gradient of the sum with ``weights``, of
    each entry of the derivative along the tangents, and of the second derivative of that sum along them.
    """

    name: str
    arrays: tuple[Array, ...]
    tangents: tuple[Array, ...]
    value: list[Truth]
    gradients: list[list[Truth]]
    forward: list[Truth]
    second: list[Truth]
    finite: bool

    def truth_of(self, what: str, row: TensorRow) -> list[Truth]:
        """Of a quantity by its name; the ways in which it may be asked change nothing."""
        if what.endswith(VALUE):
            return self.value
        along = {JVP: self.forward, CURVATURE: self.second}
        return along[what] if what in along else self.gradients[row.arguments.index(what[-1])]


def exactly(x: Array) -> Array:
    """An array of the very numbers."""
    out = np.empty(x.shape, dtype=object)
    flat = out.reshape(-1)
    flat[:] = [exact(v) for v in x.reshape(-1)]
    return out


def each(f: Exact) -> Exact:
    """``f`` of numbers as a function of arrays of them; nan where it is not defined."""

    def at(*xs: Number) -> Number:
        try:
            return f(*xs)
        except UNDEFINED:
            return NAN

    return lambda *xs: np.asarray(np.frompyfunc(at, len(xs), 1)(*xs), dtype=object)


def weights(shape: tuple[int, ...], start: int = 0) -> Array:
    size = int(np.prod(shape))
    return np.resize(np.roll(WEIGHTS, -start), size).reshape(shape) if size else np.zeros(shape)


def truth_at(row: TensorRow, given: Input, dtype: np.dtype[Any], name: str) -> TensorPoint:
    arrays = rounded(given.make(name), dtype)
    return _truth_at(row, given, arrays_key(arrays), arrays_key(tangents(arrays, dtype)), name)


def rounded(arrays: Sequence[Array], dtype: np.dtype[Any]) -> tuple[Array, ...]:
    """To the dtype, and back into float64."""
    return tuple(np.asarray(x).astype(dtype).astype(np.float64) for x in arrays)


def tangents(arrays: Sequence[Array], dtype: np.dtype[Any]) -> tuple[Array, ...]:
    """Of the size of the arguments, entry by entry, and exact in the dtype."""
    sizes = [np.where(np.isfinite(x) & (x != 0), np.abs(x), 1.0) for x in arrays]
    return rounded([weights(size.shape, start) * size for start, size in enumerate(sizes)], dtype)


def arrays_key(arrays: Sequence[Array]) -> tuple[tuple[tuple[int, ...], bytes], ...]:
    return tuple((x.shape, x.tobytes()) for x in arrays)


@lru_cache(maxsize=1024)
def _truth_at(row: TensorRow, given: Input, of_arrays: Any, of_tangents: Any, dtype: str) -> TensorPoint:
    arrays, vs = (tuple(np.frombuffer(data).reshape(shape) for shape, data in key) for key in (of_arrays, of_tangents))
    finite = all(bool(np.all(np.isfinite(x))) for x in arrays)
    u = mpmath.mpf(2) ** -BITS[dtype]
    with mp.workdps(DIGITS):
        xs = [exactly(x) for x in arrays]
        y = _called(row, xs)
        value = _with_spread(y, _called(row, _moved(xs)), u, dtype) if y is not None else []
        g = weights(y.shape if y is not None else ())
        smooth = row.differentiable and finite and y is not None
        gradients = _gradients(row, xs, g, u, dtype) if smooth else []
        forward, second = _along(row, xs, [exactly(v) for v in vs], u, dtype) if smooth else ([], [])
    return TensorPoint(given.name, arrays, vs, value, gradients, forward, second, finite)


@dataclass(frozen=True)
class Curve:
    """f at x + k d v for k from -2 to 2, entry by entry, and f's one-sided derivatives along v."""

    y: Sequence[Array]

    @classmethod
    def through(cls, row: TensorRow, xs: Sequence[Array], vs: Sequence[Array]) -> "Curve | None":
        found = [_called(row, [x + k * D * v for x, v in zip(xs, vs, strict=True)]) for k in range(-2, 3)]
        there = [y.reshape(-1) for y in found if y is not None]
        return cls(there) if len({y.shape for y in there}) == 1 and len(there) == len(found) else None

    @property
    def slopes(self) -> list[Slopes]:
        return [Slopes(_one_sided(c, b, a), -_one_sided(c, d, e), NAN) for a, b, c, d, e in zip(*self.y, strict=True)]

    @property
    def curvatures(self) -> list[Curvatures]:
        """From the left and from the right; zero where the step's power makes it."""
        y = self.y
        near, far = (y[1] - 2 * y[2] + y[3]) / D**2, (y[0] - 2 * y[2] + y[4]) / (4 * D**2)
        pairs = zip((y[0] - 2 * y[1] + y[2]) / D**2, (y[2] - 2 * y[3] + y[4]) / D**2, strict=True)
        none = [abs(f) > 2 * abs(n) for n, f in zip(near, far, strict=True)]
        return [Curvatures(ZERO, ZERO) if z else Curvatures(*p) for z, p in zip(none, pairs, strict=True)]


def _one_sided(at: Number, near: Number, far: Number) -> Number:
    """The slope from values at one and two steps; zero or none where it shrinks or grows with the step's power."""
    slope, wider = (at - near) / D, (at - far) / (2 * D)
    if abs(wider - slope) <= SMALL * (abs(slope) + abs(at)):
        return slope
    return ZERO if abs(wider) > abs(slope) else NAN


def _along(row: TensorRow, xs: list[Array], vs: list[Array], u: Number, dtype: str) -> tuple[list[Truth], list[Truth]]:
    """Truths of the derivative of each entry, and of the second derivative of their sum with the weights."""
    with mp.workdps(DIGITS + FINER * _decades(vs)):
        at, near = (Curve.through(row, point, vs) for point in (xs, _moved(xs)))
        if at is None or near is None:
            return [], []
        largest = _size(*(s.middle for s in at.slopes))
        pairs = list(zip(at.slopes, near.slopes, strict=True))
        forward = [_within(_directional(s, n, u, ulp(largest, dtype)), dtype) for s, n in pairs]
        smooth = all(t.known for t in forward)
        return forward, [_within(_curvature(at, near, largest, u), dtype) if smooth else UNKNOWN]


def _within(t: Truth, dtype: str) -> Truth:
    """What overflows is an infinity or a NaN, whichever of its terms overflows first."""
    return UNKNOWN if t.known and abs(t.low) > LARGEST[dtype] else t


def _decades(vs: Sequence[Array]) -> int:
    """How far from 1 the sizes of the tangents are."""
    return int(max((abs(mpmath.log10(abs(v))) for each in vs for v in each.reshape(-1) if v), default=0))


def _directional(s: Slopes, near: Slopes, u: Number, unit: Number) -> Truth:
    """As of an entry of a gradient; unknown where kinks meet, which every direction through zeros may."""
    slack = ROUGH * abs(s.middle) + SMALL + unit
    return UNKNOWN if s.kink or (s.known and _rough(s, near, slack)) else _slope(s, near, u, unit)


def _curvature(at: Curve, near: Curve, largest: Number, u: Number) -> Truth:
    """Only what is plainly wrong is told: what cancels in its sums is not known."""
    g = weights((len(at.curvatures),)).tolist()
    if any(not c.known or c.jump for c in (*at.curvatures, *near.curvatures)):
        return UNKNOWN
    terms, beside = ([w * c.middle for w, c in zip(g, curve.curvatures, strict=True)] for curve in (at, near))
    total, size = mpmath.fsum(terms), mpmath.fsum(map(abs, terms)) + largest
    moved = abs(mpmath.fsum(beside) - total)
    return UNKNOWN if moved > ROUGH * size else Truth(total, total, moved / MOVED * u, COARSE * size)


def _called(row: TensorRow, xs: Sequence[Array]) -> Array | None:
    try:
        return np.asarray(row.truth(*xs), dtype=object)
    except UNDEFINED:
        return None


def _moved(xs: Sequence[Array]) -> list[Array]:
    """Each entry by a part of itself, in a fixed pattern that breaks ties, and zeros by next to nothing."""
    return [x * (1 + MOVED * weights(x.shape)) + (x == 0) * OFF_ZERO * weights(x.shape) if x.size else x for x in xs]


def _with_spread(y: Array, moved: Array | None, u: Number, dtype: str) -> list[Truth]:
    """Nothing finer is asked for than the last place of the largest entry."""
    flat = y.reshape(-1).tolist()
    other = moved.reshape(-1).tolist() if moved is not None and moved.shape == y.shape else flat
    finite = [abs(t) for t in flat if mpmath.isfinite(t)]
    unit = ulp(max(finite), dtype) if finite else mpmath.mpf(0)
    return [_truth(t, abs(m - t) / MOVED * u, unit) for t, m in zip(flat, other, strict=True)]


def _truth(t: Number, spread: Number, unit: Number) -> Truth:
    if isinstance(t, mpmath.mpc):
        t = t.real if t.imag == 0 else NAN
    t = mpmath.mpf(t)
    return UNKNOWN if mpmath.isnan(t) else Truth(t, t, spread if mpmath.isfinite(spread) else mpmath.mpf(0), unit)


def _gradients(row: TensorRow, xs: list[Array], g: Array, u: Number, dtype: str) -> list[list[Truth]]:
    """Of sum(g f(x)) in each entry, and how far it moves with all entries."""
    flat = [v for x in xs for v in x.reshape(-1)]
    moved = [v for x in _moved(xs) for v in x.reshape(-1)]

    def phi(*entries: Number) -> Number:
        y = row.truth(*_shaped(entries, xs))
        return mpmath.fsum(c * t for c, t in zip(g.reshape(-1), np.asarray(y, dtype=object).reshape(-1), strict=True))

    at, near = ([slopes(phi, point, i) for i in range(len(flat))] for point in (flat, moved))
    start, least = 0, SMALL * _size(phi(*flat)) / (_size(*flat) or 1)
    found: list[list[Truth]] = []
    for x in xs:
        rows = list(zip(at[start : start + x.size], near[start : start + x.size], strict=True))
        start += x.size
        largest = max([least, *(abs(s.middle) for s, _ in rows if s.known)])
        found.append([_slope(s, n, u, ulp(largest, dtype)) for s, n in rows])
    slack = ROUGH * _size(*(s.middle for s in at if s.known)) + SMALL
    meet = any(_rough(s, n, slack) for s, n in zip(at, near, strict=True))
    return [[t if t.kink or not meet else UNKNOWN for t in each] for each in found]


def _size(*numbers: Number) -> Number:
    return max((abs(v) for v in numbers if mpmath.isfinite(v)), default=mpmath.mpf(0))


def _shaped(entries: Sequence[Number], like: Sequence[Array]) -> Iterator[Array]:
    start = 0
    for x in like:
        out = np.empty(x.shape, dtype=object)
        out.reshape(-1)[:] = entries[start : start + x.size]
        start += x.size
        yield out


def _rough(s: Slopes, near: Slopes, slack: Number) -> bool:
    """Whether next to nothing changes the slope: then kinks meet, and the slopes of other entries say little too."""
    return bool(s.known and near.known and not s.kink and abs(near.middle - s.middle) > slack)


def _slope(s: Slopes, near: Slopes, u: Number, unit: Number) -> Truth:
    if not s.known:
        return UNKNOWN
    if s.kink:
        return Truth(min(s.left, s.right), max(s.left, s.right), mpmath.mpf(0))
    spread = abs(near.middle - s.middle) / MOVED * u if near.known and not near.kink else mpmath.mpf(0)
    return Truth(s.middle, s.middle, spread, unit)


def shaped(
    *shapes: tuple[int, ...], low: float = -2.0, high: float = 2.0, skip: tuple[str, ...] = ()
) -> tuple[Input, ...]:
    """The usual inputs of arrays of these shapes: ordinary numbers from ``low`` to ``high``, ties, zeros, all huge
    (their squares overflow) or tiny, one infinity, one NaN. ``skip`` names those that make no sense; those with
    numbers outside [low, high] are left out where that is not (-2, 2).
    """
    usual = low == -2.0 and high == 2.0
    makes: dict[str, Callable[[Array, str], Array]] = {
        ORDINARY: lambda x, dtype: x,
        TIES: lambda x, dtype: np.round(x),
        ZEROS: lambda x, dtype: 0 * x,
        HUGE: lambda x, dtype: x * 2.0 ** int(-0.6 * LEAST_EXPONENT[dtype]),
        TINY: lambda x, dtype: x * 2.0 ** int(0.6 * LEAST_EXPONENT[dtype]),
        INFINITE: lambda x, dtype: _with_one(x, np.inf),
        NAN_INSIDE: lambda x, dtype: _with_one(x, np.nan),
    }
    chosen = [n for n in makes if n not in skip and (usual or n in (ORDINARY, NAN_INSIDE))]
    drawn = [_drawn(shape, low, high, k) for k, shape in enumerate(shapes)]
    return tuple(Input(n, lambda dtype, f=makes[n]: tuple(f(x, dtype) for x in drawn)) for n in chosen)  # type: ignore[misc]


def _drawn(shape: tuple[int, ...], low: float, high: float, k: int) -> Array:
    """In 8 bits, which every dtype holds."""
    rng = np.random.default_rng([len(shape), *shape, k])
    x = np.asarray(rng.uniform(low, high, size=shape))
    scale = 2.0 ** np.floor(np.log2(np.maximum(np.abs(x), 2.0**-20)))
    return np.clip(np.round(x / scale * 64) / 64 * scale, low, high)


def _with_one(x: Array, what: float) -> Array:
    y = np.array(x)
    if y.size:
        y.reshape(-1)[y.size // 2] = what
    return y


def fixed(name: str, *arrays: Any) -> Input:
    """One input, spelled out."""
    held = tuple(np.asarray(x, dtype=np.float64) for x in arrays)
    return Input(name, lambda dtype: held)
