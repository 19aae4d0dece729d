"""Errors of the size of a lower precision: in the whole gradient, in one dtype only, and from a rounded backward."""

from typing import Any

from ..table import Case, Function, Rng
from .custom import BOTH, SINGLE, bug, normal, sigmoid, softmax, uniform
from .elementwise import sloped, tanh
from .entries import cosine, sine
from .layers import RIGHT, layer_norm, layer_norm_vjp, linear, linear_vjp, square_linear, summed
from .losses import cross_entropy, cross_entropy_vjp, labelled, mse, mse_vjp

RELATIVE = "small relative error"
DTYPE = "wrong in float32"
ROUNDED = "backward in a lower precision"


def off_by(relative: float, pullback: Function, only: str = "") -> Function:
    """All gradients of ``pullback`` too large by ``relative``, in every dtype or in ``only`` one."""

    def scaled(xp: Any, g: Any, *args: Any) -> Any:
        factor = 1 + relative if not only or args[0].dtype == getattr(xp, only) else 1
        return tuple(None if d is None else factor * d for d in pullback(xp, g, *args))

    return scaled


def through(dtype: str, pullback: Function) -> Function:
    """``pullback`` of rounded arguments and cotangent."""

    def rounded(xp: Any, g: Any, *args: Any) -> Any:
        low = [xp.astype(a, getattr(xp, dtype)) for a in (g, *args)]
        return tuple(xp.astype(d, a.dtype) for d, a in zip(pullback(xp, *low), args, strict=True))

    return rounded


def logsumexp(xp: Any, x: Any) -> Any:
    m = xp.max(x, axis=-1, keepdims=True)
    return xp.log(xp.sum(xp.exp(x - m), axis=-1)) + m[..., 0]


def logsumexp_vjp(xp: Any, g: Any, x: Any) -> Any:
    return (g[..., None] * softmax(xp, x),)


def one_leaf_off(xp: Any, g: Any, x: Any, w: Any, b: Any) -> Any:
    """Only the weight's gradient is too large, by 1e-7."""
    return linear_vjp(lambda g, x: (1 + 1e-7) * (g.T @ x), summed)(xp, g, x, w, b)


def far(rng: Rng) -> tuple[Any, ...]:
    """Entries that single precision rounds by 1e-6 and more."""
    return (rng.uniform(60, 100, 12),)


def far_rows(rng: Rng) -> tuple[Any, ...]:
    return 100 + rng.standard_normal((3, 6)), rng.standard_normal(6)


def sigmoid_slope(xp: Any, x: Any) -> Any:
    return sigmoid(xp, x) * (1 - sigmoid(xp, x))


def tanh_slope(xp: Any, x: Any) -> Any:
    return 1 - xp.tanh(x) ** 2


def halves(n: int) -> float:
    return 2 / n


def mean(n: int) -> float:
    return 1 / n


WAVE = uniform(0.2, 1.2, (12,))
ROWS = normal((3, 5))
PAIR = normal((3, 4), (3, 4))
TANH = sloped(tanh_slope)
SINE = sloped(cosine)
MSE = mse_vjp(halves)
LINEAR = linear_vjp(RIGHT, summed)
CROSS_ENTROPY = cross_entropy_vjp(mean)
LAYER_NORM = layer_norm_vjp(True, True)

CASES: tuple[Case, ...] = (
    bug("tanh_off_by_1e_6", RELATIVE, ROWS, tanh, off_by(1e-6, TANH), cells=BOTH),
    bug("cross_entropy_off_by_1e_6", RELATIVE, labelled, cross_entropy, off_by(1e-6, CROSS_ENTROPY)),
    bug("linear_off_by_1e_6", RELATIVE, square_linear, linear, off_by(1e-6, LINEAR)),
    bug("layer_norm_off_by_1e_6", RELATIVE, normal((3, 6), (6,)), layer_norm, off_by(1e-6, LAYER_NORM)),
    bug("sine_off_by_1e_7", RELATIVE, WAVE, sine, off_by(1e-7, SINE), cells=BOTH),
    bug("mse_off_by_1e_7", RELATIVE, PAIR, mse, off_by(1e-7, MSE)),
    bug("logsumexp_off_by_1e_7", RELATIVE, ROWS, logsumexp, off_by(1e-7, logsumexp_vjp)),
    bug("weight_off_by_1e_7", RELATIVE, square_linear, linear, one_leaf_off),
    bug("tanh_wrong_in_float32", DTYPE, ROWS, tanh, off_by(1e-5, TANH, "float32"), cells=SINGLE),
    bug("mse_wrong_in_float32", DTYPE, PAIR, mse, off_by(1e-5, MSE, "float32"), cells=SINGLE),
    bug(
        "cross_entropy_wrong_in_float32",
        DTYPE,
        labelled,
        cross_entropy,
        off_by(1e-5, CROSS_ENTROPY, "float32"),
        cells=SINGLE,
    ),
    bug("sigmoid_off_by_1e_5_everywhere", DTYPE, ROWS, sigmoid, off_by(1e-5, sloped(sigmoid_slope)), cells=SINGLE),
    bug("sine_off_by_1e_5_everywhere", DTYPE, WAVE, sine, off_by(1e-5, SINE), cells=SINGLE),
    bug("linear_off_by_1e_5_everywhere", DTYPE, square_linear, linear, off_by(1e-5, LINEAR), cells=SINGLE),
    bug("tanh_wrong_in_bfloat16", DTYPE, ROWS, tanh, off_by(0.25, TANH, "bfloat16"), cells=("bfloat16-eager",)),
    bug("sine_through_float32", ROUNDED, far, sine, through("float32", SINE)),
    bug("layer_norm_through_float32", ROUNDED, far_rows, layer_norm, through("float32", LAYER_NORM)),
    bug("mse_through_bfloat16", ROUNDED, PAIR, mse, through("bfloat16", MSE)),
    bug("linear_through_bfloat16", ROUNDED, square_linear, linear, through("bfloat16", LINEAR), cells=SINGLE),
    bug("tanh_through_float16", ROUNDED, ROWS, tanh, through("float16", TANH), cells=SINGLE),
)
