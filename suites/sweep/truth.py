"""What exact arithmetic says of a row at its points, and how far a float may be off there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
from mpmath import mp

from .exact import NAN, Number, Slopes, curvatures, exact, slopes, value
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
# An error is slight where it is below so many half units of the last place: of the arguments for a value, of the value
# for what a slope makes of the argument.
SLIGHT = 32
ZERO = mpmath.mpf(0)
# Beyond it a function that oscillates changes its phase with the last digit: more than one movement is tried.
FAR = 1e10
# Arguments are moved by a part of half an ulp in these directions, to see what that does; by no whole number.
SIGNS = (1, -1, 1)
# By parts of half an ulp: one movement, three far out. In 16 bits a constant of the op is rounded by as much as
# separates its argument from a kink, and it is looked at on both sides of it.
MOVES = ((mp.sqrt(0.5),), (mp.sqrt(0.5), -mp.sqrt(0.3), mp.sqrt(0.1)), (mp.sqrt(0.5), mp.mpf(4), mp.mpf(-4)))
HALF = ("bfloat16", "float16")


@dataclass(frozen=True)
class Truth:
    """A number, between ``low`` and ``high`` at a kink, and how far it moves with its arguments by half an ulp of each.
    ``unit`` is the last place of the largest number beside it, where finer is not asked for. An error below ``slight``
    is a loss of accuracy, however large beside the truth.
    """

    low: Number
    high: Number
    spread: Number
    unit: Number = 0
    slight: Number = 0

    @property
    def known(self) -> bool:
        return not (mpmath.isnan(self.low) or mpmath.isnan(self.high))

    @property
    def kink(self) -> bool:
        return bool(self.low != self.high)


UNKNOWN = Truth(NAN, NAN, ZERO)


@dataclass(frozen=True)
class Point:
    """Truths at one point: of the value, of the derivative in each argument."""

    xs: tuple[float, ...]
    value: Truth
    slopes: tuple[Truth, ...]

    @property
    def finite(self) -> bool:
        return all(map(math.isfinite, self.xs))


@lru_cache(maxsize=4096)
def _point(row: Row, xs: tuple[float, ...], dtype: str) -> Point:
    u = mpmath.mpf(2) ** -BITS[dtype]
    far = any(abs(x) > FAR for x in xs)
    with mp.workdps(SEVERAL_DIGITS if len(xs) > 1 or far else DIGITS):
        at = [exact(x) for x in xs]
        moves = MOVES[2 if dtype in HALF else 1 if far else 0]
        near = [_beside(at, u * move) for move in moves]
        y, beside = value(row.truth, at), [value(row.truth, n) for n in near]
        found = [slopes(row.truth, at, i) for i in range(len(at) * row.differentiable)]
        linear = sum((abs(s.middle * x) * u for s, x in zip(found, at, strict=False) if s.known), start=ZERO)
        slight = SLIGHT * u * min(map(abs, at))
        beside_slopes = [[slopes(row.truth, n, i) for n in near] for i in range(len(found))]
        each = tuple(_truth_of(s, b, x, u, y, moves) for s, b, x in zip(found, beside_slopes, at, strict=False))
        moved = max(_distance(b, y) / max(1, abs(m)) for b, m in zip(beside, moves, strict=True))
    return Point(xs, Truth(y, y, max(linear, moved), slight=slight), each)


@lru_cache(maxsize=4096)
def second(row: Row, xs: tuple[float, ...], dtype: str) -> Truth:
    """Of the second derivative in the first argument. Beside what it moves by, an error counts that is not slight
    beside the first derivative.
    """
    if not all(map(math.isfinite, xs)):
        return UNKNOWN
    u = mpmath.mpf(2) ** -BITS[dtype]
    with mp.workdps(SEVERAL_DIGITS):
        at = [exact(x) for x in xs]
        first, found = slopes(row.truth, at, 0), curvatures(row.truth, at, 0)
        beside = [curvatures(row.truth, _beside(at, sign * u * mp.sqrt(0.5)), 0) for sign in (1, -1)]
    if not (first.known and found.known) or first.kink:
        return UNKNOWN
    if found.jump or any(b.jump for b in beside):
        low, high = sorted((found.left, found.right))
        return Truth(low, high, ZERO) if found.jump else UNKNOWN
    slight = SLIGHT * u * abs(first.middle) / (abs(at[0]) or 1)
    return Truth(found.middle, found.middle, max(_distance(b.middle, found.middle) for b in beside), slight=slight)


def _beside(at: Sequence[Number], part: Number) -> list[Number]:
    return [x * (1 + sign * part) for x, sign in zip(at, SIGNS, strict=False)]


def _distance(a: Number, b: Number) -> Number:
    return abs(a - b) if mpmath.isfinite(a) and mpmath.isfinite(b) else ZERO


def _truth_of(found: Slopes, near: Sequence[Slopes], x: Number, u: Number, y: Number, moves: Sequence[Number]) -> Truth:
    """A slope is slight where moving x by all of itself does not change the value's last digits."""
    if not found.known:
        return UNKNOWN
    if found.kink:
        return Truth(min(found.left, found.right), max(found.left, found.right), ZERO)
    pairs = zip(near, moves, strict=True)
    moved = max(_distance(n.middle, found.middle) / max(1, abs(m)) if not n.kink else ZERO for n, m in pairs)
    slight = SLIGHT * u * abs(y) / (abs(x) or 1) if mpmath.isfinite(y) else ZERO
    return Truth(found.middle, found.middle, max(abs(found.second * x) * u, moved), slight=slight)


def truths(row: Row, columns: Sequence[Floats], dtype: str) -> list[Point]:
    wide = [c.astype(np.float64).tolist() for c in columns]
    return [_point(row, xs, dtype) for xs in zip(*wide, strict=True)]


def ulp(t: Any, dtype: str) -> Number:
    """The distance of floats about t; that of the smallest normal numbers below them."""
    exponent = int(mpmath.floor(mpmath.log(abs(t), 2))) if t else LEAST_EXPONENT[dtype]
    return mpmath.mpf(2) ** (max(exponent, LEAST_EXPONENT[dtype]) - BITS[dtype] + 1)
