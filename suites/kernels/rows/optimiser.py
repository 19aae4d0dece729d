"""A step of AdamW over the parameters of a network: one after the other, in lists at once, and in one kernel."""

from typing import Any

import numpy as np

from ..draws import Rng, weights
from ..table import Cost, KernelSpec, Sizes

PARAMETERS = Sizes("count width", cpu=((4, 4), (16, 64), (16, 512)), gpu=((8, 128), (32, 512), (32, 1024)))

# What the state remembers of: the corrections 1 - beta^t are far from their limit.
STEPS_BEFORE = 9


def mid_training(rng: Rng, *, count: int, width: int) -> tuple[Any, ...]:
    """Square weights after some steps: gradients of one size, running means of them and of their squares."""
    p = [weights(rng, width, width) for _ in range(count)]
    g, m = ([1e-2 * rng.standard_normal((width, width)) for _ in range(count)] for _ in range(2))
    v = [1e-4 * rng.uniform(0.5, 1.5, (width, width)) for _ in range(count)]
    return p, g, m, v, [np.array(float(STEPS_BEFORE)) for _ in range(count)]


def cost(*, count: int, width: int) -> Cost:
    """Reads p, g, m, v and a count of steps for each parameter, writes p, m, v and the count.

    Of each entry: decay 1, m 3, v 4, two corrections, root, eps, quotient, rate, difference.
    """
    entries = count * width**2
    return Cost(15 * entries, 7 * entries + 2 * count)


ONLY_TORCH = "JAX has no optimisers of its own; its compiler fuses the textbook's step"

OPTIMISER = (
    KernelSpec("adamw", "optimiser", PARAMETERS, mid_training, cost, backward=False, donate=(0, 2, 3, 4)),
    KernelSpec(
        "adamw_foreach",
        "optimiser",
        PARAMETERS,
        mid_training,
        cost,
        backward=False,
        donate=(0, 2, 3, 4),
        unsupported={"jax": ONLY_TORCH},
    ),
    KernelSpec(
        "adamw_fused",
        "optimiser",
        PARAMETERS,
        mid_training,
        cost,
        backward=False,
        donate=(0, 2, 3, 4),
        unsupported={"jax": ONLY_TORCH},
    ),
)
