"""Losses: wrong factors, dropped terms, a sign lost in a tiny loss, and values that a reference contradicts."""

from typing import Any

import numpy as np

import reference

from ..table import Case, Function, Rng
from .custom import BOTH, bug, log_softmax, normal, one_hot, plain, sigmoid, softmax, stop_gradient
from .elementwise import DROPPED, FACTOR

TINY = "tiny loss"
REFERENCE = "against a reference"


def labelled(rng: Rng) -> tuple[Any, ...]:
    return rng.standard_normal((5, 4)), rng.integers(0, 4, 5)


def distributions(rng: Rng) -> tuple[Any, ...]:
    p = np.exp(rng.standard_normal((3, 4)))
    return rng.standard_normal((3, 4)), p / p.sum(1, keepdims=True)


def around_ten(rng: Rng) -> tuple[Any, ...]:
    return (10 + rng.standard_normal((4, 6)),)


def mse(xp: Any, y: Any, t: Any) -> Any:
    return xp.mean((y - t) ** 2)


def mse_vjp(factor: Function) -> Function:
    def pullback(xp: Any, g: Any, y: Any, t: Any) -> Any:
        dy = g * factor(y.shape[0] * y.shape[1]) * (y - t)
        return dy, -dy

    return pullback


def cross_entropy(xp: Any, logits: Any, target: Any) -> Any:
    return -xp.mean(xp.sum(one_hot(xp, target, logits) * log_softmax(xp, logits), axis=1))


def cross_entropy_vjp(factor: Function) -> Function:
    return lambda xp, g, logits, target: (
        g * factor(logits.shape[0]) * (softmax(xp, logits) - one_hot(xp, target, logits)),
        None,
    )


def bce(xp: Any, x: Any, t: Any) -> Any:
    return xp.mean(xp.log1p(xp.exp(x)) - t * x)


def bce_vjp(xp: Any, g: Any, x: Any, t: Any) -> Any:
    """The slope of the sigmoid is applied once more."""
    s = sigmoid(xp, x)
    return g * (s - t) * s * (1 - s) / x.shape[0], -g * x / x.shape[0]


def huber(xp: Any, y: Any, t: Any) -> Any:
    a = xp.abs(y - t)
    return xp.mean(xp.where(a < 1, a**2 / 2, a - 0.5))


def huber_vjp(xp: Any, g: Any, y: Any, t: Any) -> Any:
    """The sign is turned beyond delta."""
    d = y - t
    dy = g * xp.where(xp.abs(d) < 1, d, -xp.sign(d)) / d.shape[0]
    return dy, -dy


def far_and_near(rng: Rng) -> tuple[Any, ...]:
    t = rng.standard_normal(8)
    return t + np.array([0.3, -0.5, 0.7, -0.2, 2, -3, 2.5, -1.7]), t


def kl(xp: Any, logits: Any, p: Any) -> Any:
    """KL(p || softmax(logits)); the gradient of p leaves out the entropy's part."""
    return xp.sum(stop_gradient(p) * xp.log(stop_gradient(p)) - p * log_softmax(xp, logits))


def softmax_vjp(xp: Any, g: Any, x: Any) -> Any:
    """Only the diagonal's first term: the sum over the row is left out."""
    return (g * softmax(xp, x),)


def log_softmax_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The sum over the cotangents of the row is left out."""
    return (g - softmax(xp, x),)


def variance(xp: Any, x: Any) -> Any:
    return xp.mean(x**2, axis=-1) - xp.mean(x, axis=-1) ** 2


def variance_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The term of the mean is left out."""
    return (2 * g[:, None] * x / x.shape[-1],)


def mse_unbiased(xp: Any, y: Any, t: Any) -> Any:
    """Divides by n - 1."""
    return xp.sum((y - t) ** 2) / (y.shape[0] * y.shape[1] - 1)


def cross_entropy_summed(xp: Any, logits: Any, target: Any) -> Any:
    """Adds up the rows where the mean is wanted."""
    return -xp.sum(one_hot(xp, target, logits) * log_softmax(xp, logits))


def tiny(xp: Any, op: Function, *args: Any) -> Any:
    return 1e-8 * op(*args)


AGAINST_MSE = {"reference": reference.mse, "reference_vjp": reference.mse_vjp}
AGAINST_CROSS_ENTROPY = {"reference": reference.cross_entropy, "reference_vjp": reference.cross_entropy_vjp}

CASES: tuple[Case, ...] = (
    bug("mse_without_two", FACTOR, normal((3, 4), (3, 4)), mse, mse_vjp(lambda n: 1 / n), cells=BOTH),
    bug("mse_mean_twice", FACTOR, normal((3, 4), (3, 4)), mse, mse_vjp(lambda n: 2 / n**2)),
    bug("cross_entropy_not_averaged", FACTOR, labelled, cross_entropy, cross_entropy_vjp(lambda n: 1), cells=BOTH),
    bug("bce_slope_twice", FACTOR, normal((7,), (7,)), bce, bce_vjp),
    bug("huber_sign_beyond_delta", FACTOR, far_and_near, huber, huber_vjp),
    plain("kl_entropy_detached", DROPPED, distributions, kl),
    bug("softmax_without_sum", DROPPED, normal((3, 5)), softmax, softmax_vjp, cells=BOTH),
    bug("log_softmax_without_sum", DROPPED, normal((3, 5)), log_softmax, log_softmax_vjp),
    bug("variance_without_mean", DROPPED, around_ten, variance, variance_vjp, cells=BOTH),
    bug("tiny_mse_sign", TINY, normal((3, 4), (3, 4)), mse, mse_vjp(lambda n: -2 / n), tiny),
    bug(
        "tiny_cross_entropy_sign", TINY, labelled, cross_entropy, cross_entropy_vjp(lambda n: -1 / n), tiny, cells=BOTH
    ),
    bug("tiny_bce_slope", TINY, normal((7,), (7,)), bce, bce_vjp, tiny),
    plain("mse_unbiased", REFERENCE, normal((3, 4), (3, 4)), mse_unbiased, **AGAINST_MSE),
    plain("cross_entropy_summed", REFERENCE, labelled, cross_entropy_summed, **AGAINST_CROSS_ENTROPY),
)
