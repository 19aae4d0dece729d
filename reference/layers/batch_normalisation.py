"""Batch normalisation: the training form, the running statistics, and the evaluation form.

x is (N, C) or (N, C, H, W). Every channel has its own mean, variance, scale w and shift b, all (C,); the statistics run
over all axes but C.
"""

import numpy as np

from ..arrays import Array
from .normalisation import check_eps, standardise, standardise_vjp


def batch_norm(x: Array, w: Array, b: Array, *, eps: float = 1e-5) -> Array:
    """Training form: y = w (x - mu) / sqrt(var + eps) + b, with the mean and the biased variance of this batch.

    One value per channel gives b; torch refuses such a batch.

    Source: S. Ioffe, C. Szegedy, Batch Normalization (2015), algorithm 1; torch.nn.BatchNorm2d.
    """
    xhat, _ = standardise(x, _axes(x), eps)
    return _spread(w, x) * xhat + _spread(b, x)


def batch_norm_vjp(g: Array, x: Array, w: Array, b: Array, *, eps: float = 1e-5) -> tuple[Array, Array, Array]:
    """y = w xhat + b, so dxhat = g w, and per channel dw = sum g xhat, db = sum g; dx as standardise_vjp.

    The mean and the variance depend on x too, which is why dx at one sample depends on all of them.
    """
    xhat, std = standardise(x, _axes(x), eps)
    dx = standardise_vjp(g * _spread(w, x), xhat, std, _axes(x))
    return dx, np.sum(g * xhat, axis=_axes(x)), np.sum(g, axis=_axes(x))


def batch_norm_running(x: Array, mean: Array, var: Array, *, momentum: float = 0.1) -> tuple[Array, Array]:
    """The running statistics after this batch, as a pair: new = (1 - momentum) old + momentum batch.

    The variance that goes in is the unbiased one (divisor n - 1), unlike the one that batch_norm divides by; so two
    values per channel are needed. mean and var (C,).

    Source: torch.nn.BatchNorm2d. flax.linen.BatchNorm weighs the old value with its momentum (0.99 there is 0.01 here)
    and takes the biased variance in both places.
    """
    _check_running(x, momentum)
    mu = np.mean(x, axis=_axes(x))
    s2 = np.sum((x - _spread(mu, x)) ** 2, axis=_axes(x)) / (_count(x) - 1)
    return (1 - momentum) * mean + momentum * mu, (1 - momentum) * var + momentum * s2


def batch_norm_running_vjp(
    g: tuple[Array, Array], x: Array, mean: Array, var: Array, *, momentum: float = 0.1
) -> tuple[Array, Array, Array]:
    """g = (cotangent of the mean, cotangent of the variance); frameworks cut this gradient, mathematics has it.

    dmu/dx = 1/n. ds2/dx = 2 (x - mu) / (n - 1), for the part through mu vanishes with sum (x - mu) = 0.
    """
    _check_running(x, momentum)
    g_mean, g_var = g
    centred = x - _spread(np.mean(x, axis=_axes(x)), x)
    through_mean = _spread(g_mean, x) / _count(x)
    through_var = _spread(g_var, x) * 2 * centred / (_count(x) - 1)
    return momentum * (through_mean + through_var), (1 - momentum) * g_mean, (1 - momentum) * g_var


def batch_norm_eval(x: Array, w: Array, b: Array, mean: Array, var: Array, *, eps: float = 1e-5) -> Array:
    """Evaluation form: y = w (x - mean) / sqrt(var + eps) + b, with the given (running) statistics.

    Source: S. Ioffe, C. Szegedy, Batch Normalization (2015), algorithm 2; torch.nn.BatchNorm2d.eval.
    """
    xhat, _ = _with_given(x, mean, var, eps)
    return _spread(w, x) * xhat + _spread(b, x)


def batch_norm_eval_vjp(
    g: Array, x: Array, w: Array, b: Array, mean: Array, var: Array, *, eps: float = 1e-5
) -> tuple[Array, Array, Array, Array, Array]:
    """With std = sqrt(var + eps) and xhat = (x - mean) / std, affine in x and mean: dx = dxhat / std, dmean = -sum dx.

    dstd/dvar = 1 / (2 std) and dxhat/dstd = -xhat / std, so dvar = -sum dxhat xhat / (2 std^2).
    dw = sum g xhat, db = sum g; all sums per channel, dxhat = g w.
    """
    xhat, std = _with_given(x, mean, var, eps)
    dx = g * _spread(w, x) / std
    dmean = -np.sum(dx, axis=_axes(x))
    dvar = -np.sum(dx * xhat / (2 * std), axis=_axes(x))
    return dx, np.sum(g * xhat, axis=_axes(x)), np.sum(g, axis=_axes(x)), dmean, dvar


def _with_given(x: Array, mean: Array, var: Array, eps: float) -> tuple[Array, Array]:
    check_eps(eps)
    std = _spread(np.sqrt(var + eps), x)
    return (x - _spread(mean, x)) / std, std


def _check_running(x: Array, momentum: float) -> None:
    if not 0 <= momentum <= 1:
        raise ValueError(f"momentum is {momentum}; allowed are numbers from 0 to 1")
    if _count(x) < 2:
        raise ValueError(f"the batch has {_count(x)} values per channel; the unbiased variance needs 2 or more")


def _axes(x: Array) -> tuple[int, ...]:
    return (0, *range(2, x.ndim))


def _count(x: Array) -> int:
    return int(np.prod([x.shape[axis] for axis in _axes(x)]))


def _spread(v: Array, x: Array) -> Array:
    """(C,) to (1, C, 1, 1), so that it meets the channels of ``x``."""
    return v.reshape(1, -1, *[1] * (x.ndim - 2))
