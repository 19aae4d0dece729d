"""A kernel author's suite: a hand-written backward in each framework against a hand-derived reference.

pytest examples/test_custom_gradient.py --fw=torch,jax --fw-dtype=float64,float32,bfloat16
"""

import numpy as np
import pytest
from pytest_dualfw.reference import rms_norm, rms_norm_vjp

import pytest_dualfw


def kernel_in_torch():
    import torch

    class Kernel(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, w):
            r = torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-6)
            ctx.save_for_backward(x, w, r)
            return x * r * w

        @staticmethod
        def backward(ctx, g):
            x, w, r = ctx.saved_tensors
            gw = g * w
            return r * gw - x * r**3 * (gw * x).mean(-1, keepdim=True), (g * x * r).sum(0)

    return lambda x, w: Kernel.apply(x, w)


def kernel_in_jax():
    import jax
    import jax.numpy as jnp

    def forward(x, w):
        r = jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-6)
        return x * r * w, (x, w, r)

    def backward(saved, g):
        x, w, r = saved
        gw = g * w
        return r * gw - x * r**3 * jnp.mean(gw * x, -1, keepdims=True), (g * x * r).sum(0)

    kernel = jax.custom_vjp(lambda x, w: forward(x, w)[0])
    kernel.defvjp(forward, backward)
    return lambda x, w: kernel(x, w)


@pytest.fixture
def kernel(fw):
    return fw.select(torch=kernel_in_torch, jax=kernel_in_jax)()


def test_the_kernel_is_right(kernel, check_grads, rng):
    x, w = rng.normal(size=(6, 8)), rng.normal(size=8)
    check_grads(kernel, x, w, reference=rms_norm, reference_vjp=rms_norm_vjp)


def test_a_forgotten_mean_would_be_named(kernel, check_grads, rng):
    with pytest.raises(pytest_dualfw.GradientMismatch, match=r"dw\[\d\] on .* disagrees with the reference vjp"):
        check_grads(
            kernel,
            rng.normal(size=(6, 8)),
            rng.normal(size=8),
            reference=rms_norm,
            reference_vjp=lambda g, x, w: (rms_norm_vjp(g, x, w)[0], rms_norm_vjp(g, x, w)[1] / len(x)),
        )


def test_rows_are_independent(fw, kernel, assert_close, rng):
    x, w = rng.normal(size=(6, 8)), np.ones(8)
    kernel = fw.compile(kernel)
    whole = kernel(fw.asarray(x), fw.asarray(w))
    assert_close(kernel(fw.asarray(x[:1]), fw.asarray(w)), fw.to_numpy(whole)[:1].astype(float))
