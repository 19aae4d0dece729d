"""Entropies and logarithms of probability densities."""

import mpmath as mp

from ..exact import Number
from .gamma import lgamma
from .guards import decay


def xlogy(x: Number, y: Number) -> Number:
    if y < 0:
        raise ValueError(y)
    return x * mp.log(y) if x else mp.mpf(0)


def xlog1py(x: Number, y: Number) -> Number:
    if y < -1:
        raise ValueError(y)
    return x * mp.log1p(y) if x else mp.mpf(0)


def relative_entropy(p: Number, q: Number) -> Number:
    if p < 0 or q < 0:
        raise ValueError
    return p * mp.log(p / q) if p else mp.mpf(0)


def laplace_cdf(x: Number) -> Number:
    return decay(-x) / 2 if x < 0 else 1 - decay(x) / 2


def normal_logpdf(x: Number) -> Number:
    return -x * x / 2 - mp.log(2 * mp.pi) / 2


def gamma_logpdf(x: Number) -> Number:
    """Of shape 5/2 and scale 2."""
    return 3 * mp.log(x) / 2 - x / 2 - 5 * mp.log(2) / 2 - lgamma(mp.mpf(5) / 2)


def beta_logpdf(x: Number) -> Number:
    """Of 5/2 and 3/2."""
    a, b = mp.mpf(5) / 2, mp.mpf(3) / 2
    return (a - 1) * mp.log(x) + (b - 1) * mp.log1p(-x) - mp.log(mp.beta(a, b))


def student_logpdf(x: Number) -> Number:
    """Of 3 degrees of freedom."""
    return mp.log(2 / (mp.pi * mp.sqrt(3))) - 2 * mp.log1p(x * x / 3)


def von_mises_logpdf(x: Number) -> Number:
    """Of concentration 2."""
    return 2 * mp.cos(x) - mp.log(2 * mp.pi * mp.besseli(0, 2))
