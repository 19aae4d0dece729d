"""What exact arithmetic says of a row at its points, and how far a float may be off there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
from mpmath import mp

from .exact import NAN, Number, Slopes, exact, slopes, value
from .points import Floats
from .row import Row

# Digits of a value: more than any float has, after cancellation between the largest and the smallest of its terms.
DIGITS = 80
SEVERAL_DIGITS = 700
# Bits of the significand, the implied one among them, and the smallest exponent of a normal number.
BITS = {"float64": 53, "float32": 24, "bfloat16": 8, "float16": 11}
LEAST_EXPONENT = {"float64": -1022, "float32": -126, "bfloat16": -126, "float16": -14}
LARGEST = {"float64": 2.0**1023 * (2 - 2.0**-52), "float32": 2.0**127 * (2 - 2.0**-23)}
LARGEST |= {"bfloat16": 2.0**127 * (2 - 2.0**-7), "float16": 65504.0}
# The part of an argument by which it is moved to see what that does to the slope in another one.
MOVED = mpmath.mpf(2) ** -40


@dataclass(frozen=True)
class Truth:
    """A number, between ``low`` and ``high`` at a kink, and how far it moves with its arguments by half an ulp of each.
    ``unit`` is the last place of the largest number beside it, where finer is not asked for.
    """

    low: Number
    high: Number
    spread: Number
    unit: Number = 0

    @property
    def known(self) -> bool:
        return not (mpmath.isnan(self.low) or mpmath.isnan(self.high))

    @property
    def kink(self) -> bool:
        return bool(self.low != self.high)


UNKNOWN = Truth(NAN, NAN, mpmath.mpf(0))


@dataclass(frozen=True)
class Point:
    """Truths at one point: of the value, then of the derivative in each argument."""

    xs: tuple[float, ...]
    value: Truth
    slopes: tuple[Truth, ...]

    @property
    def finite(self) -> bool:
        return all(map(math.isfinite, self.xs))


@lru_cache(maxsize=4096)
def _point(row: Row, xs: tuple[float, ...], dtype: str) -> Point:
    u = mpmath.mpf(2) ** -BITS[dtype]
    at = [exact(x) for x in xs]
    found = [slopes(row.truth, at, i) for i in range(len(at))] if row.differentiable else []
    with mp.workdps(DIGITS if len(xs) == 1 else SEVERAL_DIGITS):
        y = value(row.truth, at)
        moved = sum((abs(s.middle * x) * u for s, x in zip(found, at, strict=False) if s.known), start=mpmath.mpf(0))
        each = tuple(_truth_of(row, at, i, s, u) for i, s in enumerate(found))
    return Point(xs, Truth(y, y, moved), each)


def _truth_of(row: Row, xs: Sequence[Number], i: int, found: Slopes, u: Number) -> Truth:
    if not found.known:
        return UNKNOWN
    if found.kink:
        return Truth(min(found.left, found.right), max(found.left, found.right), mpmath.mpf(0))
    spread = abs(found.second * xs[i]) * u
    for j, x in enumerate(xs):
        if j != i and x:
            other = slopes(row.truth, [*xs[:j], x * (1 + MOVED), *xs[j + 1 :]], i)
            spread += abs(other.middle - found.middle) / MOVED * u if other.known else 0
    return Truth(found.middle, found.middle, spread)


def truths(row: Row, columns: Sequence[Floats], dtype: str) -> list[Point]:
    wide = [c.astype(np.float64).tolist() for c in columns]
    return [_point(row, xs, dtype) for xs in zip(*wide, strict=True)]


def ulp(t: Any, dtype: str) -> Number:
    """The distance of floats about t; that of the smallest normal numbers below them."""
    exponent = int(mpmath.floor(mpmath.log(abs(t), 2))) if t else LEAST_EXPONENT[dtype]
    return mpmath.mpf(2) ** (max(exponent, LEAST_EXPONENT[dtype]) - BITS[dtype] + 1)
