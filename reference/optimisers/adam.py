"""Adam, and AdamW with decoupled weight decay. They share one state and one direction."""

from typing import NamedTuple

import numpy as np

from ..arrays import Array
from ._options import require_decay_rate, require_non_negative


class AdamState(NamedTuple):
    """t: steps taken; m and v: running means of the gradient and of its square, not corrected for their start at 0."""

    t: int
    m: Array
    v: Array


def adam_init(p: Array) -> AdamState:
    """The state before the first step: t = 0, m = v = 0."""
    return AdamState(0, np.zeros_like(p), np.zeros_like(p))


def adam_step(
    p: Array,
    g: Array,
    state: AdamState,
    *,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> tuple[Array, AdamState]:
    """One step of Adam:

        g <- g + weight_decay p  (an L2 penalty);   m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2;
        p' = p - lr mh / (sqrt(vh) + eps),   mh = m / (1 - beta1^t), vh = v / (1 - beta2^t), t = 1 at the first step.

    eps stands outside the root and is added after the correction.

    Source: D. P. Kingma and J. Ba, arXiv:1412.6980, algorithm 1; torch.optim.Adam. The paper's faster form at the end
    of its section 2 adds eps before the correction: another eps.
    """
    require_non_negative(lr=lr, weight_decay=weight_decay)
    direction, state = _direction(g + weight_decay * p, state, betas, eps)
    return p - lr * direction, state


def adamw_init(p: Array) -> AdamState:
    """The state before the first step, as for Adam: t = 0, m = v = 0."""
    return adam_init(p)


def adamw_step(
    p: Array,
    g: Array,
    state: AdamState,
    *,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
) -> tuple[Array, AdamState]:
    """One step of Adam with decoupled decay: the running means see g alone, and

        p' = (1 - lr weight_decay) p - lr mh / (sqrt(vh) + eps)   with mh and vh as in ``adam_step``.

    Source: I. Loshchilov and F. Hutter, arXiv:1711.05101, algorithm 2. There the decay is scaled by the schedule alone;
    torch.optim.AdamW and optax.adamw, and so this step, scale it by lr.
    """
    require_non_negative(lr=lr, weight_decay=weight_decay)
    direction, state = _direction(g, state, betas, eps)
    return p * (1 - lr * weight_decay) - lr * direction, state


def _direction(g: Array, state: AdamState, betas: tuple[float, float], eps: float) -> tuple[Array, AdamState]:
    """(mh / (sqrt(vh) + eps), the next state)."""
    beta1, beta2 = betas
    require_non_negative(eps=eps)
    require_decay_rate(beta1=beta1, beta2=beta2)
    t = state.t + 1
    m = beta1 * state.m + (1 - beta1) * g
    v = beta2 * state.v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return m_hat / (np.sqrt(v_hat) + eps), AdamState(t, m, v)
