"""Parts of a gradient: one wrong entry among many, a kernel's unwritten tail, and leaves without a gradient."""

import math
from typing import Any

import numpy as np

from ..table import Case, Function, Rng
from .custom import BOTH, EAGER, bug, normal, plain, stop_gradient, uniform
from .elementwise import sloped
from .layers import RIGHT, linear, linear_vjp, square_linear, summed

ONE = "one wrong entry"
TAIL = "unwritten tail"
LEAF = "zero or missing gradient"
SMALL = "small leaf beside a large one"

N, BLOCK = 10_000, 16


def at(xp: Any, like: Any, index: int) -> Any:
    """1 at the flat ``index``, else 0, in the shape and dtype of ``like``."""
    n = math.prod(like.shape)
    return xp.astype(xp.reshape(xp.arange(n) == index, tuple(like.shape)), like.dtype)


def off_at(index: int, relative: float, slope: Function) -> Function:
    """The pullback of an elementwise function or its sum, with one entry wrong."""
    return lambda xp, g, x: (g * slope(xp, x) * (1 + relative * at(xp, x, index)),)


def square_sum(xp: Any, x: Any) -> Any:
    return xp.sum(x**2) / 2


def exp_mean(xp: Any, x: Any) -> Any:
    return xp.mean(xp.exp(x))


def wide_linear(rng: Rng) -> tuple[Any, ...]:
    """An x and a w whose gradient has no tiny entry at [17, 42]."""
    x = rng.standard_normal((4, 100))
    x[:, 42] = [1, 2, 3, 4]
    return x, rng.standard_normal((100, 100))


def row_sums(xp: Any, x: Any, w: Any) -> Any:
    return xp.sum((x @ w.T) * (1 + xp.astype(xp.arange(100) % 3, x.dtype)), axis=1)


def row_sums_vjp(xp: Any, g: Any, x: Any, w: Any) -> Any:
    """dw[17, 42] is one per cent too large; the rows weigh 1 to 3."""
    d = g[:, None] * (1 + xp.astype(xp.arange(100) % 3, x.dtype))
    dw = d.T @ x
    return d @ w, dw * (1 + 1e-2 * at(xp, dw, 1742))


def with_small_entry(rng: Rng) -> tuple[Any, ...]:
    x = rng.uniform(0.5, 1.5, N)
    x[4321] = 1e-3
    return (x,)


def tail(xp: Any, x: Any) -> Any:
    """The entries along the last axis that no whole block covers."""
    n = x.shape[-1]
    return xp.arange(n) >= n - n % BLOCK


def tail_stale_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The last block still holds what the block before it computed."""
    dx = g * xp.cos(x)
    n = x.shape[-1]
    cut = n - n % BLOCK
    return (xp.concat([dx[:cut], dx[cut - BLOCK : n - BLOCK]]),)


def linear_dw_tail(xp: Any, g: Any, x: Any, w: Any, b: Any) -> Any:
    """The last columns of dw stay zero."""
    dw = g.T @ x
    return g @ w, xp.where(tail(xp, dw), 0 * dw, dw), summed(xp, g)


def linear_rows_tail(xp: Any, g: Any, x: Any, w: Any, b: Any) -> Any:
    """The reductions over the batch leave out the last rows."""
    n = x.shape[0] - x.shape[0] % 4
    return g @ w, g[:n].T @ x[:n], summed(xp, g[:n])


def detached(xp: Any, x: Any) -> Any:
    """The input is detached: no gradient at all."""
    return xp.sin(stop_gradient(x)) ** 2


def detached_leaf(xp: Any, x: Any, y: Any) -> Any:
    """x is detached, y is not."""
    return xp.sin(stop_gradient(x)) * y**2


def loud_and_quiet(xp: Any, x: Any, b: Any) -> Any:
    return 1e6 * xp.sum(xp.sin(x)) + xp.sum(xp.sin(b))


def loud_and_quiet_vjp(xp: Any, g: Any, x: Any, b: Any) -> Any:
    """db doubled, a millionth of dx."""
    return 1e6 * g * xp.cos(x), 2 * g * xp.cos(b)


def loud_weight(xp: Any, x: Any, w: Any, b: Any) -> Any:
    return 1e5 * (x @ w) + xp.tanh(b)


def loud_weight_vjp(xp: Any, g: Any, x: Any, w: Any, b: Any) -> Any:
    """db has the wrong sign."""
    return 1e5 * g @ w.T, 1e5 * x.T @ g, -xp.sum(g * (1 - xp.tanh(b) ** 2), axis=0)


def affine(xp: Any, x: Any, p: Any) -> Any:
    return xp.tanh(p[0] * x + p[1])


def affine_vjp(xp: Any, g: Any, x: Any, p: Any) -> Any:
    """The scale's gradient is averaged where the shift's is summed."""
    d = g * (1 - affine(xp, x, p) ** 2)
    return d * p[0], xp.stack([xp.mean(d * x), xp.sum(d)])


def affine_swapped_vjp(xp: Any, g: Any, x: Any, p: Any) -> Any:
    """The gradients of scale and shift are swapped."""
    d = g * (1 - affine(xp, x, p) ** 2)
    return d * p[0], xp.stack([xp.sum(d), xp.sum(d * x)])


def scale_and_shift(rng: Rng) -> tuple[Any, ...]:
    return rng.standard_normal(N), np.array([1.1, 0.4]) + 0.1 * rng.standard_normal(2)


def without(leaf: int, gradient: Function) -> Function:
    """linear's pullback with ``gradient`` for one leaf."""

    def pullback(xp: Any, g: Any, *args: Any) -> Any:
        grads = list(linear_vjp(RIGHT, summed)(xp, g, *args))
        grads[leaf] = gradient(grads[leaf])
        return tuple(grads)

    return pullback


