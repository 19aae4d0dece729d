"""Rows of the multilayer perceptron."""

from itertools import pairwise
from typing import Any

import numpy as np

from ..table import Make, OpSpec, Sample
from ._draws import Rng

N = 3
WIDTHS = (3, 5, 4, 5, 2)  # of what enters the first layer, of the hidden layers, of what comes out of the fourth

# What stands before a rectifier is this far from its kink: more than rounding shifts it in any dtype.
CLEARANCE = 0.25


def smooth(depth: int) -> Make:
    def make(rng: Rng) -> tuple[Any, ...]:
        params = [(_weights(rng, *sizes), rng.normal(size=sizes[1]) / 2) for sizes in _layers(depth)]
        return rng.normal(size=(N, WIDTHS[0])), params

    return make


def rectified(depth: int) -> Make:
    def make(rng: Rng) -> tuple[Any, ...]:
        x = z = rng.normal(size=(N, WIDTHS[0]))
        params = []
        for sizes in _layers(depth):
            w = _weights(rng, *sizes)
            b = np.array([_clear_bias(rng, s) for s in (z @ w.T).T])
            params.append((w, b))
            z = np.maximum(z @ w.T + b, 0)
        return x, params

    return make


def _layers(depth: int) -> list[tuple[int, int]]:
    """(inputs, outputs) of each layer."""
    return list(pairwise(WIDTHS[: depth + 1]))


def _weights(rng: Rng, inputs: int, outputs: int) -> Any:
    return rng.normal(size=(outputs, inputs)) / np.sqrt(inputs)


def _clear_bias(rng: Rng, sums: Any) -> float:
    """A bias that leaves each of ``sums``, one of each row of the batch, clear of 0, and more of them above it."""
    while True:
        b = float(rng.normal(loc=0.5))
        if np.min(np.abs(sums + b)) > CLEARANCE:
            return b


BACKPROP = (
    OpSpec(
        "mlp",
        "backprop",
        (
            Sample("tanh_2_layers", smooth(2)),
            *(Sample(f"tanh_{depth}_layers", smooth(depth)) for depth in (1, 3, 4)),
            *(Sample(f"relu_{depth}_layers", rectified(depth), {"activation": "relu"}) for depth in (1, 2, 3, 4)),
        ),
    ),
)
