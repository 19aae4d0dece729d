"""Activations that multiply the input by a gate of itself, x G(x): SiLU and GELU; elementwise, of any shape.

Both derivatives are G(x) + x G'(x). At -inf the value 0 and at +-inf the slopes 0 and 1 are the limits; torch and JAX
compute inf * 0 there and give nan. ``g`` is the cotangent of the output and has its shape.
"""

import math

import numpy as np
from scipy.special import erfc  # type: ignore[import-untyped, unused-ignore]

from ..arrays import Array
from .extended import product
from .sigmoidal import sigmoid

# Beyond this |x| the gate of GELU is 0 or 1 and its slope 0 in float64, in both forms.
SATURATED = 40.0


def silu(x: Array) -> Array:
    """SiLU (also called swish) x s(x), s the logistic sigmoid.

    Source: Elfwing, Uchibe and Doya, Sigmoid-Weighted Linear Units, Neural Networks 107 (2018), eq. 5.
    """
    return product(sigmoid(x), x)


def silu_vjp(g: Array, x: Array) -> tuple[Array]:
    """dsilu/dx = s(x) + x s(x) s(-x), since ds/dx = s(x) s(-x)."""
    s = sigmoid(x)
    return (g * (s + product(s * sigmoid(-x), x)),)


def gelu(x: Array, *, approximate: str = "none") -> Array:
    """Gaussian error linear unit x G(x).

    ``none``: G = Phi, the normal distribution function, Phi(x) = erfc(-x / sqrt 2) / 2.
    ``tanh``: G(x) = (1 + tanh u) / 2, u = sqrt(2 / pi) (x + 0.044715 x^3), which is the sigmoid of 2 u.

    torch defaults to ``none``, JAX to the tanh form. torch computes Phi as (1 + erf) / 2, which cancels for negative x
    and is 0 from about -8.4 down, where Phi is 2e-17.

    Source: Hendrycks and Gimpel, Gaussian Error Linear Units, arXiv:1606.08415, section 2.
    """
    return product(_gate(x, approximate), x)


def gelu_vjp(g: Array, x: Array, *, approximate: str = "none") -> tuple[Array]:
    """dgelu/dx = G + x G'.

    ``none``: G' = phi(x) = exp(-x^2 / 2) / sqrt(2 pi).
    ``tanh``: G = s(v) with v = 2 u, so G' = s(v) s(-v) v', v' = 2 sqrt(2 / pi) (1 + 3 * 0.044715 x^2).
    """
    return (g * (_gate(x, approximate) + product(_gate_slope(x, approximate), x)),)


def _gate(x: Array, approximate: str) -> Array:
    if approximate == "none":
        return np.asarray(erfc(-x / math.sqrt(2)) / 2)
    if approximate == "tanh":
        return sigmoid(_cubic(_clipped(x)))
    raise ValueError(f"approximate is {approximate!r}; allowed are none and tanh")


def _gate_slope(x: Array, approximate: str) -> Array:
    z = _clipped(x)
    if approximate == "none":
        return np.asarray(np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi))
    v = _cubic(z)
    return sigmoid(v) * sigmoid(-v) * 2 * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * z**2)


def _cubic(z: Array) -> Array:
    return 2 * math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)


def _clipped(x: Array) -> Array:
    """x within +-SATURATED, so that its powers do not overflow."""
    return np.where(np.abs(x.real) < SATURATED, x, SATURATED * np.sign(x.real))
