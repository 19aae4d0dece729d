"""Modified Bessel functions of the first kind."""

from collections.abc import Callable

import mpmath as mp

from ..exact import Number
from .guards import decay


def bessel_ie(n: int) -> Callable[[Number], Number]:
    """exp(-|x|) I_n(x) for n = 0, 1: a power series (DLMF 10.25.2), and an asymptotic one (10.40.1) where that is exact
    to all digits.
    """

    def power(x: Number) -> Number:
        quarter = x * x / 4
        term = total = mp.mpf(1)
        k = 0
        while term > mp.eps * mp.mpf(10) ** -5 * total:
            k += 1
            term *= quarter / (k * (k + n))
            total += term
        return total * (x / 2) ** n * decay(x)

    def asymptotic(x: Number) -> Number:
        term = total = mp.mpf(1)
        k = 0
        while abs(term) > mp.eps:
            k += 1
            term *= -mp.mpf(4 * n * n - (2 * k - 1) ** 2) / (8 * k * x)
            total += term
        return total / mp.sqrt(2 * mp.pi * x)

    def scaled(x: Number) -> Number:
        size = abs(x)
        value = power(size) if size < 1.3 * mp.mp.dps + 10 else asymptotic(size)
        return -value if n and x < 0 else value

    return scaled


def bessel_i(n: int) -> Callable[[Number], Number]:
    """Infinite far beyond the largest float."""
    scaled = bessel_ie(n)
    return lambda x: mp.exp(abs(x)) * scaled(x) if abs(x) < 1e4 else mp.sign(x) ** n * mp.inf
