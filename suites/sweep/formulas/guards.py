"""Functions of numbers, undefined where exact arithmetic would not end or has no say."""

from collections.abc import Callable
from math import inf

import mpmath as mp

from ..exact import Number


def inside(f: Callable[..., Number], low: float, high: float = inf) -> Callable[..., Number]:
    """f, undefined outside of an interval, and at infinity, where exact arithmetic may not come to an end."""

    def restricted(x: Number) -> Number:
        if not low <= x <= high or mp.isinf(x):
            raise ValueError(x)
        return f(x)

    return restricted


def decay(x: Number) -> Number:
    """exp(-x), taken as zero far below any float."""
    return mp.exp(-x) if x < 1e6 else mp.mpf(0)


def few_digits(f: Callable[..., Number]) -> Callable[..., Number]:
    """f to 120 digits: of two far arguments it is slow to more, and a value alone needs no more."""

    def short(*xs: Number) -> Number:
        with mp.workdps(120):
            return f(*xs)

    return short
