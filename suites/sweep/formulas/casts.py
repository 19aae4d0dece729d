"""Numbers narrowed to floats of fewer bits, and to integers."""

import mpmath as mp

from ..exact import Number, Scalar


def narrowed(x: Number, bits: int, least: int) -> Number:
    """To nearest, ties to even, with so many bits; unknown where the result is subnormal."""
    with mp.workprec(bits):
        y = +x
    largest = mp.mpf(2) ** (2 - least) * (1 - mp.mpf(2) ** -bits)
    if abs(y) > largest:
        return mp.inf * mp.sign(y)
    return mp.nan if y and abs(y) < mp.mpf(2) ** least else y


def single(x: Number) -> Number:
    return narrowed(x, 24, -126)


def bfloat(x: Number) -> Number:
    return narrowed(x, 8, -126)


def half(x: Number) -> Number:
    return narrowed(x, 11, -14)


def integer(x: Number) -> int:
    n = int(x)
    if not -(2**31) <= n < 2**31:
        raise ValueError(x)
    return n


def on_integers(f: Scalar) -> Scalar:
    return lambda *xs: integer(f(*map(integer, xs)))
