"""Values and gradients that are not finite."""

from typing import Any

import numpy as np

from ..table import Case, Rng
from .custom import bug, log_softmax, normal, plain
from .entries import at, sine

FINITE = "not finite"


def signs(rng: Rng) -> tuple[Any, ...]:
    return (np.array([-2.0, -1, 1, 2, 3, -3]) * rng.uniform(0.5, 1, 6),)


def large(rng: Rng) -> tuple[Any, ...]:
    return (np.array([[1000.0, -1, 2], [0.5, 2000, 1]]) + rng.standard_normal((2, 3)),)


def zero_row(rng: Rng) -> tuple[Any, ...]:
    return (rng.standard_normal((4, 3)) * np.array([[1.0], [0], [1], [1]]),)


def with_zero(rng: Rng) -> tuple[Any, ...]:
    return (rng.uniform(0.5, 1.5, 6) * np.array([1.0, 1, 0, 1, 1, 1]),)


def guarded_root(xp: Any, x: Any) -> Any:
    """The branch not taken has the gradient nan."""
    return xp.where(x > 0, xp.sqrt(x), 0 * x)


def guarded_quotient(xp: Any, x: Any) -> Any:
    """0 / 0 in the branch not taken."""
    return xp.where(x > 0, xp.sin(x) / x, xp.exp(x))


def guarded_exp(xp: Any, x: Any) -> Any:
    """The branch not taken overflows: its gradient is 0 inf."""
    return xp.where(x < 50, xp.exp(x), x)


def norms(xp: Any, x: Any) -> Any:
    """A row of zeros has the gradient 0 / 0."""
    return xp.sqrt(xp.sum(x**2, axis=1))


def unit(xp: Any, x: Any) -> Any:
    """A row of zeros becomes nan."""
    return x / xp.sqrt(xp.sum(x**2, axis=1, keepdims=True))


def naive_softplus(xp: Any, x: Any) -> Any:
    """exp overflows: the value is inf."""
    return xp.log(1 + xp.exp(x))


def naive_softmax(xp: Any, x: Any) -> Any:
    """inf / inf in the value."""
    return xp.exp(x) / xp.sum(xp.exp(x), axis=-1, keepdims=True)


def entropy(xp: Any, p: Any) -> Any:
    """0 log 0 is nan."""
    return -xp.sum(p * xp.log(p))


def root(xp: Any, x: Any) -> Any:
    """The slope at zero is inf."""
    return xp.sqrt(x)


def nan_at_one_entry(xp: Any, g: Any, x: Any) -> Any:
    """One entry of the gradient is 0 / 0."""
    there = at(xp, x, 123)
    return (g * xp.cos(x) * (1 - there) / (1 - there),)


def inf_in_one_row(xp: Any, g: Any, x: Any) -> Any:
    """The first entry of the gradient is divided by zero."""
    return ((g - xp.sum(g, axis=-1, keepdims=True) * xp.exp(log_softmax(xp, x))) / (1 - at(xp, x, 0)),)


CASES: tuple[Case, ...] = (
    plain("where_root", FINITE, signs, guarded_root),
    plain("where_quotient", FINITE, with_zero, guarded_quotient),
    plain("where_exp_overflow", FINITE, large, guarded_exp),
    plain("norm_of_zero_row", FINITE, zero_row, norms),
    plain("unit_of_zero_row", FINITE, zero_row, unit),
    plain("softplus_overflow", FINITE, large, naive_softplus),
    plain("softmax_overflow", FINITE, large, naive_softmax),
    plain("entropy_of_zero", FINITE, with_zero, entropy),
    plain("root_of_zero", FINITE, with_zero, root),
    bug("nan_at_one_entry", FINITE, normal((400,)), sine, nan_at_one_entry),
    bug("inf_at_one_entry", FINITE, normal((3, 5)), log_softmax, inf_in_one_row),
)
