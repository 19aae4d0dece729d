"""Loops, branches, checkpoints, iterative solvers, random masks."""

import jax
import jax.numpy as jnp
import numpy as np
import torch
from torch.utils.checkpoint import checkpoint

from ..table import Case
from .inputs import JIT64, LOW, SINGLE, every_way, normal, twice, uniform


def _block_torch(x, w):
    return torch.tanh(x @ w)


def checkpoint_torch(x, w):
    for _ in range(3):
        x = checkpoint(_block_torch, x, w, use_reentrant=False)
    return x


@jax.checkpoint
def _block_jax(x, w):
    return jnp.tanh(x @ w)


def checkpoint_jax(x, w):
    for _ in range(3):
        x = _block_jax(x, w)
    return x


def scan_torch(x, w):
    h, kept = torch.zeros_like(x[0]), []
    for z in x:
        h = torch.tanh(z + w * h)
        kept.append(h)
    return torch.stack(kept)


def scan_jax(x, w):
    def step(h, z):
        h = jnp.tanh(z + w * h)
        return h, h

    return jax.lax.scan(step, jnp.zeros_like(x[0]), x)[1]


def loop_torch(x):
    for k in range(5):
        x = x + (x * (k + 1)).sin() / 4
    return x


def loop_jax(x):
    return jax.lax.fori_loop(0, 5, lambda k, x: x + jnp.sin(x * (k + 1)) / 4, x)


def branch_torch(x):
    return x.sin() if x.sum() > 0 else x.exp()


def branch_jax(x):
    return jax.lax.cond(x.sum() > 0, jnp.sin, jnp.exp, x)


def off_the_branch(rng):
    x = rng.normal(size=6)
    return (x + (np.sign(x.sum()) or 1) * 0.1,)


def newton_torch(a):
    """x + x**3 = a."""
    x = a / 2
    for _ in range(20):
        x = x - (x + x**3 - a) / (1 + 3 * x**2)
    return x


newton_jax = newton_torch


def square_root_torch(a):
    x = torch.ones_like(a)
    for _ in range(20):
        x = (x + a / x) / 2
    return x


def square_root_jax(a):
    return jax.lax.scan(lambda x, _: ((x + a / x) / 2, None), jnp.ones_like(a), length=20)[0]


def fixed_point_torch(w, b):
    """h = tanh(w h + b) by iteration; w contracts."""
    h = torch.zeros_like(b)
    for _ in range(60):
        h = torch.tanh(w @ h + b)
    return h


def fixed_point_jax(w, b):
    return jax.lax.fori_loop(0, 60, lambda _, h: jnp.tanh(w @ h + b), jnp.zeros_like(b))


def contraction(rng):
    return 0.3 * rng.normal(size=(5, 5)) / np.sqrt(5), rng.normal(size=5)


def random_mask_torch(x):
    """One dtype for the draw in every precision, so that the seed alone decides."""
    keep = torch.rand(x.shape, dtype=torch.float32) < 0.5
    return torch.where(keep, 2 * x.sin(), 0)


def random_mask_jax(x):
    keep = jax.random.uniform(jax.random.key(3), x.shape, jnp.float32) < 0.5
    return jnp.where(keep, 2 * jnp.sin(x), 0)


def random_noise_torch(x):
    return (x + 0.1 * torch.randn(x.shape, dtype=torch.float32).to(x.dtype)).tanh()


def random_noise_jax(x):
    return jnp.tanh(x + 0.1 * jax.random.normal(jax.random.key(4), x.shape, jnp.float32).astype(x.dtype))


def leapfrog_torch(q, p):
    for _ in range(50):
        p = p - 0.05 * q.sin()
        q = q + 0.1 * p
        p = p - 0.05 * q.sin()
    return q, p


def leapfrog_jax(q, p):
    def step(qp, _):
        q, p = qp
        p = p - 0.05 * jnp.sin(q)
        q = q + 0.1 * p
        return (q, p - 0.05 * jnp.sin(q)), None

    return jax.lax.scan(step, (q, p), length=50)[0]


def gradient_inside_jax(x):
    return jax.grad(lambda z: (z**3).sum())(x)


def logit_hooked_torch(x):
    """A hook that returns its gradient unchanged."""
    y = x / (1 - x)
    if y.requires_grad:
        y.register_hook(lambda g: g.clone())
    return y.log()


def logit_jax(x):
    return jnp.log(x / (1 - x))


def row(name, make, in_torch, in_jax, cells=LOW):
    return Case(name, "control", make, in_torch, in_jax, cells=cells)


CASES = (
    row("checkpoint", normal((2, 4), (4, 4)), checkpoint_torch, checkpoint_jax),
    row("scan", normal((5, 3), (3,)), scan_torch, scan_jax, (*LOW, *JIT64)),
    row("counted_loop", normal((6,)), loop_torch, loop_jax, (*LOW, *JIT64)),
    row("branch", off_the_branch, branch_torch, branch_jax, SINGLE),
    *twice(row("newton_of_20_steps", normal((6,), scale=2), newton_torch, newton_jax)),
    row("square_root_by_20_steps", uniform(0.1, 9, (6,)), square_root_torch, square_root_jax),
    *every_way(row("fixed_point", contraction, fixed_point_torch, fixed_point_jax, SINGLE)),
    row("leapfrog_of_50_steps", normal((4,), (4,)), leapfrog_torch, leapfrog_jax),
    row("random_mask", normal((3, 6)), random_mask_torch, random_mask_jax),
    row("random_noise", normal((3, 6)), random_noise_torch, random_noise_jax),
    row("gradient_inside", normal((6,)), lambda x: torch.func.grad(lambda z: (z**3).sum())(x), gradient_inside_jax),
    row("hook_that_changes_nothing", uniform(0.1, 0.9, (6,)), logit_hooked_torch, logit_jax),
)
