"""The logistic function and its integral, softplus."""

import mpmath as mp

from ..exact import Number
from .guards import decay


def sigmoid(x: Number) -> Number:
    """By the exponential that does not grow."""
    e = decay(abs(x))
    return 1 / (1 + e) if x > 0 else e / (1 + e)


def sigmoid_slope(x: Number) -> Number:
    e = decay(abs(x))
    return e / (1 + e) ** 2


def softplus(x: Number) -> Number:
    return max(x, mp.mpf(0)) + mp.log1p(decay(abs(x)))


def logit(x: Number) -> Number:
    return mp.log(x / (1 - x))