def sine(xp: Any, x: Any) -> Any:
    return xp.sin(x)


def cosine(xp: Any, x: Any) -> Any:
    return xp.cos(x)


BLOCKS = uniform(0.2, 1.2, (77,))
DENSE = uniform(0.5, 1.2, (N,))
LINEAR = normal((3, 40), (5, 40), (5,))

CASES: tuple[Case, ...] = (
    bug("one_entry_of_sine", ONE, DENSE, sine, off_at(5678, 1e-2, cosine)),
    bug("one_entry_of_square_sum", ONE, DENSE, square_sum, off_at(1234, 1e-2, lambda xp, x: x), cells=BOTH),
    bug("last_entry_1e_5", ONE, DENSE, square_sum, off_at(N - 1, 1e-5, lambda xp, x: x)),
    bug("one_entry_of_exp_mean_1e_5", ONE, DENSE, exp_mean, off_at(77, 1e-5, lambda xp, x: xp.exp(x) / N)),
    bug("one_weight_of_linear", ONE, wide_linear, row_sums, row_sums_vjp),
    bug("one_small_entry", ONE, with_small_entry, square_sum, off_at(4321, 1e-2, lambda xp, x: x)),
    bug("tail_zero", TAIL, BLOCKS, sine, lambda xp, g, x: (xp.where(tail(xp, x), 0 * x, g * xp.cos(x)),), cells=BOTH),
    bug("tail_stale", TAIL, BLOCKS, sine, tail_stale_vjp),
    bug(
        "tail_left_at_output",
        TAIL,
        BLOCKS,
        sine,
        lambda xp, g, x: (xp.where(tail(xp, x), xp.sin(x), g * xp.cos(x)),),
    ),
    bug("linear_dw_tail_zero", TAIL, LINEAR, linear, linear_dw_tail),
    bug("linear_batch_tail", TAIL, normal((7, 3), (2, 3), (2,)), linear, linear_rows_tail),
    bug("all_zero", LEAF, uniform(0.2, 1.2, (3, 4)), sine, sloped(lambda xp, x: 0 * x), cells=EAGER),
    plain("input_detached", LEAF, uniform(0.2, 1.2, (3, 4)), detached),
    plain("one_leaf_detached", LEAF, uniform(0.2, 1.2, (6,), (6,)), detached_leaf, cells=BOTH),
    bug("bias_gradient_zero", LEAF, square_linear, linear, without(2, lambda d: 0 * d)),
    bug("weight_gradient_none", LEAF, square_linear, linear, without(1, lambda d: None)),
    bug("small_leaf_doubled", SMALL, uniform(0.2, 1.2, (20,), (5,)), loud_and_quiet, loud_and_quiet_vjp),
    bug("small_bias_sign", SMALL, normal((3, 4), (4, 2), (2,), scale=0.5), loud_weight, loud_weight_vjp),
    bug("two_of_many_averaged", SMALL, scale_and_shift, affine, affine_vjp),
    bug("scale_and_shift_swapped", SMALL, scale_and_shift, affine, affine_swapped_vjp),
)
