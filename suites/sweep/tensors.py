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

from .exact import NAN, UNDEFINED, Number, Slopes, exact, slopes
from .row import Row
from .truth import BITS, DIGITS, LEAST_EXPONENT, UNKNOWN, Truth, ulp

Array = np.ndarray[Any, Any]
Exacts = Any  # an array of mpmath numbers, whose operations NumPy's types do not follow
Exact = Callable[..., Any]

# The part of an entry by which it is moved, to see what that does to the rest.
MOVED = mpmath.mpf(2) ** -40
OFF_ZERO = mpmath.mpf(10) ** -40
# What moves by so much of itself then has no derivative: a tie, or zeros that meet.
ROUGH = 1e-6
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


@dataclass(frozen=True, eq=False)
class TensorPoint:
    """Truths at one input: of each entry of the value, of each entry of each gradient at ``g``."""

    name: str
    arrays: tuple[Array, ...]
    value: list[Truth]
    g: Array
    gradients: list[list[Truth]]
    finite: bool


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


def weights(shape: tuple[int, ...]) -> Array:
    size = int(np.prod(shape))
    return np.resize(np.array(WEIGHTS), size).reshape(shape) if size else np.zeros(shape)


def truth_at(row: TensorRow, given: Input, dtype: np.dtype[Any], name: str) -> TensorPoint:
    arrays = tuple(np.asarray(x).astype(dtype).astype(np.float64) for x in given.make(name))
    return _truth_at(row, given, arrays_key(arrays), name)


def arrays_key(arrays: Sequence[Array]) -> tuple[tuple[tuple[int, ...], bytes], ...]:
    return tuple((x.shape, x.tobytes()) for x in arrays)


@lru_cache(maxsize=1024)
def _truth_at(row: TensorRow, given: Input, key: Any, dtype: str) -> TensorPoint:
    arrays = tuple(np.frombuffer(data).reshape(shape) for shape, data in key)
    finite = all(bool(np.all(np.isfinite(x))) for x in arrays)
    u = mpmath.mpf(2) ** -BITS[dtype]
    with mp.workdps(DIGITS):
        xs = [exactly(x) for x in arrays]
        y = _called(row, xs)
        value = _with_spread(y, _called(row, _moved(xs)), u, dtype) if y is not None else []
    g = weights(y.shape if y is not None else ())
    gradients = _gradients(row, xs, g, u, dtype) if row.differentiable and finite and y is not None else []
    return TensorPoint(given.name, arrays, value, g, gradients, finite)


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
