"""Layers: terms of a normalisation left out, transposed and mis-summed gradients, paths left out."""

from typing import Any

import reference

from ..table import Case, Function, Rng
from .custom import BOTH, bug, normal, plain, softmax, stop_gradient, uniform
from .elementwise import DROPPED
from .losses import REFERENCE

TRANSPOSED = "transposed or mis-summed"
PATH = "wrong gate or path"
EPS = 1e-5


def square_linear(rng: Rng) -> tuple[Any, ...]:
    return rng.standard_normal((4, 4)), rng.standard_normal((4, 4)), rng.standard_normal(4)


def linear(xp: Any, x: Any, w: Any, b: Any) -> Any:
    return x @ w.T + b


def linear_vjp(dw: Function, db: Function) -> Function:
    return lambda xp, g, x, w, b: (g @ w, dw(g, x), db(xp, g))


def summed(xp: Any, g: Any) -> Any:
    return xp.sum(g, axis=0)


def matmul(xp: Any, a: Any, b: Any) -> Any:
    return a @ b


def matmul_vjp(xp: Any, g: Any, a: Any, b: Any) -> Any:
    """da without the transpose of b."""
    return g @ b, a.T @ g


def bilinear(xp: Any, x: Any, w: Any, y: Any) -> Any:
    return x @ (w @ y)


def bilinear_vjp(xp: Any, g: Any, x: Any, w: Any, y: Any) -> Any:
    """dw = y x^T where x y^T belongs."""
    return g * (w @ y), g * y[:, None] * x, g * (w.T @ x)


def quadratic(xp: Any, x: Any, a: Any) -> Any:
    return x @ (a @ x)


def quadratic_vjp(xp: Any, g: Any, x: Any, a: Any) -> Any:
    """dx = 2 A x, right for a symmetric A only."""
    return 2 * g * (a @ x), g * x[:, None] * x


def scale_rows(xp: Any, x: Any, s: Any) -> Any:
    return x * s


def scale_rows_vjp(undo: Function) -> Function:
    """``undo`` the broadcasting of s (n, 1) over x (n, n)."""
    return lambda xp, g, x, s: (g * s, undo(xp, g * x))


