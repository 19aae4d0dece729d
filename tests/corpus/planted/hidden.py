"""Gradients that are right at the given input and wrong at another one of the same shape, dtype or mode."""

from dataclasses import replace
from typing import Any

from ..table import Case, Function
from .custom import VARIANTS, bug, compiling, log_softmax, normal, softmax, torch, uniform
from .elementwise import sloped, tanh
from .entries import sine
from .losses import mse, mse_vjp
from .precision import MSE, TANH, logsumexp, off_by

FLOAT32 = "wrong in float32 only"
JIT = "wrong under jit only"
BATCH = "wrong at a batch of one only"
NEGATIVE = "wrong for negative input only"
LARGE = "wrong for large input only"
ZERO = "wrong at zero only"
LAYOUT = "wrong for non-contiguous input only"

COMPILED = ("float64-jit",)


def when(condition: Function, wrong: Function, right: Function) -> Function:
    """``wrong`` where ``condition`` holds of the first argument."""
    return lambda xp, g, *args: (wrong if condition(args[0]) else right)(xp, g, *args)


def one_row(x: Any) -> bool:
    return x.shape[0] == 1


def softmax_vjp(axis: int) -> Function:
    def pullback(xp: Any, g: Any, x: Any) -> Any:
        s = softmax(xp, x)
        return (s * (g - xp.sum(g * s, axis=axis, keepdims=True)),)

    return pullback


def log_softmax_float32_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The sum over the row is left out in float32."""
    total = g * 0 + 1 if x.dtype == xp.float32 else xp.sum(g, axis=-1, keepdims=True)
    return (g - total * softmax(xp, x),)


def rms_of_rows(xp: Any, x: Any) -> Any:
    return xp.sqrt(xp.mean(x**2, axis=1) + 1)


def rms_of_rows_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The cotangent of a single row is squeezed away."""
    g = 0 * g + 1 if one_row(x) else g
    return ((g / rms_of_rows(xp, x))[:, None] * x / x.shape[1],)


def elu(xp: Any, x: Any) -> Any:
    return xp.where(x > 0, x, xp.exp(-xp.abs(x)) - 1)


def leaky(xp: Any, x: Any) -> Any:
    return xp.where(x > 0, x, 0.1 * x)


def cube(xp: Any, x: Any) -> Any:
    return xp.abs(x) ** 3


def softplus(xp: Any, x: Any) -> Any:
    return xp.clip(x, 0, None) + xp.log1p(xp.exp(-xp.abs(x)))


def naive_softplus_slope(xp: Any, x: Any) -> Any:
    """inf / inf where exp overflows."""
    return xp.exp(x) / (1 + xp.exp(x))


def cut_softplus_slope(xp: Any, x: Any) -> Any:
    """0 beyond 100 where it should be 1."""
    return xp.where(x > 100, 0 * x, naive_softplus_slope(xp, xp.clip(x, None, 100)))


def naive_logsumexp_vjp(xp: Any, g: Any, x: Any) -> Any:
    """inf / inf where exp overflows."""
    e = xp.exp(x)
    return (g[..., None] * e / xp.sum(e, axis=-1, keepdims=True),)


def log_cosh(xp: Any, x: Any) -> Any:
    return xp.abs(x) + xp.log1p(xp.exp(-2 * xp.abs(x)))


def log_cosh_slope(xp: Any, x: Any) -> Any:
    """inf / inf where sinh and cosh overflow."""
    return xp.sinh(x) / xp.cosh(x)


def hypot_slope(xp: Any, x: Any) -> Any:
    """One per cent off beyond 100."""
    return xp.where(xp.abs(x) > 100, 0.99 * xp.sign(x), x / xp.sqrt(1 + x**2))


def nonzero(xp: Any, x: Any) -> Any:
    return xp.where(x == 0, 0 * x + 1, x)


def sinc(xp: Any, x: Any) -> Any:
    return xp.where(x == 0, 0 * x + 1, xp.sin(nonzero(xp, x)) / nonzero(xp, x))


def sinc_slope(xp: Any, x: Any) -> Any:
    """0 / 0 at zero."""
    return (x * xp.cos(x) - xp.sin(x)) / x**2


def relative_arctan(xp: Any, x: Any) -> Any:
    return xp.where(x == 0, 0 * x + 1, xp.atan(nonzero(xp, x)) / nonzero(xp, x))


def relative_arctan_slope(xp: Any, x: Any) -> Any:
    """1 at zero, where it is 0."""
    d = nonzero(xp, x)
    return xp.where(x == 0, 0 * x + 1, (d / (1 + d**2) - xp.atan(d)) / d**2)


def norm(xp: Any, x: Any) -> Any:
    return xp.sqrt(xp.sum(x**2, axis=1))


def norm_vjp(xp: Any, g: Any, x: Any) -> Any:
    """0 / 0 for a row of zeros."""
    return (g[:, None] * x / norm(xp, x)[:, None],)


def relu(xp: Any, x: Any) -> Any:
    return xp.clip(x, 0, None)


