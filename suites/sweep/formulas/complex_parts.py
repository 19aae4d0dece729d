"""Real and imaginary parts of functions of x + iy."""

from collections.abc import Callable

import mpmath as mp

from ..exact import Number, Scalar
from .elementary import atan2

NEAR = mp.mpf("1e-20")
# Sums may cancel: there are digits enough for each term.
ample: Callable[[Scalar], Scalar] = mp.extradps(300)


def angle(x: Number, y: Number) -> Number:
    return atan2(y, x)


def complex_sqrt_imag(x: Number, y: Number) -> Number:
    if y == 0 and x <= 0:
        raise ValueError(x)
    return mp.sqrt(mp.mpc(x, y)).imag


def complex_log_real(x: Number, y: Number) -> Number:
    return mp.log(mp.mpc(x, y)).real


def complex_expm1_real(x: Number, y: Number) -> Number:
    if abs(x) < 1 and abs(y) < 1:
        return mp.expm1(x) * mp.cos(y) - 2 * mp.sin(y / 2) ** 2
    return mp.exp(x) * mp.cos(y) - 1


@ample
def complex_log1p_real(x: Number, y: Number) -> Number:
    return mp.log1p(2 * x + x * x + y * y) / 2


def complex_log1p_imag(x: Number, y: Number) -> Number:
    """No float is so near to the singularity; a step towards it, to get a slope, is too long beside y."""
    if 0 < abs(1 + x) < NEAR and abs(y) < NEAR:
        raise ValueError(x)
    return angle(1 + x, y)


def complex_tanh_real(x: Number, y: Number) -> Number:
    return mp.sinh(2 * x) / (mp.cosh(2 * x) + mp.cos(2 * y))


def complex_tanh_imag(x: Number, y: Number) -> Number:
    return mp.sin(2 * y) / (mp.cosh(2 * x) + mp.cos(2 * y))


def complex_sign_real(x: Number, y: Number) -> Number:
    return x / mp.hypot(x, y) if x else x


def complex_sign_imag(x: Number, y: Number) -> Number:
    return complex_sign_real(y, x)
