"""Truth: a function of mpmath numbers gives its value, its one-sided slopes and its second derivative at a point.

Everything follows from the value: with f known to D digits, f(x - d), f(x), f(x + d) at d = 1e-25 |x| give slopes to
25 digits and more. Where f hardly moves, so that fewer digits than 20 would be left, D is raised: 80, 400, 1500.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from mpmath import mp

Number = Any  # an mpf, or an mpc: mpmath has no types
Scalar = Callable[..., Number]

DIGITS = (80, 400, 1500)
# Steps are 10 to the minus that many: of the argument, or of 1 at zero; the smallest is below every float.
STEP, SMALLEST = 25, 360
SIGNIFICANT = 20
# Digits that the sums within a function may lose.
ROUNDINGS = 5
# A slope below it is zero in every dtype.
NOTHING = mpmath.mpf(10) ** -340
# One-sided slopes of a smooth function differ by the step times its second derivative, which shrinks with the step;
# those of a kink differ by the same at a smaller step, those of a jump by more.
CLOSER = 8
APART = mpmath.mpf(10) ** -12
SLIGHT = mpmath.mpf(10) ** -3

UNDEFINED = (ValueError, ZeroDivisionError, OverflowError, TypeError, mpmath.libmp.NoConvergence)
NAN = mpmath.nan


def exact(x: Any) -> Number:
    """The very number that a float holds."""
    return mpmath.mpc(complex(x)) if np.iscomplexobj(x) else mpmath.mpf(float(x))


def value(f: Scalar, xs: Sequence[Number]) -> Number:
    """f at the point; nan where it is not defined, or not real."""
    try:
        y = f(*xs)
    except UNDEFINED:
        return NAN
    if isinstance(y, mpmath.mpc):
        return y.real if y.imag == 0 else NAN
    return mpmath.mpf(y)


@dataclass(frozen=True)
class Slopes:
    """Left and right derivative in one argument, and the second derivative; nan where there is none."""

    left: Number
    right: Number
    second: Number

    @property
    def known(self) -> bool:
        return bool(mpmath.isfinite(self.left) and mpmath.isfinite(self.right))

    @property
    def kink(self) -> bool:
        return bool(self.known and abs(self.right - self.left) > APART * (abs(self.left) + abs(self.right)))

    @property
    def middle(self) -> Number:
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class Three:
    """f at x - d, x, x + d, to so many digits."""

    down: Number
    centre: Number
    up: Number
    d: Number
    digits: int

    def slopes(self) -> Slopes:
        left, right = (self.centre - self.down) / self.d, (self.up - self.centre) / self.d
        if max(abs(left), abs(right)) < self.noise:  # terms that cancel leave their last digits
            return Slopes(mpmath.mpf(0), mpmath.mpf(0), mpmath.mpf(0))
        return Slopes(left, right, (right - left) / self.d)

    @property
    def noise(self) -> Number:
        """What rounding makes of a slope that is zero."""
        return self.scale * mpmath.mpf(10) ** (ROUNDINGS - self.digits) / self.d

    @property
    def scale(self) -> Number:
        return max((abs(v) for v in (self.down, self.centre, self.up) if mpmath.isfinite(v)), default=NOTHING)

    def enough(self, found: Slopes, x: Number) -> bool:
        """Whether the slopes have significant digits, or are too small to matter, and so has what a movement of x by a
        part of itself does to them.
        """
        lost = self.scale * mpmath.mpf(10) ** (SIGNIFICANT - self.digits) / self.d
        if not found.known:
            return True
        least = min(abs(found.left), abs(found.right))
        seen = lost < max(abs(found.second), NOTHING) * self.d or abs(x) * lost < SLIGHT * least * self.d
        return bool(lost < NOTHING or (lost < least and seen))


def slopes(f: Scalar, xs: Sequence[Number], i: int) -> Slopes:
    """Of f in its i-th argument; unknown at a jump."""
    if not all(mpmath.isfinite(x) for x in xs):
        return Slopes(NAN, NAN, NAN)
    found, step = _slopes(f, xs, i, STEP), STEP
    if not xs[i] and not _settled(found, _slopes(f, xs, i, STEP + CLOSER)):
        found, step = _slopes(f, xs, i, SMALLEST), SMALLEST  # another argument sets the scale
        if not _settled(found, _slopes(f, xs, i, SMALLEST + CLOSER)):
            return Slopes(NAN, NAN, NAN)  # the slope is infinite
    if not found.kink:
        return found
    gap, closer = (abs(s.right - s.left) for s in (found, _slopes(f, xs, i, step + CLOSER)))
    if closer < gap / 2:
        return Slopes(found.middle, found.middle, found.second)
    return found if closer < 2 * gap else Slopes(NAN, NAN, NAN)


def _settled(found: Slopes, closer: Slopes) -> bool:
    """Whether a smaller step finds the same."""
    if not (found.known and closer.known):
        return False
    slack = APART * (abs(found.left) + abs(found.right)) + NOTHING
    return bool(abs(closer.left - found.left) <= slack and abs(closer.right - found.right) <= slack)


def _slopes(f: Scalar, xs: Sequence[Number], i: int, step: int) -> Slopes:
    for digits in DIGITS:
        with mp.workdps(digits):
            three = _three(f, xs, i, step, digits)
            found = three.slopes()
            apart = abs(xs[i]) * mpmath.mpf(10) ** (SIGNIFICANT - digits) < three.d
            if apart and three.enough(found, xs[i]):
                break
    return found


@dataclass(frozen=True)
class Curvatures:
    """Second derivatives from the left and from the right; nan where there is none."""

    left: Number
    right: Number

    @property
    def known(self) -> bool:
        return bool(mpmath.isfinite(self.left) and mpmath.isfinite(self.right))

    @property
    def middle(self) -> Number:
        return (self.left + self.right) / 2

    @property
    def jump(self) -> bool:
        return bool(abs(self.right - self.left) > APART * (abs(self.left) + abs(self.right)) + NOTHING)


def curvatures(f: Scalar, xs: Sequence[Number], i: int) -> Curvatures:
    """Of f in its i-th argument, from three values on either side; what shrinks with the step is none."""
    found = _curvatures(f, xs, i, STEP)
    if found.known and (found.jump or not xs[i]):
        closer = _curvatures(f, xs, i, STEP + CLOSER)
        if abs(closer.middle) < abs(found.middle) / 2:
            return Curvatures(mpmath.mpf(0), mpmath.mpf(0))
        if abs(closer.right - closer.left) < abs(found.right - found.left) / 2:
            return Curvatures(closer.middle, closer.middle)
    return found


def _curvatures(f: Scalar, xs: Sequence[Number], i: int, step: int) -> Curvatures:
    for digits in DIGITS:
        with mp.workdps(digits):
            # at zero the other arguments set the scale
            sizes = [abs(xs[i])] if xs[i] else [abs(x) for x in xs if x]
            d = min([1, *sizes]) * mpmath.mpf(10) ** -step
            y = [value(f, [*xs[:i], xs[i] + k * d, *xs[i + 1 :]]) for k in (-2, -1, 0, 1, 2)]
            found = Curvatures((y[0] - 2 * y[1] + y[2]) / d**2, (y[2] - 2 * y[3] + y[4]) / d**2)
            rounded = mpmath.mpf(10) ** (SIGNIFICANT - digits) / d**2
            apart = abs(xs[i]) * rounded < 1
            if not found.known or (apart and max(abs(v) for v in y) * rounded < max(abs(found.middle), NOTHING)):
                break
    return found


def _three(f: Scalar, xs: Sequence[Number], i: int, step: int, digits: int) -> Three:
    d = (min(abs(xs[i]), 1) or 1) * mpmath.mpf(10) ** -step
    down, up = ([*xs[:i], xs[i] + sign * d, *xs[i + 1 :]] for sign in (-1, 1))
    return Three(value(f, down), value(f, xs), value(f, up), d, digits)
