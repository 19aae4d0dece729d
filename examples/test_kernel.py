"""Does compiling pay? A gated layer on both frameworks: checked first, then eager and jit timed in pairs.

pytest examples/test_kernel.py --fw=torch,jax --fw-report=report
"""

import numpy as np
import pytest

SIZES = (32, 256)


def gated(x, w, v):
    """silu(x w) * (x v) in NumPy: the reference."""
    z = x @ w
    return z / (1 + np.exp(-z)) * (x @ v)


def gated_vjp(g, x, w, v):
    """With z = x w, s = sigmoid(z), y = z s (x v): dz = g (x v) (s + z s (1 - s))."""
    z, u = x @ w, x @ v
    s = 1 / (1 + np.exp(-z))
    dz, du = g * u * (s + z * s * (1 - s)), g * z * s
    return dz @ w.T + du @ v.T, x.T @ dz, x.T @ du


def gated_in_torch(x, w, v):
    import torch

    return torch.nn.functional.silu(x @ w) * (x @ v)


def gated_in_jax(x, w, v):
    import jax

    return jax.nn.silu(x @ w) * (x @ v)


@pytest.mark.parametrize("n", SIZES)
def test_gated_layer(fw, kernel_benchmark, n):
    def inputs(rng):
        return rng.normal(size=(16, n)), *(rng.normal(size=(2, n, n)) / n**0.5)

    kernel_benchmark(
        fw.select(torch=gated_in_torch, jax=gated_in_jax),
        inputs=inputs,
        reference=gated,
        reference_vjp=gated_vjp,
        max_time=0.5,
    )