def heads(xp: Any, x: Any) -> Any:
    """(s, h d) to (h s, d)."""
    s, e = x.shape
    return xp.reshape(xp.permute_dims(xp.reshape(x, (s, 2, e // 2)), (1, 0, 2)), (2 * s, e // 2))


def heads_vjp(xp: Any, g: Any, x: Any) -> Any:
    """Reshaped without transposing back."""
    return (xp.reshape(g, tuple(x.shape)),)


def standardised(xp: Any, x: Any, axis: int = -1) -> tuple[Any, Any]:
    centred = x - xp.mean(x, axis=axis, keepdims=True)
    std = xp.sqrt(xp.mean(centred**2, axis=axis, keepdims=True) + EPS)
    return centred / std, std


def layer_norm(xp: Any, x: Any, w: Any) -> Any:
    return w * standardised(xp, x)[0]


def layer_norm_vjp(keep_mean: bool, keep_variance: bool) -> Function:
    def pullback(xp: Any, g: Any, x: Any, w: Any) -> Any:
        xhat, std = standardised(xp, x)
        d = g * w
        mean = xp.mean(d, axis=-1, keepdims=True) if keep_mean else 0
        spread = xhat * xp.mean(d * xhat, axis=-1, keepdims=True) if keep_variance else 0
        return (d - mean - spread) / std, xp.sum(g * xhat, axis=0)

    return pullback


def batch_norm(xp: Any, x: Any) -> Any:
    """The batch's mean and variance are detached."""
    mean = stop_gradient(xp.mean(x, axis=0))
    var = stop_gradient(xp.mean((x - mean) ** 2, axis=0))
    return (x - mean) / xp.sqrt(var + EPS)


def rms_norm(xp: Any, x: Any, w: Any) -> Any:
    return w * x / xp.sqrt(xp.mean(x**2, axis=-1, keepdims=True) + EPS)


def rms_norm_vjp(xp: Any, g: Any, x: Any, w: Any) -> Any:
    """The root mean square is taken for a constant."""
    r = xp.sqrt(xp.mean(x**2, axis=-1, keepdims=True) + EPS)
    return g * w / r, xp.sum(g * x / r, axis=0)


def attention(xp: Any, q: Any, k: Any, v: Any) -> Any:
    return softmax(xp, q @ k.T / 2) @ v


def attention_vjp(turn: Function) -> Function:
    """``turn`` takes (da, q, k), da the gradient of the scaled scores, to (dq, dk)."""

    def pullback(xp: Any, g: Any, q: Any, k: Any, v: Any) -> Any:
        s = softmax(xp, q @ k.T / 2)
        ds = g @ v.T
        da = s * (ds - xp.sum(ds * s, axis=-1, keepdims=True)) / 2
        return *turn(da, q, k), s.T @ g

    return pullback


def residual(xp: Any, x: Any, w: Any) -> Any:
    return x + xp.tanh(x @ w)


def residual_vjp(xp: Any, g: Any, x: Any, w: Any) -> Any:
    """The cotangent of the skip connection is left out."""
    d = g * (1 - xp.tanh(x @ w) ** 2)
    return d @ w.T, x.T @ d


def highway(xp: Any, x: Any, w: Any, u: Any) -> Any:
    """The gate's weights are detached."""
    gate = 1 / (1 + xp.exp(-(x @ stop_gradient(u))))
    return gate * xp.tanh(x @ w) + (1 - gate) * x


def layer_norm_unbiased(xp: Any, x: Any, w: Any, b: Any) -> Any:
    """Divides the variance by n - 1."""
    centred = x - xp.mean(x, axis=-1, keepdims=True)
    return w * centred / xp.sqrt(xp.sum(centred**2, axis=-1, keepdims=True) / (x.shape[-1] - 1) + EPS) + b


AGAINST_LAYER_NORM = {"reference": reference.layer_norm, "reference_vjp": reference.layer_norm_vjp}
QKV = normal((4, 4), (4, 4), (4, 4))
RIGHT = lambda g, x: g.T @ x  # noqa: E731

CASES: tuple[Case, ...] = (
    bug(
        "linear_dw_transposed", TRANSPOSED, square_linear, linear, linear_vjp(lambda g, x: x.T @ g, summed), cells=BOTH
    ),
    bug(
        "bias_over_features",
        TRANSPOSED,
        square_linear,
        linear,
        linear_vjp(RIGHT, lambda xp, g: xp.sum(g, axis=1)),
        cells=BOTH,
    ),
    bug("bias_averaged", TRANSPOSED, square_linear, linear, linear_vjp(RIGHT, lambda xp, g: xp.mean(g, axis=0))),
    bug("matmul_not_transposed", TRANSPOSED, normal((4, 4), (4, 4)), matmul, matmul_vjp),
    bug("bilinear_outer_swapped", TRANSPOSED, normal((4,), (4, 4), (4,)), bilinear, bilinear_vjp),
    bug("quadratic_form_symmetric", TRANSPOSED, normal((4,), (4, 4)), quadratic, quadratic_vjp),
    bug(
        "broadcast_over_other_axis",
        TRANSPOSED,
        normal((4, 4), (4, 1)),
        scale_rows,
        scale_rows_vjp(lambda xp, d: xp.sum(d, axis=0)[:, None]),
    ),
    bug(
        "broadcast_first_only",
        TRANSPOSED,
        normal((4, 4), (4, 1)),
        scale_rows,
        scale_rows_vjp(lambda xp, d: d[:, :1]),
        cells=BOTH,
    ),
    bug("heads_not_transposed_back", TRANSPOSED, normal((3, 4)), heads, heads_vjp),
    bug("layer_norm_without_mean", DROPPED, uniform(0.5, 2, (3, 6), (6,)), layer_norm, layer_norm_vjp(False, True)),
    bug(
        "layer_norm_without_variance",
        DROPPED,
        normal((3, 6), (6,)),
        layer_norm,
        layer_norm_vjp(True, False),
        cells=BOTH,
    ),
    plain("batch_norm_detached", DROPPED, normal((6, 3)), batch_norm),
    bug("rms_norm_without_projection", DROPPED, normal((3, 5), (5,)), rms_norm, rms_norm_vjp),
    bug("query_and_key_swapped", PATH, QKV, attention, attention_vjp(lambda da, q, k: (da.T @ q, da @ k)), cells=BOTH),
    bug("key_not_transposed", TRANSPOSED, QKV, attention, attention_vjp(lambda da, q, k: (da @ k, da @ q))),
    bug("residual_left_out", PATH, normal((3, 4), (4, 4)), residual, residual_vjp, cells=BOTH),
    plain("highway_gate_detached", PATH, normal((3, 4), (4, 4), (4, 4)), highway),
    plain("layer_norm_unbiased", REFERENCE, normal((3, 6), (6,), (6,)), layer_norm_unbiased, **AGAINST_LAYER_NORM),
)
