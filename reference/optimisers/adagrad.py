"""Adagrad: the gradient over the root of the sum of all its squares."""

from typing import NamedTuple

import numpy as np

from ..arrays import Array
from ._options import require_non_negative


class AdagradState(NamedTuple):
    """t: steps taken; v: the initial value plus the sum of the squares of all gradients."""

    t: int
    v: Array


def adagrad_init(p: Array, *, initial_accumulator: float = 0.0) -> AdagradState:
    """The state before the first step: t = 0, v = initial_accumulator everywhere."""
    require_non_negative(initial_accumulator=initial_accumulator)
    return AdagradState(0, np.full_like(p, initial_accumulator))


def adagrad_step(
    p: Array, g: Array, state: AdagradState, *, lr: float = 1e-2, lr_decay: float = 0.0, eps: float = 1e-10
) -> tuple[Array, AdagradState]:
    """One step of Adagrad, t = 1 at the first:

        v = v + g^2,   p' = p - lr / (1 + (t - 1) lr_decay) g / (sqrt(v) + eps).

    eps stands outside the root (optax.adagrad has it inside, and starts v at 0.1).

    Source: J. Duchi, E. Hazan and Y. Singer, JMLR 12 (2011) 2121, the diagonal form; torch.optim.Adagrad.
    """
    require_non_negative(lr=lr, lr_decay=lr_decay, eps=eps)
    t, v = state.t + 1, state.v + g**2
    return p - lr / (1 + (t - 1) * lr_decay) * g / (np.sqrt(v) + eps), AdagradState(t, v)
