"""A library author's suite: one layer written twice, one reference, one test body.

pytest examples/test_layer.py --fw=torch,jax --fw-dtype=float64,float32 --fw-mode=eager,jit
"""

import numpy as np


def gated(x, w, b):
    """y = tanh(x w) * sigmoid(b) in NumPy: the reference."""
    return np.tanh(x @ w) / (1 + np.exp(-b))


def gated_in_torch(x, w, b):
    import torch

    return torch.tanh(x @ w) * torch.sigmoid(b)


def gated_in_jax(x, w, b):
    import jax

    return jax.numpy.tanh(x @ w) * jax.nn.sigmoid(b)


def gated_vjp(g, x, w, b):
    """With t = tanh(x w) and s = sigmoid(b): dt = g s (1 - t^2), db = sum g t s (1 - s)."""
    t, s = np.tanh(x @ w), 1 / (1 + np.exp(-b))
    dz = g * s * (1 - t**2)
    return dz @ w.T, x.T @ dz, (g * t * s * (1 - s)).sum(0)


def test_value_and_gradient(fw, check_grads, rng):
    layer = fw.select(torch=gated_in_torch, jax=gated_in_jax)
    x, w, b = rng.normal(size=(5, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
    assert check_grads(layer, x, w, b, reference=gated, reference_vjp=gated_vjp).verdict == "pass"


def test_without_a_reference_differences_judge(fw, check_grads, rng):
    layer = fw.select(torch=gated_in_torch, jax=gated_in_jax)
    assert check_grads(layer, rng.normal(size=(5, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)).verdict == "pass"


def test_both_frameworks_agree(both, assert_close, rng):
    x, w, b = rng.normal(size=(5, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
    in_torch = both.torch.compile(gated_in_torch)(*map(both.torch.asarray, (x, w, b)))
    in_jax = both.jax.compile(gated_in_jax)(*map(both.jax.asarray, (x, w, b)))
    assert_close(in_torch, in_jax)
