"""Gradients that are exactly zero, and straight-through estimators that differ from it on purpose."""

import jax
import jax.numpy as jnp
import numpy as np
import torch
import torch.nn.functional as F

from ..table import Case
from .inputs import JIT64, LOW, SINGLE, normal, with_variants
from .nets import logits


def shifted_cross_entropy_torch(z, b, target):
    """Shifting all logits of a row by b changes nothing."""
    return F.cross_entropy(z + b, target)


def shifted_cross_entropy_jax(z, b, target):
    return -jnp.take_along_axis(jax.nn.log_softmax(z + b), target[:, None], axis=1).mean()


def shifted_logits(rng):
    z, target = logits(0)(rng)
    return z, rng.normal(size=(5, 1)), target


def bias_before_batch_norm_torch(x, w, b):
    return F.batch_norm(x @ w + b, None, None, training=True)


def bias_before_batch_norm_jax(x, w, b):
    y = x @ w + b
    d = y - y.mean(0)
    return d / jnp.sqrt((d**2).mean(0) + 1e-5)


def near_steps(rng):
    """Some entries 1e-4 from an integer: any larger step crosses it."""
    x = rng.integers(-3, 4, size=(3, 6)) + rng.uniform(0.1, 0.4, size=(3, 6))
    x[:, ::3] = rng.integers(-3, 4, size=(3, 2)) + rng.choice([-1e-4, 1e-4], size=(3, 2))
    return (x,)


def staircase_torch(x, w):
    return (x / 0.25).floor() * 0.25 * w


def staircase_jax(x, w):
    return jnp.floor(x / 0.25) * 0.25 * w


def between_steps(rng):
    return rng.integers(-4, 4, size=(3, 4)) / 4 + rng.uniform(0.05, 0.2, size=(3, 4)), rng.normal(size=(3, 4))


def plateau(rng):
    return (rng.uniform(-3, 0.99, size=(3, 4)),)


def softmax_sum_torch(x):
    return x.softmax(dim=1).sum(dim=1)


def softmax_sum_jax(x):
    return jax.nn.softmax(x, axis=1).sum(axis=1)


class RoundThrough(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x.round()

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def backward(ctx, g):
        return g


def round_through_torch(x):
    return RoundThrough.apply(x)


@jax.custom_vjp
def round_through_jax(x):
    return jnp.round(x)


round_through_jax.defvjp(lambda x: (jnp.round(x), None), lambda _, g: (g,))


def off_bounds(rng):
    x = rng.uniform(-2, 2, size=(3, 6))
    return (np.where(np.abs(np.abs(x) - 1) < 0.05, 0.5, x),)


def sign_through_torch(x):
    """The slope of the hard tanh instead of that of the sign."""
    c = x.clamp(-1, 1)
    return c + (x.sign() - c).detach()


def sign_through_jax(x):
    c = jnp.clip(x, -1, 1)
    return c + jax.lax.stop_gradient(jnp.sign(x) - c)


def through(value, slope):
    return {"reference": value, "reference_vjp": lambda g, x: (g * slope(x),)}


def frozen_torch(x, w):
    return (x.detach() * w).sum()


def frozen_jax(x, w):
    return (jax.lax.stop_gradient(x) * w).sum()


FROZEN = {
    "reference": lambda x, w: (x * w).sum(),
    "reference_vjp": lambda g, x, w: (np.zeros_like(x), g * x),
}


def row(name, make, in_torch, in_jax, cells=LOW, **options):
    return Case(name, "zeros", make, in_torch, in_jax, options, cells)


CASES = (
    *with_variants(row("shift_before_softmax", shifted_logits, shifted_cross_entropy_torch, shifted_cross_entropy_jax)),
    row(
        "bias_before_batch_norm",
        normal((8, 3), (3, 4), (4,)),
        bias_before_batch_norm_torch,
        bias_before_batch_norm_jax,
        (*SINGLE, *JIT64),
    ),
    row("sum_of_softmax", normal((3, 5)), softmax_sum_torch, softmax_sum_jax),
    row("floor", near_steps, lambda x: x.floor(), lambda x: jnp.floor(x), SINGLE),
    row("round", near_steps, lambda x: (x + 0.5).round(), lambda x: jnp.round(x + 0.5), SINGLE),
    row("sign", normal((3, 6)), lambda x: x.sign(), lambda x: jnp.sign(x)),
    row("staircase", between_steps, staircase_torch, staircase_jax),
    row("plateau", plateau, lambda x: torch.relu(x - 1).sum(), lambda x: jax.nn.relu(x - 1).sum()),
    row("constant", normal((3, 4)), lambda x: torch.full_like(x, 2.5), lambda x: jnp.full_like(x, 2.5), SINGLE),
    row("times_zero", normal((3, 4)), lambda x: 0 * x.sin(), lambda x: 0 * jnp.sin(x)),
    row("ignores_an_argument", normal((3,), (4,)), lambda x, y: x.sin().sum(), lambda x, y: jnp.sin(x).sum()),
    row("constant_in_a_leaf", normal((3,), (4,)), lambda x, y: x + (y - y).sum(), lambda x, y: x + (y - y).sum()),
    row(
        "comparison", normal((4,), (4,)), lambda x, y: (x > y).to(x.dtype) + x, lambda x, y: (x > y).astype(x.dtype) + x
    ),
    row(
        "cosine_with_itself",
        normal((4, 6)),
        lambda x: F.cosine_similarity(x, x),
        lambda x: (x * x).sum(1) / (x * x).sum(1),
    ),
    row("fourth_power_at_its_minimum", lambda rng: (np.zeros((3, 4)),), lambda x: (x**4).sum(), lambda x: (x**4).sum()),
    row(
        "cosine_at_its_maximum",
        lambda rng: (np.zeros((3, 4)),),
        lambda x: x.cos(),
        lambda x: jnp.cos(x),
        (*LOW, *JIT64),
    ),
    row("stop_gradient_declared", normal((3, 4), (3, 4)), frozen_torch, frozen_jax, **FROZEN),
    row(
        "round_straight_through", near_steps, round_through_torch, round_through_jax, **through(np.round, np.ones_like)
    ),
    row(
        "sign_straight_through",
        off_bounds,
        sign_through_torch,
        sign_through_jax,
        ("float64-eager",),
        **through(np.sign, lambda x: (np.abs(x) < 1) * 1.0),
    ),
)
