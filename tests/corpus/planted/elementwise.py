"""Elementwise functions: a wrong factor or sign, and terms that the chain and product rules would add."""

import math
from typing import Any

from ..table import Case, Function
from .custom import BOTH, bug, normal, plain, sigmoid, stop_gradient, uniform

FACTOR = "factor and sign"
DROPPED = "dropped term"

ROOT = math.sqrt(2 / math.pi)


def sloped(slope: Function) -> Function:
    """The pullback of an elementwise function whose derivative is ``slope``."""
    return lambda xp, g, x: (g * slope(xp, x),)


def tanh(xp: Any, x: Any) -> Any:
    return xp.tanh(x)


def gelu(xp: Any, x: Any) -> Any:
    return 0.5 * x * (1 + xp.tanh(ROOT * (x + 0.044715 * x**3)))


def gelu_slope(xp: Any, x: Any) -> Any:
    """d/dx 0.044715 x^3 without its factor 3."""
    t = xp.tanh(ROOT * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * ROOT * (1 + 0.044715 * x**2)


def gaussian(xp: Any, x: Any, s: Any) -> Any:
    return xp.exp(-(x**2) / (2 * s**2))


def gaussian_vjp(xp: Any, g: Any, x: Any, s: Any) -> Any:
    """ds with x^2 / s^2 where x^2 / s^3 belongs."""
    y = gaussian(xp, x, s)
    return -g * y * x / s**2, g * y * x**2 / s**2


def divide_vjp(xp: Any, g: Any, x: Any, y: Any) -> Any:
    """dy without its minus sign."""
    return g / y, g * x / y**2


def arctan2(xp: Any, y: Any, x: Any) -> Any:
    return xp.atan2(y, x)


def arctan2_vjp(xp: Any, g: Any, y: Any, x: Any) -> Any:
    """Both gradients divided by the norm instead of by its square."""
    r = xp.sqrt(x**2 + y**2)
    return g * x / r, -g * y / r


def silu(xp: Any, x: Any) -> Any:
    """The gate is detached: one half of the product rule."""
    return x * stop_gradient(sigmoid(xp, x))


def weighted_square(xp: Any, w: Any, x: Any) -> Any:
    """The penalty on w is detached."""
    return (w * x) ** 2 + 0.1 * stop_gradient(w) ** 2


CASES: tuple[Case, ...] = (
    bug("tanh_slope_doubled", FACTOR, normal((3, 5)), tanh, sloped(lambda xp, x: 2 - 2 * xp.tanh(x) ** 2), cells=BOTH),
    bug("cosine_sign", FACTOR, normal((4, 4)), lambda xp, x: xp.cos(x), sloped(lambda xp, x: xp.sin(x)), cells=BOTH),
    bug(
        "power_not_lowered", FACTOR, uniform(0.5, 0.9, (12,)), lambda xp, x: x**2.5, sloped(lambda xp, x: 2.5 * x**2.5)
    ),
    bug("log2_without_ln2", FACTOR, uniform(0.5, 3, (12,)), lambda xp, x: xp.log2(x), sloped(lambda xp, x: 1 / x)),
    bug("sigmoid_slope_of_input", FACTOR, normal((3, 5)), sigmoid, sloped(lambda xp, x: x * (1 - x))),
    bug("gelu_inner_factor", FACTOR, uniform(0.5, 2, (4, 3)), gelu, sloped(gelu_slope), cells=BOTH),
    bug("gaussian_power_of_sigma", FACTOR, uniform(0.4, 0.8, (8,), (8,)), gaussian, gaussian_vjp),
    bug("divisor_sign", FACTOR, uniform(0.5, 2, (3, 4), (3, 4)), lambda xp, x, y: x / y, divide_vjp),
    bug("arctan2_not_squared", FACTOR, uniform(1.5, 2, (7,), (7,)), arctan2, arctan2_vjp),
    bug("product_half", DROPPED, uniform(0.5, 2, (9,)), lambda xp, x: x * xp.sin(x), sloped(lambda xp, x: xp.sin(x))),
    bug("chain_cut", DROPPED, uniform(0.6, 2, (9,)), lambda xp, x: xp.sin(x**2), sloped(lambda xp, x: xp.cos(x**2))),
    plain("silu_gate_detached", DROPPED, normal((3, 5)), silu, cells=BOTH),
    plain("penalty_detached", DROPPED, uniform(0.5, 1, (6,), (6,)), weighted_square),
)
