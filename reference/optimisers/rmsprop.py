"""RMSprop: the gradient over the root of the running mean of its square."""

from typing import NamedTuple

import numpy as np

from ..arrays import Array
from ._options import require_decay_rate, require_non_negative


class RmspropState(NamedTuple):
    """m, v: running means of the gradient and of its square; s: v - m^2; b: the momentum buffer. All start at 0."""

    m: Array
    v: Array
    s: Array
    b: Array


def rmsprop_init(p: Array) -> RmspropState:
    """The state before the first step: m = v = s = b = 0."""
    return RmspropState(*(np.zeros_like(p) for _ in range(4)))


def rmsprop_step(
    p: Array,
    g: Array,
    state: RmspropState,
    *,
    lr: float = 1e-2,
    alpha: float = 0.99,
    eps: float = 1e-8,
    momentum: float = 0.0,
    centered: bool = False,
) -> tuple[Array, RmspropState]:
    """One step of RMSprop:

        m = alpha m + (1 - alpha) g,   v = alpha v + (1 - alpha) g^2,   s = v - m^2;
        b = momentum b + g / (sqrt(v) + eps), with s for v when centered;   p' = p - lr b.

    eps stands outside the root, and the running means are not corrected for their start at 0. s is a variance, and
    v - m^2 cancels when the gradient hardly changes; both recursions together give the same s without cancellation:
    s = alpha s + alpha (1 - alpha) (g - m)^2 with the m before the step. (torch.optim.RMSprop subtracts, and under a
    constant gradient may come to take the root of a negative number: NaN.)

    Source: T. Tieleman and G. Hinton, Lecture 6.5, Coursera 2012; the centred form is A. Graves, arXiv:1308.0850, eq.
    38 to 45, there with eps inside the root, as optax.rmsprop has it by default and jax.example_libraries too;
    torch.optim.RMSprop for the rest.
    """
    require_non_negative(lr=lr, eps=eps, momentum=momentum)
    require_decay_rate(alpha=alpha)
    m = alpha * state.m + (1 - alpha) * g
    v = alpha * state.v + (1 - alpha) * g**2
    s = alpha * state.s + alpha * (1 - alpha) * (g - state.m) ** 2
    b = momentum * state.b + g / (np.sqrt(s if centered else v) + eps)
    return p - lr * b, RmspropState(m, v, s, b)
