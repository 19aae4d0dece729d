"""Sigmoid, hyperbolic tangent and softplus: elementwise, smooth, of any shape.

exp is only ever taken of -|x|, so nothing overflows; ``g`` is the cotangent of the output and has its shape.
"""

import numpy as np

from ..arrays import Array
from .extended import magnitude


def sigmoid(x: Array) -> Array:
    """Logistic sigmoid s(x) = 1 / (1 + exp(-x)), written exp(x) / (1 + exp(x)) for x < 0.

    Source: C. M. Bishop, Pattern Recognition and Machine Learning, eq. 4.59.
    """
    e = np.exp(-magnitude(x))
    return np.asarray(np.where(x.real < 0, e, 1) / (1 + e))


def sigmoid_vjp(g: Array, x: Array) -> tuple[Array]:
    """ds/dx = s(x) (1 - s(x)) = s(x) s(-x); the second form keeps its digits where s(x) rounds to 1."""
    return (g * sigmoid(x) * sigmoid(-x),)


def tanh(x: Array) -> Array:
    """Hyperbolic tangent (exp(x) - exp(-x)) / (exp(x) + exp(-x)).

    Source: NIST Digital Library of Mathematical Functions, eq. 4.28.4.
    """
    return np.asarray(np.tanh(x))


def tanh_vjp(g: Array, x: Array) -> tuple[Array]:
    """dtanh/dx = sech(x)^2 with sech(x) = 2 e / (1 + e^2), e = exp(-|x|).

    The usual 1 - tanh(x)^2 equals it, but rounds to 0 by |x| = 20, where sech(x)^2 is 1.7e-17: torch and JAX
    lose the small gradient there.
    """
    e = np.exp(-magnitude(x))
    return (g * (2 * e / (1 + e**2)) ** 2,)


def softplus(x: Array) -> Array:
    """Softplus log(1 + exp(x)), written max(x, 0) + log(1 + exp(-|x|)).

    torch returns x itself above its ``threshold`` of 20, which leaves out log(1 + exp(-x)), 2e-9 at the threshold.

    Source: Dugas et al., Incorporating Second-Order Functional Knowledge for Better Option Pricing, NIPS 2000.
    """
    return np.where(x.real < 0, 0, x) + np.log1p(np.exp(-magnitude(x)))


def softplus_vjp(g: Array, x: Array) -> tuple[Array]:
    """dsoftplus/dx = exp(x) / (1 + exp(x)) = s(x), the sigmoid; torch gives 1 above its threshold."""
    return (g * sigmoid(x),)
