"""Normalisation over the last axis, and the standardising step that batch normalisation shares."""

import numpy as np

from ..arrays import Array


def layer_norm(x: Array, w: Array, b: Array, *, eps: float = 1e-5) -> Array:
    """Standardise each vector of the last axis, then scale and shift its components.

    y = w (x - mu) / sqrt(var + eps) + b; mu and the biased variance (divisor E) are taken over the last axis.
    x (..., E), w (E,), b (E,). A constant vector gives b.

    Source: J. L. Ba, J. R. Kiros, G. E. Hinton, Layer Normalization (2016); torch.nn.LayerNorm. flax.linen.LayerNorm
    has eps 1e-6 and by default computes the variance as mean(x^2) - mu^2, which cancels where mu is large.
    """
    xhat, _ = standardise(x, (-1,), eps)
    return w * xhat + b


def layer_norm_vjp(g: Array, x: Array, w: Array, b: Array, *, eps: float = 1e-5) -> tuple[Array, Array, Array]:
    """y = w xhat + b: dxhat = g w, dx as standardise_vjp; dw, db are g xhat and g summed over the leading axes."""
    xhat, std = standardise(x, (-1,), eps)
    leading = tuple(range(x.ndim - 1))
    dx = standardise_vjp(g * w, xhat, std, (-1,))
    return dx, np.sum(g * xhat, axis=leading), np.sum(g, axis=leading)


def rms_norm(x: Array, w: Array, *, eps: float = 1e-6) -> Array:
    """Divide each vector of the last axis by its root mean square, then scale its components.

    y = w x / sqrt(mean(x^2) + eps), the mean over the last axis; eps stands under the root. x (..., E), w (E,).

    Source: B. Zhang, R. Sennrich, Root Mean Square Layer Normalization (2019), eq. 4 (there without eps).
    torch.nn.RMSNorm has by default the machine epsilon of the dtype, flax.linen.RMSNorm 1e-6.
    """
    xhat, _ = _divide_by_rms(x, eps)
    return w * xhat


def rms_norm_vjp(g: Array, x: Array, w: Array, *, eps: float = 1e-6) -> tuple[Array, Array]:
    """With r = sqrt(mean(x^2) + eps) and xhat = x / r: dr/dx_j = xhat_j / E.

    So dx_j = dxhat_j / r - sum_i dxhat_i x_i / r^2 . xhat_j / E = (dxhat_j - xhat_j mean(dxhat xhat)) / r,
    with dxhat = g w. dw is g xhat summed over the leading axes.
    """
    xhat, r = _divide_by_rms(x, eps)
    dxhat = g * w
    dx = (dxhat - xhat * np.mean(dxhat * xhat, axis=-1, keepdims=True)) / r
    return dx, np.sum(g * xhat, axis=tuple(range(x.ndim - 1)))


def standardise(x: Array, axes: tuple[int, ...], eps: float) -> tuple[Array, Array]:
    """(x - mu) / std and std = sqrt(var + eps), with the mean and the biased variance over ``axes``."""
    check_eps(eps)
    centred = x - np.mean(x, axis=axes, keepdims=True)
    var = np.mean(centred**2, axis=axes, keepdims=True)
    std = np.sqrt(var + eps)
    return centred / std, std


def standardise_vjp(dxhat: Array, xhat: Array, std: Array, axes: tuple[int, ...]) -> Array:
    """dmu/dx_j = 1/n and dstd/dx_j = xhat_j / n, n the elements that share one mean.

    dx_j = sum_i dxhat_i (delta_ij - 1/n) / std - sum_i dxhat_i xhat_i / std . xhat_j / n
         = (dxhat_j - mean(dxhat) - xhat_j mean(dxhat xhat)) / std.
    """
    mean_d = np.mean(dxhat, axis=axes, keepdims=True)
    mean_dx = np.mean(dxhat * xhat, axis=axes, keepdims=True)
    dx: Array = (dxhat - mean_d - xhat * mean_dx) / std
    return dx


def check_eps(eps: float) -> None:
    """Raise ValueError for a negative eps."""
    if not eps >= 0:
        raise ValueError(f"eps is {eps}; allowed are numbers of at least 0")


def _divide_by_rms(x: Array, eps: float) -> tuple[Array, Array]:
    check_eps(eps)
    r = np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps)
    return x / r, r
