"""The error function's kin: scaled, of the normal distribution, inverted, logarithmic."""

from statistics import NormalDist

import mpmath as mp

from ..exact import Number
from .guards import decay


def far(x: Number) -> bool:
    """Whether exp(-x^2), the least term of the asymptotic series of erfcx, is below the precision."""
    return bool(x > 5 and x * x > 2.4 * mp.mp.dps + 10)


def erfcx(x: Number) -> Number:
    """exp(x^2) erfc(x); by its asymptotic series (DLMF 7.12.1) where that is exact to all digits."""
    if x < -1e3:
        return mp.inf
    if not far(x):
        with mp.workprec(mp.mp.prec + 4 * max(mp.mag(x), 0) + 40):
            return mp.exp(x * x) * mp.erfc(x)
    term = total = mp.mpf(1)
    k = 0
    while abs(term) > mp.eps:
        k += 1
        term *= -(2 * k - 1) / (2 * x * x)
        total += term
    return total / (x * mp.sqrt(mp.pi))


def erfc(x: Number) -> Number:
    return decay(x * x) * erfcx(x) if far(x) else mp.erfc(x)


def ndtr(x: Number) -> Number:
    return erfc(-x / mp.sqrt(2)) / 2


def log_ndtr(x: Number) -> Number:
    if x > 0:
        return mp.log1p(-ndtr(-x))
    return -x * x / 2 + mp.log(erfcx(-x / mp.sqrt(2)) / 2)


def ndtri(p: Number) -> Number:
    """In the middle by erfinv, in the tails by Newton's method for the logarithm of the probability."""
    if not 0 < p < 1:
        raise ValueError(p)
    if 0.1 < p < 0.9:
        return mp.sqrt(2) * mp.erfinv(2 * p - 1)
    if p > 0.5:
        return -ndtri(1 - p)
    target, x = mp.log(p), mp.mpf(NormalDist().inv_cdf(float(p)))
    for _ in range(20):
        tail = ndtr(x)
        step = (mp.log(tail) - target) * tail * mp.sqrt(2 * mp.pi) * mp.exp(x * x / 2)
        x -= step
        if abs(step) < mp.sqrt(mp.eps) * 1e-8:
            return x
    raise ValueError(p)
