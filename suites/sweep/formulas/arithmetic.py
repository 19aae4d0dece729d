"""Remainders, neighbours, comparisons, polynomials: arithmetic on numbers."""

import mpmath as mp

from ..exact import Number, Scalar
from .casts import narrowed, single

# A derivative with respect to the divisor is followed up to this quotient; the value is, beyond it, in rows of its own.
FOLLOWED = 1e15


def trunc(x: Number) -> Number:
    return mp.floor(x) if x >= 0 else mp.ceil(x)


def remainder(x: Number, y: Number) -> Number:
    """Of the sign of the divisor."""
    return x % not_zero(y)


def fmod(x: Number, y: Number) -> Number:
    """Of the sign of the dividend."""
    r = abs(x) % abs(not_zero(y))
    return r if x >= 0 else -r


def followed(f: Scalar) -> Scalar:
    def g(x: Number, y: Number) -> Number:
        if abs(x / y) > FOLLOWED:
            raise ValueError(x)
        return f(x, y)

    return g


def copysign(x: Number, y: Number) -> Number:
    return abs(x) * mp.sign(not_zero(y))


def not_zero(x: Number) -> Number:
    """There is no division by zero, and no sign of zero."""
    if x == 0:
        raise ValueError(x)
    return x


def nextafter(x: Number, y: Number) -> Number:
    """In float32, wherever neither the numbers nor the result is subnormal."""
    x, y = single(x), single(y)
    if x == y or not mp.isfinite(x):
        return y if x == y else mp.nan
    up = y > x
    _, exponent = mp.frexp(not_zero(x))
    inward = abs(x) == mp.mpf(2) ** (exponent - 1) and up == (x < 0)
    step = mp.mpf(2) ** (exponent - 24 - inward)
    return narrowed(x + step if up else x - step, 24, -126)


def frexp(part: int) -> Scalar:
    return lambda x: mp.frexp(x)[part]


def isclose(x: Number, y: Number) -> int:
    gap, bound = abs(x - y), mp.mpf("1e-8") + mp.mpf("1e-5") * abs(y)
    if abs(gap - bound) <= bound * mp.mpf("1e-6"):  # rounding decides
        raise ValueError(x)
    return int(gap < bound)


def polynomial(x: Number) -> Number:
    return 2 * x**3 - 3 * x**2 - 12 * x + 5
