"""Functions with kinks, at inputs exactly on them, close to them, and in such number that every step crosses some."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import torch
import torch.nn.functional as F

from ..table import Case
from .inputs import JIT, JIT64, LOW, SINGLE, at, normal, tied, twice, with_variants


def near_zero(rng):
    x = rng.normal(size=(4, 6))
    x[:, ::2] = rng.choice([-1, 1], size=(4, 3)) * 10.0 ** rng.uniform(-12, -6, size=(4, 3))
    return (x,)


def weights_of_both_signs(rng):
    (x,) = at(0.0)(rng)
    return x, rng.normal(size=x.shape)


def equal_in_places(rng):
    x, y = rng.normal(size=(2, 4, 5))
    y[:, ::2] = x[:, ::2]
    return x, y


def two_equal_medians(rng):
    """Seven entries a row, of which the fourth and the fifth in order are equal."""
    x = np.tile([-2.0, -1.0, -0.5, 0.75, 0.75, 1.5, 3.0], (3, 1))
    return (rng.permuted(x * rng.integers(1, 5, size=(3, 1)), axis=1),)


def three_equal_medians(rng):
    x = np.tile([-2.0, -1.0, 0.75, 0.75, 0.75, 1.5, 3.0], (3, 1))
    return (rng.permuted(x * rng.integers(1, 5, size=(3, 1)), axis=1),)


def pairs(rng):
    """Two pairs of equal entries in each row, the others distinct; each pair is a running maximum as well."""
    x = np.tile([1.0, 1.0, 0.5, 3.0, -2.0, 3.0, 2.0], (3, 1))
    return (x * rng.integers(1, 5, size=(3, 1)) - rng.integers(4, size=(3, 1)),)


def margins_at_the_joint(rng):
    t = rng.choice([-1.0, 1.0], size=8)
    y = rng.normal(size=8)
    y[::2] = t[::2]
    return y, t


def distances_at_the_joint(rng):
    """Quarters, so that y - t is exactly 1 or -1 in places, in bfloat16 too."""
    t = rng.integers(-4, 5, size=(3, 4)) / 4
    d = rng.integers(-6, 7, size=(3, 4)) / 4
    d[:, ::2] = rng.choice([-1, 1], size=(3, 2))
    return t + d, t


def perceptron(*widths, batch):
    """Input, then weight and bias of each layer, as small as an initialisation makes them."""

    def make(rng):
        layers = itertools.pairwise(widths)
        weights = [p for m, n in layers for p in (rng.normal(size=(m, n)) / np.sqrt(m), 0.1 * rng.normal(size=n))]
        return rng.normal(size=(batch, widths[0])), *weights

    return make


def mlp_torch(x, w1, b1, w2, b2):
    return (torch.relu(x @ w1 + b1) @ w2 + b2).logsumexp(1).mean()


def mlp_jax(x, w1, b1, w2, b2):
    return jax.nn.logsumexp(jax.nn.relu(x @ w1 + b1) @ w2 + b2, axis=1).mean()


def pool_jax(x):
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def huber_torch(y, t):
    return F.huber_loss(y, t)


def huber_jax(y, t):
    a = jnp.abs(y - t)
    return jnp.where(a <= 1, a**2 / 2, a - 0.5).mean()


def hinge_torch(y, t):
    return torch.relu(1 - y * t).mean()


def hinge_jax(y, t):
    return jnp.maximum(1 - y * t, 0).mean()


def dropped(rng):
    return rng.normal(size=(4, 6)), rng.random(size=(4, 6)) < 0.7


def dropout_torch(x, keep):
    return torch.where(keep, torch.relu(x) / 0.7, 0)


def dropout_jax(x, keep):
    return jnp.where(keep, jax.nn.relu(x) / 0.7, 0)


def row(name, make, in_torch, in_jax, cells=LOW):
    return Case(name, "kinks", make, in_torch, in_jax, cells=cells)


CASES = (
    *with_variants(row("relu_at_zero", at(0.0), lambda x: torch.relu(x), lambda x: jax.nn.relu(x), (*LOW, *JIT))),
    row("relu_near_zero", near_zero, lambda x: torch.relu(x), lambda x: jax.nn.relu(x)),
    row("relu_all_zero", at(0.0, scale=0), lambda x: torch.relu(x), lambda x: jax.nn.relu(x)),
    row("relu_as_maximum", at(0.0), lambda x: torch.clamp(x, min=0), lambda x: jnp.maximum(x, 0)),
    row(
        "relu_weighted",
        weights_of_both_signs,
        lambda x, w: (w * torch.relu(x)).sum(),
        lambda x, w: (w * jax.nn.relu(x)).sum(),
    ),
    *with_variants(row("leaky_relu_at_zero", at(0.0), lambda x: F.leaky_relu(x), lambda x: jax.nn.leaky_relu(x))),
    *with_variants(row("abs_at_zero", at(0.0), lambda x: x.abs(), lambda x: jnp.abs(x))),
    row("selu_at_zero", at(0.0), lambda x: F.selu(x), lambda x: jax.nn.selu(x)),
    row("hard_tanh_at_bounds", at(-1.0, 1.0), lambda x: F.hardtanh(x), lambda x: jax.nn.hard_tanh(x), (*LOW, *JIT64)),
    row("hard_sigmoid_at_bounds", at(-3.0, 3.0), lambda x: F.relu6(x + 3) / 6, lambda x: jax.nn.hard_sigmoid(x)),
    row("hard_swish_at_bounds", at(-3.0, 3.0), lambda x: F.hardswish(x), lambda x: jax.nn.hard_swish(x)),
    row("relu6_at_bounds", at(0.0, 6.0, scale=4), lambda x: F.relu6(x), lambda x: jax.nn.relu6(x)),
    row("softshrink_at_bounds", at(-0.5, 0.5), lambda x: F.softshrink(x), lambda x: x - jnp.clip(x, -0.5, 0.5)),
    *with_variants(
        row("maximum_of_equal", equal_in_places, lambda x, y: torch.maximum(x, y), lambda x, y: jnp.maximum(x, y))
    ),
    row("minimum_of_equal", equal_in_places, lambda x, y: torch.minimum(x, y), lambda x, y: jnp.minimum(x, y)),
    *with_variants(row("max_with_ties", tied(5, 6), lambda x: x.max(dim=1).values, lambda x: x.max(axis=1))),
    row("amax_with_ties", tied(5, 6), lambda x: torch.amax(x, dim=0), lambda x: x.max(axis=0), (*LOW, *JIT64)),
    row("min_with_ties", tied(5, 6), lambda x: x.min(), lambda x: x.min()),
    row("max_norm_with_ties", at(-4.0, 4.0, scale=1), lambda x: x.abs().amax(1), lambda x: jnp.abs(x).max(1)),
    *with_variants(row("max_pool_with_ties", tied(2, 1, 4, 6, values=4), lambda x: F.max_pool2d(x, 2), pool_jax)),
    row("sort_with_ties", pairs, lambda x: x.sort(dim=1).values, lambda x: jnp.sort(x, axis=1)),
    row("top_k_with_ties", pairs, lambda x: x.topk(2, dim=1).values, lambda x: jax.lax.top_k(x, 2)[0]),
    row("median_with_ties", two_equal_medians, lambda x: x.median(dim=1).values, lambda x: jnp.sort(x, axis=1)[:, 3]),
    row("cummax_with_ties", pairs, lambda x: x.cummax(dim=1).values, lambda x: jax.lax.cummax(x, axis=1)),
    row("clip_at_bounds", at(-1.0, 1.0), lambda x: x.clamp(-1, 1), lambda x: jnp.clip(x, -1, 1), (*LOW, *JIT)),
    row("l1_at_equality", equal_in_places, lambda y, t: F.l1_loss(y, t), lambda y, t: jnp.abs(y - t).mean()),
    row(
        "total_variation_of_plateaus",
        tied(4, 8),
        lambda x: x.diff(dim=1).abs().sum(),
        lambda x: jnp.abs(jnp.diff(x, axis=1)).sum(),
    ),
    *with_variants(row("huber_at_the_joint", distances_at_the_joint, huber_torch, huber_jax)),
    row("hinge_at_the_joint", margins_at_the_joint, hinge_torch, hinge_jax),
    row("dropout_with_mask", dropped, dropout_torch, dropout_jax),
    *with_variants(row("relu_mlp", perceptron(5, 16, 3, batch=4), mlp_torch, mlp_jax, (*LOW, *JIT64))),
    *twice(row("relu_mlp_of_one_row", perceptron(4, 6, 3, batch=1), mlp_torch, mlp_jax)),
    row("relu_mlp_wide", perceptron(784, 256, 10, batch=32), mlp_torch, mlp_jax, SINGLE),
    row(
        "relu_minus_shifted",
        normal((6, 8)),
        lambda x: (torch.relu(50 * x) - torch.relu(50 * x - 1)).sum(),
        lambda x: (jax.nn.relu(50 * x) - jax.nn.relu(50 * x - 1)).sum(),
    ),
    # At three equal entries an order statistic's gradient is one of Clarke's (a limit of gradients at points nearby),
    # yet no one-sided slope along a line need equal it or bound it.
    Case(
        "sort_of_many_ties",
        "clarke",
        tied(3, 6),
        lambda x: x.sort(dim=1).values,
        lambda x: jnp.sort(x, axis=1),
        cells=LOW,
    ),
    Case(
        "median_in_the_middle_of_three",
        "clarke",
        three_equal_medians,
        lambda x: x.median(1)[0],
        lambda x: jnp.sort(x)[:, 3],
        cells=LOW,
    ),
)
