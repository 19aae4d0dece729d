"""Arithmetic with infinities where a limit is wanted: 0 * inf = 0 and log 0 = -inf."""

import numpy as np

from ..arrays import Array


def product(a: Array, b: Array) -> Array:
    """The product a b, and 0 wherever a is 0, even beside an infinite or undefined b."""
    return np.where(a == 0, 0, b) * a


def log(p: Array) -> Array:
    """The logarithm, with log 0 = -inf as a value and not as a warning."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(p))


def magnitude(x: Array) -> Array:
    """The absolute value |x|, with the sign taken from the real part so that a complex step passes through."""
    return np.where(x.real < 0, -x, x)
