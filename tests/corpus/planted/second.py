"""Gradients that are right in themselves and wrong once differentiated."""

from typing import Any

from ..table import Case, Function
from .custom import VARIANTS, bug, stop_gradient, uniform
from .elementwise import tanh

SECOND = "wrong in second order only"


def cube(xp: Any, x: Any) -> Any:
    return x**3


def cube_vjp(xp: Any, g: Any, x: Any) -> Any:
    """One factor is detached."""
    return (3 * g * x * stop_gradient(x),)


def tanh_vjp(xp: Any, g: Any, x: Any) -> Any:
    """One factor of the squared output is detached."""
    t = xp.tanh(x)
    return (g * (1 - t * stop_gradient(t)),)


def product(xp: Any, x: Any, y: Any) -> Any:
    return x * xp.sin(y)


def product_vjp(xp: Any, g: Any, x: Any, y: Any) -> Any:
    """The other argument is detached in dx: the mixed derivative is missing."""
    return g * stop_gradient(xp.sin(y)), g * x * xp.cos(y)


def log_square_sum(xp: Any, x: Any) -> Any:
    return xp.log(xp.sum(x**2))


def log_square_sum_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The sum is detached."""
    return (2 * g * x / stop_gradient(xp.sum(x**2)),)


def exp_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The cotangent is detached: the gradient no longer depends on it."""
    return (stop_gradient(g) * xp.exp(x),)


def exp(xp: Any, x: Any) -> Any:
    return xp.exp(x)


def square_of(xp: Any, op: Function, x: Any) -> Any:
    return op(x) ** 2


WAVE = uniform(0.3, 1.2, (5,))
PAIR = uniform(0.3, 1.2, (5,), (5,))
ORDER = {"order": 2}

CASES: tuple[Case, ...] = (
    bug("second_order_cube", SECOND, WAVE, cube, cube_vjp, **ORDER),
    bug("second_order_tanh", SECOND, WAVE, tanh, tanh_vjp, **ORDER),
    bug("second_order_product", SECOND, PAIR, product, product_vjp, **ORDER),
    bug("second_order_exp_squared", SECOND, WAVE, exp, exp_vjp, square_of, **ORDER),
    bug("second_order_cube_variant", SECOND, WAVE, cube, cube_vjp, **VARIANTS),
    bug("second_order_product_variant", SECOND, PAIR, product, product_vjp, **VARIANTS),
    bug("second_order_log_square_sum_variant", SECOND, WAVE, log_square_sum, log_square_sum_vjp, **VARIANTS),
)
