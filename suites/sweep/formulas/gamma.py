"""Gamma and beta functions, complete and incomplete."""

from collections.abc import Callable
from math import inf

import mpmath as mp

from ..exact import Number
from .guards import decay


def lgamma(x: Number) -> Number:
    """Of the absolute value of gamma."""
    return mp.re(mp.loggamma(x))


def trigamma(x: Number) -> Number:
    """For negative numbers by reflection (DLMF 5.15.6)."""
    return mp.psi(1, x) if x > 0 else (mp.pi / mp.sinpi(x)) ** 2 - mp.psi(1, 1 - x)


def betaln(x: Number, y: Number) -> Number:
    """With the digits that cancel."""
    if not (0 < x < inf and 0 < y < inf):
        raise ValueError(x, y)
    with mp.workprec(mp.mp.prec + 150):
        return mp.loggamma(x) + mp.loggamma(y) - mp.loggamma(x + y)


def multigammaln(p: int) -> Callable[[Number], Number]:
    """Of order p (DLMF 35.3)."""
    return lambda x: p * (p - 1) * mp.log(mp.pi) / 4 + sum(mp.loggamma(x - mp.mpf(j) / 2) for j in range(p))


def gamma_tail(a: int) -> Callable[[Number], Number]:
    """Q(a, x), a sum of positive terms (DLMF 8.4.10)."""

    def q(x: Number) -> Number:
        term = total = mp.mpf(1)
        for k in range(1, a):
            term *= x / k
            total += term
        return decay(x) * total

    return q


def gamma_head(a: Number, x: Number) -> Number:
    """P(a, x) by Kummer's function, a series of positive terms (DLMF 8.5.1)."""
    if mp.isinf(a) or mp.isinf(x):
        raise ValueError(a, x)
    return mp.hyp1f1(1, a + 1, x) * x**a * mp.exp(-x) / mp.gamma(a + 1)


def gamma_part(a: int) -> Callable[[Number], Number]:
    q = gamma_tail(a)
    return lambda x: gamma_head(mp.mpf(a), x) if x < a else 1 - q(x)
