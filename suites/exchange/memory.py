"""The loop whose memory is watched: a network of two layers, and its bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

SIZES = (16, 32, 4)
BATCH = 24
LR, MOMENTUM, BETAS, EPS = 1e-3, 0.9, (0.9, 0.999), 1e-8


@dataclass(frozen=True)
class Peak:
    """The ``most`` bytes that a step takes beyond what was in use before it, and what it has ``left`` in use; None
    where nothing counts them.
    """

    most: int | None
    left: int | None


@dataclass(frozen=True)
class Loop:
    """``step()`` trains once on the same batch and returns the loss, ``peak()`` runs it under a count of memory.
    ``state`` is what a step changes, in the library's own objects, for a test to spoil.
    """

    step: Callable[[], Any]
    peak: Callable[[], Peak]
    state: Any


def drawn(rng: np.random.Generator) -> tuple[list[Array], Array, Array]:
    """w1, b1, w2, b2, in the layout (O, I); x and class indices."""
    params = [p for n, m in pairwise(SIZES) for p in (rng.normal(size=(m, n)) / n**0.5, np.zeros(m))]
    return params, rng.normal(size=(BATCH, SIZES[0])), rng.integers(0, SIZES[-1], BATCH)


def bounds(itemsize: int) -> tuple[int, int]:
    """Between which bytes the peak of a step lies: gradients of all parameters have to be somewhere; and a library
    that kept five arrays for each parameter (a gradient, two means, their corrections) and five for each activation,
    forwards and backwards, in the widest dtype and with the indices of the classes, would be at the other end.
    """
    parameters = sum(m * (n + 1) for n, m in pairwise(SIZES))
    activations = BATCH * (sum(SIZES) + 1)
    return parameters * itemsize, 5 * (parameters + 2 * activations) * 8
