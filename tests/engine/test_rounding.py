"""Noise in the place of rounding: it enters what rounds, forward and backward, and nothing else."""

import jax
import jax.numpy as jnp
import numpy as np
import optree
import pytest
import torch

from pytest_dualfw.frameworks import framework
from pytest_dualfw.frameworks.program import Pullable, Rounding
from pytest_dualfw.target import Target

FRAMEWORKS = ["torch", "jax"]
U = 1e-6
x = np.random.default_rng(0).normal(size=(3, 4))


def draws(fw, fn, *leaves, count=8):
    """Outputs and gradients, so many times, with noise of size U."""
    used = framework(Target.parse(f"{fw}-cpu-float64"))
    tree = optree.tree_structure(leaves)
    rng = np.random.default_rng(1)
    with used.scope():
        program = used.program(Pullable(fn, tree, (True,) * len(leaves)))
        out = program.pull(list(leaves), lambda likes: [np.ones_like(y) for y in likes])
        noisy = [program.rounded(list(leaves), out.cotangents, Rounding(U, rng)) for _ in range(count)]
    exact = [*out.outputs, *out.gradients]
    return exact, [[*p.outputs, *p.gradients] for p in noisy]


def spread(fw, fn, *leaves):
    """Of outputs and gradients: how far the noise moves them, in units of U and of their own size."""
    exact, noisy = draws(fw, fn, *leaves)
    return [max(np.max(np.abs(d[i] - y)) for d in noisy) / (U * np.max(np.abs(y))) for i, y in enumerate(exact)]


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_a_product_is_off_by_its_rounding(fw):
    out, dx = spread(fw, lambda x: x * x, x)
    assert 0.3 <= out <= 1
    assert 0.3 <= dx <= 4


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_what_copies_and_selects_stays_exact(fw):
    xp = torch if fw == "torch" else jnp
    exact, noisy = draws(fw, lambda x: xp.where(x > 0, x, -x).reshape(4, 3)[1:], x)
    assert all(np.array_equal(d[0], exact[0]) for d in noisy)


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_lost_digits_show(fw):
    """(1 + x) - 1 at 1e-6 keeps ten of sixteen digits: the noise is a million times that of the input."""
    out, _ = spread(fw, lambda x: (1 + x) - 1, 1e-6 * np.ones(3))
    assert 1e5 <= out <= 1e7


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_a_fused_operation_is_taken_apart(fw):
    """A softmax of 40: 1 - p has no digit left, which no change of the inputs shows."""
    softmax = (lambda z: torch.softmax(z, -1)) if fw == "torch" else (lambda z: jax.nn.softmax(z, axis=-1))
    _, dz = spread(fw, lambda z: softmax(z)[..., 0], np.array([[40.0, 0.0, 0.0]]))
    assert dz > 1e6


def test_noise_enters_loops_of_jax():
    def summed(x):
        return jax.lax.scan(lambda total, row: (total + row * row, total), jnp.zeros(4), x)[0]

    def doubled(x):
        return jax.lax.fori_loop(0, 3, lambda i, y: y * x, x)

    for fn in (summed, jax.jit(summed)):
        assert all(0.1 <= s <= 40 for s in spread("jax", fn, x))
    assert 0.3 <= spread("jax", lambda x: jax.lax.cond(x[0, 0] > 0, lambda y: y * y, lambda y: y, x), x)[0] <= 1
    exact, noisy = draws("jax", lambda x: jax.lax.stop_gradient(doubled(x)) * x, x)
    assert max(np.max(np.abs(d[0] / exact[0] - 1)) for d in noisy) <= 8 * U


def test_noise_has_the_size_that_was_asked_for():
    factor = Rounding(U, np.random.default_rng(0)).factor((100, 100))
    assert 0.9 * U <= np.max(np.abs(factor - 1)) <= U
