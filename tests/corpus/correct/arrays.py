"""Indexing, scans along an axis, convolution, Fourier transforms, complex numbers."""

import jax
import jax.numpy as jnp
import numpy as np
import torch
import torch.nn.functional as F

from ..table import Case
from .inputs import JIT, JIT64, LOW, SINGLE, normal, twice, with_variants


def complex_normal(*shapes):
    return lambda rng: tuple(rng.normal(size=s) + 1j * rng.normal(size=s) for s in shapes)


def repeated_indices(rng):
    return rng.normal(size=(5, 3)), np.array([[0, 2, 2, 4], [2, 2, 0, 1]])


def gathered(rng):
    return rng.normal(size=(4, 5)), rng.integers(5, size=(4, 3))


def scattered(rng):
    return rng.normal(size=(4, 3)), rng.normal(size=(6, 3)), np.array([0, 3, 3, 1, 0, 3])


def with_zeros(count):
    def make(rng):
        x = rng.uniform(0.5, 2, size=(3, 5)) * rng.choice([-1, 1], size=(3, 5))
        x[0, 1] = 0
        x[1, [0, 3][:count]] = 0
        return (x,)

    return make


def masked(rng):
    x = rng.normal(size=(3, 5))
    return x, x > 0.2, rng.normal(size=(3, 5))


def safe_log_torch(x):
    """The inner where keeps the NaN of a branch not taken out of the gradient."""
    positive = x > 0
    return torch.where(positive, torch.where(positive, x, 1).log(), 0)


def safe_log_jax(x):
    positive = x > 0
    return jnp.where(positive, jnp.log(jnp.where(positive, x, 1)), 0)


def conv_torch(x, w):
    return F.conv2d(x, w, stride=2, padding=2, dilation=2)


def conv_jax(x, w):
    return jax.lax.conv_general_dilated(x, w, (2, 2), ((2, 2), (2, 2)), rhs_dilation=(2, 2))


def grouped_conv_torch(x, w):
    return F.conv1d(x, w, groups=2)


def grouped_conv_jax(x, w):
    return jax.lax.conv_general_dilated(x, w, (1,), "VALID", feature_group_count=2)


def power_spectrum_torch(x):
    return torch.fft.rfft(x).abs().square()


def power_spectrum_jax(x):
    z = jnp.fft.rfft(x)
    return z.real**2 + z.imag**2


def embedding_torch(w, index):
    return torch.tanh(F.embedding(index, w)).sum(1)


def embedding_jax(w, index):
    return jnp.tanh(w[index]).sum(1)


def scatter_add_torch(x, y, index):
    return x.index_add(0, index, y).square()


def scatter_add_jax(x, y, index):
    return x.at[index].add(y) ** 2


def segment_mean_torch(x, y, index):
    count = torch.zeros_like(x[:, 0]).index_add(0, index, torch.ones_like(y[:, 0]))
    return torch.zeros_like(x).index_add(0, index, y) / count.clamp(min=1)[:, None] + x


def segment_mean_jax(x, y, index):
    count = jnp.zeros_like(x[:, 0]).at[index].add(1)
    return jnp.zeros_like(x).at[index].add(y) / jnp.maximum(count, 1)[:, None] + x


def phase_torch(x):
    """exp(i x) on the way from real to real."""
    z = torch.exp(1j * x)
    return (z * z.conj() + z**2).real


def phase_jax(x):
    z = jnp.exp(1j * x)
    return (z * z.conj() + z**2).real


def overlap_torch(a, b):
    return (a @ b).abs().square().sum()


def overlap_jax(a, b):
    return (jnp.abs(a @ b) ** 2).sum()


def row(name, make, in_torch, in_jax, cells=LOW):
    return Case(name, "arrays", make, in_torch, in_jax, cells=cells)


MASK = (lambda x, m, y: torch.where(m, x * y, y.exp()), lambda x, m, y: jnp.where(m, x * y, jnp.exp(y)))

CASES = (
    row("embedding_of_repeated_indices", repeated_indices, embedding_torch, embedding_jax, (*LOW, *JIT64)),
    row("gather", gathered, lambda x, i: x.gather(1, i), lambda x, i: jnp.take_along_axis(x, i, axis=1)),
    row("scatter_add", scattered, scatter_add_torch, scatter_add_jax),
    row("segment_mean", scattered, segment_mean_torch, segment_mean_jax),
    *with_variants(row("cumsum", normal((3, 6)), lambda x: x.cumsum(1), lambda x: jnp.cumsum(x, axis=1), (*LOW, *JIT))),
    row("cumprod", normal((3, 5)), lambda x: x.cumprod(1), lambda x: jnp.cumprod(x, axis=1)),
    *twice(row("cumprod_with_a_zero", with_zeros(1), lambda x: x.cumprod(1), lambda x: jnp.cumprod(x, axis=1))),
    row("cumprod_with_two_zeros", with_zeros(2), lambda x: x.cumprod(1), lambda x: jnp.cumprod(x, axis=1)),
    row("prod_with_zeros", with_zeros(2), lambda x: x.prod(1), lambda x: x.prod(axis=1)),
    row("where_with_mask", masked, *MASK),
    row("where_around_a_pole", normal((3, 5)), safe_log_torch, safe_log_jax),
    row("convolution_dilated", normal((2, 2, 6, 6), (3, 2, 3, 3)), conv_torch, conv_jax, (*LOW, *JIT64)),
    row("convolution_in_groups", normal((2, 4, 7), (6, 2, 3)), grouped_conv_torch, grouped_conv_jax),
    *twice(row("power_spectrum", normal((3, 8)), power_spectrum_torch, power_spectrum_jax, SINGLE)),
    row("roll_and_flip", normal((3, 4)), lambda x: x.roll(1, 0).flip(1) * x, lambda x: jnp.roll(x, 1, 0)[:, ::-1] * x),
    row("triangle", normal((4, 4)), lambda x: x.tril(-1).sin(), lambda x: jnp.sin(jnp.tril(x, -1))),
    row("outer_by_broadcast", normal((4, 1), (1, 3)), lambda x, y: (x + y).sin(), lambda x, y: jnp.sin(x + y)),
    row("squared_modulus", complex_normal((3, 4)), lambda z: z.abs().square(), lambda z: jnp.abs(z) ** 2, SINGLE),
    row("real_part_of_square", complex_normal((3, 4)), lambda z: (z**2).real, lambda z: (z**2).real, SINGLE),
    row("complex_square", complex_normal((3, 4)), lambda z: z * z, lambda z: z * z, SINGLE),
    row("conjugate_product", complex_normal((4,), (4,)), lambda z, w: z.conj() * w, lambda z, w: z.conj() * w, SINGLE),
    row("complex_matmul", complex_normal((3, 4), (4, 2)), lambda a, b: a @ b, lambda a, b: a @ b, SINGLE),
    row("complex_overlap", complex_normal((3, 4), (4, 2)), overlap_torch, overlap_jax, SINGLE),
    row("phase_of_real", normal((3, 4)), phase_torch, phase_jax, SINGLE),
    row("angle", complex_normal((3, 4)), lambda z: z.angle(), lambda z: jnp.angle(z), SINGLE),
    row(
        "complex_of_parts",
        normal((4,), (4,)),
        lambda x, y: torch.complex(x, y),
        lambda x, y: jax.lax.complex(x, y),
        SINGLE,
    ),
)
