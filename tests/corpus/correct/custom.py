"""Correct gradients written by hand, in every form that the frameworks offer."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import torch
from torch import library
from torch.autograd.function import once_differentiable

from ..table import Case
from .inputs import JIT64, LOW, SINGLE, normal, twice, with_variants


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return x**3

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * x**2


def cube_torch(x):
    return Cube.apply(x)


@jax.custom_vjp
def cube_jax(x):
    return x**3


cube_jax.defvjp(lambda x: (x**3, x), lambda x, g: (g * 3 * x**2,))


class Sine(torch.autograd.Function):
    """With a jvp besides the vjp."""

    @staticmethod
    def forward(x):
        return x.sin()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * x.cos()

    @staticmethod
    def jvp(ctx, t):
        (x,) = ctx.saved_tensors
        return t * x.cos()


def sine_torch(x):
    return Sine.apply(x)


@jax.custom_jvp
def sine_jax(x):
    return jnp.sin(x)


sine_jax.defjvp(lambda primals, tangents: (jnp.sin(*primals), jnp.cos(*primals) * tangents[0]))


class RmsNorm(torch.autograd.Function):
    """The older form: forward with a context, of a fixed number that is not a tensor; backward once only."""

    @staticmethod
    def forward(ctx, x, w, eps):
        s = (x**2).mean(-1, keepdim=True).add(eps).rsqrt()
        ctx.save_for_backward(x, w, s)
        return x * s * w

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        x, w, s = ctx.saved_tensors
        gw = g * w
        return s * gw - s**3 * x * (gw * x).mean(-1, keepdim=True), (g * x * s).sum(0), None


def rms_norm_torch(x, w):
    return RmsNorm.apply(x, w, 1e-5)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def _rms_norm(x, w, eps):
    return x * jax.lax.rsqrt((x**2).mean(-1, keepdims=True) + eps) * w


def _rms_norm_forward(x, w, eps):
    s = jax.lax.rsqrt((x**2).mean(-1, keepdims=True) + eps)
    return x * s * w, (x, w, s)


def _rms_norm_backward(eps, saved, g):
    x, w, s = saved
    gw = g * w
    return s * gw - s**3 * x * (gw * x).mean(-1, keepdims=True), (g * x * s).sum(0)


_rms_norm.defvjp(_rms_norm_forward, _rms_norm_backward)


def rms_norm_jax(x, w):
    return _rms_norm(x, w, 1e-5)


class SigmoidBackwardInNumPy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.sigmoid()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        y = ctx.saved_tensors[0].numpy()
        return torch.from_numpy(np.asarray(g.numpy() * y * (1 - y)))


def sigmoid_torch(x):
    return SigmoidBackwardInNumPy.apply(x)


def _sigmoid_slope(y, g):
    y, g = np.asarray(y), np.asarray(g)
    return (g * y * (1 - y)).astype(y.dtype)


def _sigmoid_backward(y, g):
    like = jax.ShapeDtypeStruct(y.shape, y.dtype)
    return (jax.pure_callback(_sigmoid_slope, like, y, g, vmap_method="expand_dims"),)


@jax.custom_vjp
def sigmoid_jax(x):
    return jax.nn.sigmoid(x)


sigmoid_jax.defvjp(lambda x: (jax.nn.sigmoid(x),) * 2, _sigmoid_backward)


@library.custom_op("dualfw_corpus::scaled_exp", mutates_args=())
def scaled_exp_torch(x: torch.Tensor, scale: float) -> torch.Tensor:
    return (scale * x).exp()


@scaled_exp_torch.register_fake
def _scaled_exp_like(x, scale):
    return torch.empty_like(x)


def _scaled_exp_saved(ctx, inputs, output):
    ctx.scale = inputs[1]
    ctx.save_for_backward(output)


def _scaled_exp_backward(ctx, g):
    (y,) = ctx.saved_tensors
    return g * ctx.scale * y, None


scaled_exp_torch.register_autograd(_scaled_exp_backward, setup_context=_scaled_exp_saved)


@jax.custom_jvp
def half_exp_jax(x):
    return jnp.exp(0.5 * x)


@half_exp_jax.defjvp
def _half_exp_jvp(primals, tangents):
    y = half_exp_jax(*primals)
    return y, 0.5 * y * tangents[0]


class Softplus(torch.autograd.Function):
    """Two outputs, the second of which nobody may differentiate."""

    @staticmethod
    def forward(ctx, x):
        y = torch.nn.functional.softplus(x)
        sign = x > 0
        ctx.save_for_backward(x)
        ctx.mark_non_differentiable(sign)
        return y, sign

    @staticmethod
    def backward(ctx, g, _):
        (x,) = ctx.saved_tensors
        return g * x.sigmoid()


def softplus_torch(x):
    return Softplus.apply(x)


@jax.custom_vjp
def softplus_jax(x):
    return jax.nn.softplus(x), x > 0


softplus_jax.defvjp(lambda x: (softplus_jax(x), x), lambda x, g: (g[0] * jax.nn.sigmoid(x),))


class ProductAndSum(torch.autograd.Function):
    """Two inputs and two outputs; a gradient is made for what is asked only."""

    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y, x + y

    @staticmethod
    def backward(ctx, g, h):
        x, y = ctx.saved_tensors
        return (g * y + h if ctx.needs_input_grad[0] else None), (g * x + h if ctx.needs_input_grad[1] else None)


def product_and_sum_torch(x, y):
    return ProductAndSum.apply(x, y)


@jax.custom_vjp
def product_and_sum_jax(x, y):
    return x * y, x + y


product_and_sum_jax.defvjp(
    lambda x, y: ((x * y, x + y), (x, y)), lambda xy, g: (g[0] * xy[1] + g[1], g[0] * xy[0] + g[1])
)


def row(name, make, in_torch, in_jax, cells=LOW):
    return Case(name, "custom", make, in_torch, in_jax, cells=cells)


CASES = (
    *with_variants(row("custom_cube", normal((3, 4)), cube_torch, cube_jax, (*LOW, *JIT64))),
    *twice(row("custom_sine_with_jvp", normal((3, 4)), sine_torch, sine_jax)),
    *with_variants(row("custom_rms_norm_once", normal((3, 4), (4,)), rms_norm_torch, rms_norm_jax)),
    row("custom_backward_in_numpy", normal((3, 4)), sigmoid_torch, sigmoid_jax, SINGLE),
    row("library_op", normal((3, 4)), lambda x: scaled_exp_torch(x, 0.5), half_exp_jax, (*LOW, *JIT64)),
    row("custom_with_bool_output", normal((3, 4)), softplus_torch, softplus_jax),
    row("custom_of_two_and_two", normal((3, 4), (3, 4)), product_and_sum_torch, product_and_sum_jax),
)