def relu_slope(xp: Any, x: Any) -> Any:
    """2 at zero, where both sides have slopes between 0 and 1."""
    return xp.where(x == 0, 0 * x + 2, xp.where(x > 0, 0 * x + 1, 0 * x))


def storage_order(x: Any) -> Any:
    """The entries as they lie in memory, as if the tensor were contiguous."""
    strides = torch.empty(x.shape, device="meta").stride()
    return x.as_strided(x.shape, strides)


def layout(name: str, value: Function, pullback: Function) -> Case:
    """On PyTorch only."""
    case = bug(name, LAYOUT, normal((3, 4)), value, pullback, **VARIANTS)
    return Case(case.name, case.family, case.make, case.torch, None, case.options)


def strided_cotangent_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The cotangent is read in storage order: wrong after a broadcast or a slice."""
    return (storage_order(g) * xp.cos(x),)


def strided_sine_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The saved input is read in storage order."""
    return (g * xp.cos(storage_order(x)),)


def strided_tanh_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The gradient, allocated in the input's layout, is written in storage order: permuted for a transposed input."""
    dx = torch.empty_like(x)
    storage_order(dx).copy_(g * (1 - xp.tanh(x) ** 2))
    return (dx,)


def strided_square_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The entries of a row are taken for neighbours in memory."""
    return (2 * g * x.as_strided(x.shape, (x.stride(0), 1)),)


ROWS = normal((4, 5))
POSITIVE = uniform(0.3, 2, (3, 4))

CASES: tuple[Case, ...] = (
    bug("float32_tanh", FLOAT32, ROWS, tanh, off_by(0.01, TANH, "float32"), **VARIANTS),
    bug("float32_mse_sign", FLOAT32, normal((4, 5), (4, 5)), mse, off_by(-2, MSE, "float32"), **VARIANTS),
    bug("float32_log_softmax", FLOAT32, ROWS, log_softmax, log_softmax_float32_vjp, **VARIANTS),
    bug("jit_tanh_sign", JIT, ROWS, tanh, when(compiling, off_by(-2, TANH), TANH), **VARIANTS),
    bug("jit_mse", JIT, normal((4, 5), (4, 5)), mse, when(compiling, mse_vjp(lambda n: 2), MSE), **VARIANTS),
    bug("jit_softmax", JIT, ROWS, softmax, when(compiling, softmax_vjp(0), softmax_vjp(-1)), **VARIANTS),
    bug("jit_tanh_compiled", JIT, ROWS, tanh, when(compiling, off_by(-2, TANH), TANH), cells=COMPILED),
    bug("jit_softmax_compiled", JIT, ROWS, softmax, when(compiling, softmax_vjp(0), softmax_vjp(-1)), cells=COMPILED),
    bug("batch_of_one_softmax", BATCH, ROWS, softmax, when(one_row, softmax_vjp(0), softmax_vjp(-1)), **VARIANTS),
    bug("batch_of_one_mse", BATCH, normal((4, 5), (4, 5)), mse, when(one_row, off_by(1, MSE), MSE), **VARIANTS),
    bug("batch_of_one_rms", BATCH, ROWS, rms_of_rows, rms_of_rows_vjp, **VARIANTS),
    bug("negative_cube", NEGATIVE, POSITIVE, cube, sloped(lambda xp, x: 3 * x**2), **VARIANTS),
    bug("negative_elu", NEGATIVE, POSITIVE, elu, sloped(lambda xp, x: xp.where(x > 0, 0 * x + 1, x)), **VARIANTS),
    bug("negative_leaky", NEGATIVE, POSITIVE, leaky, sloped(lambda xp, x: 0 * x + 1), **VARIANTS),
    bug("large_softplus", LARGE, ROWS, softplus, sloped(naive_softplus_slope), **VARIANTS),
    bug("large_softplus_cut", LARGE, ROWS, softplus, sloped(cut_softplus_slope), **VARIANTS),
    bug("large_logsumexp", LARGE, ROWS, logsumexp, naive_logsumexp_vjp, **VARIANTS),
    bug("large_log_cosh", LARGE, ROWS, log_cosh, sloped(log_cosh_slope), **VARIANTS),
    bug("large_hypot", LARGE, ROWS, lambda xp, x: xp.sqrt(1 + x**2), sloped(hypot_slope), **VARIANTS),
    bug("zero_sinc", ZERO, POSITIVE, sinc, sloped(sinc_slope), **VARIANTS),
    bug("zero_relative_arctan", ZERO, POSITIVE, relative_arctan, sloped(relative_arctan_slope), **VARIANTS),
    bug("zero_norm", ZERO, POSITIVE, norm, norm_vjp, **VARIANTS),
    bug("zero_relu", ZERO, POSITIVE, relu, sloped(relu_slope), **VARIANTS),
    replace(layout("strided_cotangent", sine, strided_cotangent_vjp), options={}),
    layout("strided_sine", sine, strided_sine_vjp),
    layout("strided_tanh", tanh, strided_tanh_vjp),
    layout("strided_square", lambda xp, x: x**2, strided_square_vjp),
)
