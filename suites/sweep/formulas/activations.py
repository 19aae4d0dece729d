"""Activation functions and their slopes."""

import mpmath as mp

from ..exact import Number
from .error_functions import ndtr
from .guards import decay
from .logistic import sigmoid

ZERO = mp.mpf(0)


def clip(x: Number, low: Number, high: Number) -> Number:
    return min(max(x, mp.mpf(low)), mp.mpf(high))


def relu(x: Number) -> Number:
    return max(x, ZERO)


def elu(x: Number, alpha: Number = 1) -> Number:
    return x if x > 0 else alpha * mp.expm1(x)


def celu(x: Number, alpha: Number = 1) -> Number:
    return x if x > 0 else alpha * mp.expm1(x / alpha)


def selu(x: Number) -> Number:
    scale, alpha = mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")
    return scale * elu(x, alpha)


def mish(x: Number) -> Number:
    """x tanh(log(1 + w)) with w = exp(x)."""
    w = mp.exp(x)
    return x * w * (w + 2) / (w * (w + 2) + 2)


def gelu(x: Number) -> Number:
    return x * ndtr(x)


def gelu_slope(x: Number) -> Number:
    return ndtr(x) + x * decay(x * x / 2) / mp.sqrt(2 * mp.pi)


def gelu_tanh(x: Number) -> Number:
    """x (1 + tanh(u)) / 2, which is x sigmoid(2 u)."""
    u = mp.sqrt(2 / mp.pi) * (x + mp.mpf(44715) / 10**6 * x**3)
    return x * sigmoid(2 * u)


def silu_slope(x: Number) -> Number:
    return sigmoid(x) * (1 + x * sigmoid(-x))


def softsign_slope(x: Number) -> Number:
    return 1 / (1 + abs(x)) ** 2


def soft_threshold(x: Number) -> Number:
    return mp.sign(x) * relu(abs(x) - mp.mpf(1) / 2)


def tanhshrink(x: Number) -> Number:
    """With the digits that cancel near zero."""
    with mp.workprec(mp.mp.prec + 4 * max(-mp.mag(x), 0) + 20 if x else mp.mp.prec):
        return x - mp.tanh(x)


def squareplus(x: Number, b: Number = 4) -> Number:
    root = mp.sqrt(x * x + b)
    return (x + root) / 2 if x >= 0 else mp.mpf(b) / 2 / (root - x)


def sparse_plus(x: Number) -> Number:
    return ZERO if x <= -1 else x if x >= 1 else (x + 1) ** 2 / 4


def log1mexp(x: Number) -> Number:
    return mp.log(-mp.expm1(-x)) if x < 1 else mp.log1p(-mp.exp(-x))
