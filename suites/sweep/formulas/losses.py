"""Losses of one prediction and one target."""

from collections.abc import Callable

import mpmath as mp

from ..exact import Number
from .activations import ZERO, relu
from .logistic import sigmoid, softplus


def smooth_l1(beta: float) -> Callable[[Number, Number], Number]:
    def loss(x: Number, y: Number) -> Number:
        e, b = abs(x - y), mp.mpf(beta)
        return e * e / (2 * b) if e < b else e - b / 2

    return loss


def huber(delta: float) -> Callable[[Number, Number], Number]:
    smooth = smooth_l1(delta)
    return lambda x, y: mp.mpf(delta) * smooth(x, y)


def binary_cross_entropy(p: Number, y: Number) -> Number:
    """With logarithms not below -100, as torch documents it."""
    if not 0 <= p <= 1:
        raise ValueError(p)
    least = mp.mpf(-100)
    return -y * max(mp.log(p), least) - (1 - y) * max(mp.log1p(-p), least)


def with_logits(x: Number, y: Number, weight: int = 1) -> Number:
    return weight * y * softplus(-x) + (1 - y) * softplus(x)


def log_cosh(x: Number, y: Number) -> Number:
    """log(1 + 2 sinh^2(e / 2))."""
    return mp.log1p(2 * mp.sinh((x - y) / 2) ** 2)


def focal(x: Number) -> Number:
    return sigmoid(-x) ** 2 * softplus(-x)


def pinball(x: Number, y: Number) -> Number:
    q = mp.mpf(3) / 4
    return max(q * (y - x), (q - 1) * (y - x))


def three_classes(x: Number, y: Number) -> tuple[Number, Number, Number]:
    """Minus the logarithms of the softmax of x, y, 0."""
    first, second, third = (mp.log(sum(mp.exp(b - a) for b in (x, y, ZERO))) for a in (x, y, ZERO))
    return first, second, third


def cross_entropy(x: Number, y: Number) -> Number:
    return mp.log1p(mp.exp(y - x) + mp.exp(-x))


def smoothed_cross_entropy(x: Number, y: Number) -> Number:
    each = three_classes(x, y)
    return each[0] * 3 / 4 + sum(each) / 12


def poisson(x: Number, y: Number) -> Number:
    return x - y * mp.log(x + mp.mpf(10) ** -8)


def triplet(x: Number, y: Number) -> Number:
    """With the digits that cancel between the distances of far points."""
    with mp.workprec(mp.mp.prec + 2200):
        e = mp.mpf(10) ** -6
        return relu(abs(x - y + e) - abs(x + e) + 1)


def cosine(x: Number, y: Number) -> Number:
    """Of (x, y) and (1, 1), whose norms are not taken below 2^-27."""
    return (x + y) / (mp.sqrt(2) * max(mp.hypot(x, y), mp.mpf(2) ** -27))
