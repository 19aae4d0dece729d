"""Gradient descent, and stochastic gradient descent with momentum."""

from typing import NamedTuple

from ..arrays import Array
from ._options import require_non_negative


class SgdState(NamedTuple):
    """b: the momentum buffer, None before the first step (and for ever where momentum is 0)."""

    b: Array | None


def gradient_descent_step(p: Array, g: Array, *, lr: float) -> Array:
    """One step down the gradient, p' = p - lr g. Source: A. Cauchy, Comptes rendus 25 (1847) 536."""
    require_non_negative(lr=lr)
    return p - lr * g


def sgd_init(p: Array) -> SgdState:
    """No buffer yet: the first step makes it from its own gradient."""
    return SgdState(b=None)


def sgd_step(
    p: Array,
    g: Array,
    state: SgdState,
    *,
    lr: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
) -> tuple[Array, SgdState]:
    """One step of torch.optim.SGD, mu the momentum and tau the dampening:

        g <- g + weight_decay p;   b_1 = g_1, then b_t = mu b_{t-1} + (1 - tau) g_t;   d = b, or g + mu b for nesterov;
        p' = p - lr d.

    The first buffer is not dampened. With momentum 0 there is no buffer: d = g, and the dampening has no effect.
    nesterov is allowed only with a momentum above 0 and without dampening.

    Source: B. T. Polyak, USSR Comp. Math. 4 (1964) 1; I. Sutskever et al., ICML 2013, whose velocity contains lr, where
    here lr multiplies the buffer: the two part only when lr changes along the way.
    """
    require_non_negative(lr=lr, momentum=momentum, weight_decay=weight_decay)
    _require_nesterov(nesterov, momentum, dampening)
    g = g + weight_decay * p
    if momentum == 0:
        return p - lr * g, state
    b = g if state.b is None else momentum * state.b + (1 - dampening) * g
    d = g + momentum * b if nesterov else b
    return p - lr * d, SgdState(b)


def _require_nesterov(nesterov: bool, momentum: float, dampening: float) -> None:
    if nesterov and (momentum == 0 or dampening != 0):
        raise ValueError(
            f"nesterov is True with momentum {momentum!r} and dampening {dampening!r}; "
            "allowed are a momentum above 0 and a dampening of 0"
        )
