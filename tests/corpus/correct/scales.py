"""Smooth functions at magnitudes that a fixed step or a fixed tolerance does not fit."""

import jax
import jax.numpy as jnp
import numpy as np
import torch

from ..table import Case
from .inputs import JIT64, LOW, SINGLE, every_way, normal, spread_over, twice, uniform, with_variants


def minus_thirty_to_thirty(rng):
    return (rng.permutation(np.linspace(-30, 30, 24)),)


def positive(low, high, *shape):
    return lambda rng: (np.abs(spread_over(low, high, shape)(rng)[0]),)


def tiny_and_huge(rng):
    return 1e-8 * rng.normal(size=5), 1e8 * rng.normal(size=5)


def two_blocks(rng):
    x = rng.normal(size=(4, 5))
    x[:, ::2] *= 1e-7
    x[:, 1::2] *= 1e3
    return (x,)


def logistic(steps):
    """From 30 steps on its values are chaos and its gradient is beyond 1e10, on either framework."""

    def f(x):
        for _ in range(steps):
            x = 3.9 * x * (1 - x)
        return x

    return f


def row(name, make, in_torch, in_jax, cells=LOW):
    return Case(name, "scales", make, in_torch, in_jax, cells=cells)


CASES = (
    row("log_at_1e-7", uniform(0.5e-7, 2e-7, (8,)), lambda x: x.log(), lambda x: jnp.log(x)),
    row("sqrt_at_1e-6", uniform(0.5e-6, 2e-6, (8,)), lambda x: x.sqrt(), lambda x: jnp.sqrt(x)),
    row("cube_at_1e6", normal((3, 4), scale=1e6), lambda x: (x**3).sum(), lambda x: (x**3).sum()),
    row("square_at_1e-12", normal((3, 4), scale=1e-12), lambda x: (x**2).sum(), lambda x: (x**2).sum()),
    *twice(row("sin_of_1000_x", normal((3, 4)), lambda x: (1000 * x).sin(), lambda x: jnp.sin(1000 * x), SINGLE)),
    row("exp_over_sixty", minus_thirty_to_thirty, lambda x: x.exp().sum(), lambda x: jnp.exp(x).sum()),
    row("exp_of_each_over_sixty", minus_thirty_to_thirty, lambda x: x.exp(), lambda x: jnp.exp(x)),
    row(
        "x_log_x_over_ten_decades",
        positive(-7, 3, 3, 6),
        lambda x: (x * x.log()).sum(),
        lambda x: (x * jnp.log(x)).sum(),
    ),
    row(
        "log1p_of_squares_over_ten_decades", two_blocks, lambda x: (x**2).log1p().sum(), lambda x: jnp.log1p(x**2).sum()
    ),
    row("square_over_ten_decades", spread_over(-7, 3, (3, 6)), lambda x: (x**2).sum(), lambda x: (x**2).sum()),
    row(
        "sin_of_product_1e-8_1e8",
        tiny_and_huge,
        lambda x, y: (x * y).sin(),
        lambda x, y: jnp.sin(x * y),
        (*LOW, *JIT64),
    ),
    row(
        "squares_swamped_by_another_leaf",
        tiny_and_huge,
        lambda x, y: (x**2).sum() + (y**2).sum(),
        lambda x, y: (x**2).sum() + (y**2).sum(),
    ),
    row("linear_swamped_by_another_leaf", tiny_and_huge, lambda x, y: (x + y).sum(), lambda x, y: (x + y).sum()),
    *twice(row("tenth_power_at_1e-9", uniform(0.5e-9, 2e-9, (8,)), lambda x: x**0.1, lambda x: x**0.1)),
    *twice(row("reciprocal_at_1e-5", spread_over(-5.5, -4.5, (8,)), lambda x: 1 / x, lambda x: 1 / x)),
    row(
        "loss_times_1e-8",
        normal((4, 3), (4, 3)),
        lambda y, t: 1e-8 * ((y - t) ** 2).mean(),
        lambda y, t: 1e-8 * ((y - t) ** 2).mean(),
        (*LOW, *JIT64),
    ),
    row(
        "loss_times_1e8",
        normal((4, 3), (4, 3)),
        lambda y, t: 1e8 * (y - t).cosh().mean(),
        lambda y, t: 1e8 * jnp.cosh(y - t).mean(),
    ),
    *every_way(
        row(
            "loss_plus_1e6",
            normal((4, 3), (4, 3)),
            lambda y, t: ((y - t) ** 2).mean() + 1e6,
            lambda y, t: ((y - t) ** 2).mean() + 1e6,
        )
    ),
    row("value_1e30", normal((3, 4)), lambda x: 1e30 * x.sin().sum(), lambda x: 1e30 * jnp.sin(x).sum()),
    row("value_1e-30", normal((3, 4)), lambda x: ((1e-15 * x) ** 2).sum(), lambda x: ((1e-15 * x) ** 2).sum()),
    row("argument_1e30", normal((6,), scale=1e30), lambda x: 3 * x + x.abs() / 7, lambda x: 3 * x + jnp.abs(x) / 7),
    row("argument_1e-30", normal((6,), scale=1e-30), lambda x: 3 * x - x * 0.5, lambda x: 3 * x - x * 0.5),
    row("expm1_at_1e-10", normal((6,), scale=1e-10), lambda x: x.expm1(), lambda x: jnp.expm1(x)),
    row("log1p_at_1e-10", normal((6,), scale=1e-10), lambda x: x.log1p(), lambda x: jnp.log1p(x)),
    row("tan_near_its_pole", uniform(1.5690, 1.5700, (6,)), lambda x: x.tan(), lambda x: jnp.tan(x), SINGLE),
    row(
        "log_near_zero_of_one_minus_x",
        uniform(1e-9, 1e-6, (6,)),
        lambda x: (1 - x).log(),
        lambda x: jnp.log(1 - x),
        ("float64-eager",),
    ),
    # The shift rounds x to a multiple of 1e-10: the value is a staircase, its gradient is that of the line.
    row(
        "staircase_of_rounding", normal((6,)), lambda x: (x + 1e6) - 1e6, lambda x: (x + 1e6) - 1e6, ("float64-eager",)
    ),
    row(
        "difference_of_close_squares",
        normal((6,), scale=1e-3, mean=1e3),
        lambda x: x**2 - 1e6,
        lambda x: x**2 - 1e6,
        SINGLE,
    ),
    row(
        "atan2_around",
        normal((8,), (8,), scale=1e-6),
        lambda y, x: torch.atan2(y, x),
        lambda y, x: jnp.arctan2(y, x),
        SINGLE,
    ),
    *with_variants(
        row(
            "hypot_of_far_apart",
            spread_over(-4, 4, (8,), (8,)),
            lambda x, y: (1 + x**2 + y**2).sqrt(),
            lambda x, y: jnp.sqrt(1 + x**2 + y**2),
        )
    ),
    row("logistic_map_of_20_steps", uniform(0.2, 0.8, (6,)), logistic(20), logistic(20), (*SINGLE, *JIT64)),
    *(
        row(f"logistic_map_of_{n}_steps", uniform(0.2, 0.8, (6,)), logistic(n), logistic(n), SINGLE)
        for n in (30, 50, 100)
    ),
    row("high_polynomial", uniform(0.5, 1.5, (6,)), lambda x: (x**40).sum(), lambda x: (x**40).sum(), SINGLE),
    row("power_of_both", uniform(0.1, 5.0, (6,), (6,)), lambda x, p: x**p, lambda x, p: x**p, (*SINGLE, *JIT64)),
    row(
        "logaddexp_far_apart",
        spread_over(-2, 3, (8,), (8,)),
        lambda x, y: torch.logaddexp(x, y),
        lambda x, y: jnp.logaddexp(x, y),
    ),
    row("lgamma_near_poles", uniform(1e-4, 0.1, (6,)), lambda x: torch.lgamma(x), lambda x: jax.lax.lgamma(x), SINGLE),
    row(
        "bessel_i0_large",
        uniform(5.0, 40.0, (6,)),
        lambda x: torch.special.i0e(x),
        lambda x: jax.scipy.special.i0e(x),
        SINGLE,
    ),
)
