"""Powers, roots, angles and logarithms of sums."""

import mpmath as mp

from ..exact import Number, Scalar


def cbrt(x: Number) -> Number:
    return mp.sign(x) * mp.cbrt(abs(x))


def power(x: Number, y: Number) -> Number:
    if x < 0:
        raise ValueError(x)
    return mp.power(x, y)


def to_the(n: float) -> Scalar:
    """x to a fixed power."""
    return lambda x: mp.power(x, n)


def atan2(y: Number, x: Number) -> Number:
    """On the negative axis the sign of the zero decides, which exact arithmetic does not have."""
    if y == 0 and x <= 0:
        raise ValueError(x)
    return mp.atan2(y, x)


def logaddexp(x: Number, y: Number) -> Number:
    return max(x, y) + mp.log1p(mp.exp(-abs(x - y)))


def logaddexp2(x: Number, y: Number) -> Number:
    return max(x, y) + mp.log1p(mp.power(2, -abs(x - y))) / mp.log(2)
