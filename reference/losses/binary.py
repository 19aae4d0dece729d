"""Binary cross-entropy, from probabilities and from logits.

Prediction and target have one shape, and ``weight`` and ``pos_weight`` broadcast to it. The loss is a scalar for the
reductions ``mean``, which divides by the number of elements also under weights, and ``sum``, or an array of that shape
for ``none``. ``g`` is the cotangent of what was returned. The targets may be anything in [0, 1] and are a primal.
"""

import numpy as np

from ..activations import sigmoid, softplus
from ..activations.extended import log, product
from ..arrays import Array
from ._reduction import reduce, reduce_vjp


def binary_cross_entropy(p: Array, t: Array, *, weight: Array | None = None, reduction: str = "mean") -> Array:
    """Cross-entropy of the probabilities ``p`` in [0, 1] against ``t``.

    L_i = -w_i (t_i log p_i + (1 - t_i) log(1 - p_i)), 0 log 0 = 0. Where the prediction is certain and wrong the loss
    is +inf; torch clamps both logarithms at -100 and returns at most 100.

    Source: torch.nn.BCELoss, PyTorch documentation; C. M. Bishop, Pattern Recognition and Machine Learning, eq. 4.90.
    """
    terms = -(product(t, log(p)) + product(1 - t, _log_complement(p)))
    return reduce(product(_ones_or(weight), terms), reduction)


def binary_cross_entropy_vjp(
    g: Array, p: Array, t: Array, *, weight: Array | None = None, reduction: str = "mean"
) -> tuple[Array, Array]:
    """dL_i/dp_i = w_i ((1 - t_i)/(1 - p_i) - t_i/p_i) and dL_i/dt_i = w_i (log(1 - p_i) - log p_i).

    With 0/0 = 0: at p = t = 0 the loss is -log(1 - p), of slope 1, and at p = t = 1 it is -log p, of slope -1. Certain
    and wrong gives -+inf. torch divides by p (1 - p) clamped at 1e-12: 0 in the first case, -+1e12 in the second.
    """
    spread = reduce_vjp(g, p.shape, reduction) * _ones_or(weight)
    dp = product(1 - t, _inverse(1 - p)) - product(t, _inverse(p))
    return product(spread, dp), product(spread, _log_complement(p) - log(p))


def binary_cross_entropy_with_logits(
    x: Array,
    t: Array,
    *,
    weight: Array | None = None,
    pos_weight: Array | None = None,
    reduction: str = "mean",
) -> Array:
    """Cross-entropy of the probabilities s(x), s the sigmoid of the logits ``x``, against ``t``.

    L_i = w_i (v_i t_i softplus(-x_i) + (1 - t_i) softplus(x_i)), v the ``pos_weight``, by default 1, since
    -log s(x) = softplus(-x) and -log(1 - s(x)) = softplus(x). Infinite logits give the limits 0 and +inf; torch: nan.

    Source: torch.nn.BCEWithLogitsLoss, PyTorch documentation.
    """
    terms = product(_ones_or(pos_weight) * t, softplus(-x)) + product(1 - t, softplus(x))
    return reduce(product(_ones_or(weight), terms), reduction)


def binary_cross_entropy_with_logits_vjp(
    g: Array,
    x: Array,
    t: Array,
    *,
    weight: Array | None = None,
    pos_weight: Array | None = None,
    reduction: str = "mean",
) -> tuple[Array, Array]:
    """dL_i/dx_i = w_i ((1 - t_i) s(x_i) - v_i t_i s(-x_i)), since softplus' = s.

    dL_i/dt_i = w_i (v_i softplus(-x_i) - softplus(x_i)), which without v is -w_i x_i.
    """
    spread = reduce_vjp(g, x.shape, reduction) * _ones_or(weight)
    v = _ones_or(pos_weight)
    dx = (1 - t) * sigmoid(x) - v * t * sigmoid(-x)
    dt = product(v, softplus(-x)) - softplus(x)
    return spread * dx, product(spread, dt)


def _ones_or(weight: Array | None) -> Array:
    return np.ones(()) if weight is None else weight


def _log_complement(p: Array) -> Array:
    """log(1 - p), with the digits of a small p kept."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log1p(-p))


def _inverse(p: Array) -> Array:
    with np.errstate(divide="ignore", over="ignore"):
        return 1 / p
