"""Losses on real-valued targets: mean squared error, mean absolute error, Huber.

Every loss takes the prediction ``y`` and the target ``t`` of one shape, and returns a scalar for the reductions
``mean`` and ``sum`` or an array of that shape for ``none``. ``g`` is the cotangent of what was returned.
"""

import numpy as np

from ..activations.extended import magnitude
from ..arrays import Array
from ._reduction import reduce, reduce_vjp


def mse(y: Array, t: Array, *, reduction: str = "mean") -> Array:
    """Mean squared error.

    L = (1/n) sum_i (y_i - t_i)^2, n the number of elements.

    Source: C. M. Bishop, Pattern Recognition and Machine Learning, eq. 1.2 (there with 1/2 and without 1/n).
    """
    return reduce((y - t) ** 2, reduction)


def mse_vjp(g: Array, y: Array, t: Array, *, reduction: str = "mean") -> tuple[Array, Array]:
    """dL/dy_i = 2 (y_i - t_i) / n, and dL/dt_i = -dL/dy_i, since the loss sees only the difference."""
    dy = reduce_vjp(g, y.shape, reduction) * 2 * (y - t)
    return dy, -dy


def mae(y: Array, t: Array, *, reduction: str = "mean") -> Array:
    """Mean absolute error.

    L = (1/n) sum_i |y_i - t_i|, n the number of elements.

    Source: torch.nn.L1Loss, PyTorch documentation.
    """
    return reduce(magnitude(y - t), reduction)


def mae_vjp(g: Array, y: Array, t: Array, *, reduction: str = "mean") -> tuple[Array, Array]:
    """dL/dy_i = sign(y_i - t_i) / n = -dL/dt_i.

    At the tie y_i = t_i, where any slope in [-1/n, 1/n] is a subgradient, 0, as torch; jnp.abs has slope 1 there.
    """
    dy = reduce_vjp(g, y.shape, reduction) * np.sign((y - t).real)
    return dy, -dy


def huber(y: Array, t: Array, *, delta: float = 1.0, reduction: str = "mean") -> Array:
    """Huber's loss: quadratic up to a distance ``delta`` > 0, linear with slope ``delta`` beyond.

    L = (1/n) sum_i l(|y_i - t_i|), l(a) = a^2 / 2 for a <= delta, delta (a - delta / 2) for a > delta. With
    q = min(a, delta) both branches are q (a - q / 2), which is computed. l and its slope are continuous at delta.

    Source: P. J. Huber, Robust Estimation of a Location Parameter, Ann. Math. Statist. 35 (1964) 73.
    """
    _check(delta)
    a = magnitude(y - t)
    q = np.where(a.real <= delta, a, delta)
    return reduce(q * (a - q / 2), reduction)


def huber_vjp(g: Array, y: Array, t: Array, *, delta: float = 1.0, reduction: str = "mean") -> tuple[Array, Array]:
    """l'(a) = a up to delta and delta beyond: dL/dy_i = -dL/dt_i is y_i - t_i cut off at +-delta, over n."""
    _check(delta)
    d = y - t
    dy = reduce_vjp(g, y.shape, reduction) * np.where(magnitude(d).real <= delta, d, delta * np.sign(d.real))
    return dy, -dy


def _check(delta: float) -> None:
    if not delta > 0:
        raise ValueError(f"delta is {delta!r}; allowed are positive numbers")
