"""The run that judges: NumPy, gradients by the models' tape, the reference optimisers; and the same run with rounding.

What rounding does is modelled by moving every number by a part of itself of up to ``size``: each array as an op or its
vjp reads it, each parameter after each step, and, the same way at every step, the learning rate and what an optimiser
keeps (a rate such as 0.999 is rounded once, and a running mean sums up the error of all steps).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from pytest_dualfw.reference import optimisers
from pytest_dualfw.reference.models import Tape

from ..models.initial import Array
from .problem import Batch, Problem
from .recipes import Recipe

# As many random numbers as are drawn; what needs some takes a piece that begins anywhere in them.
DRAWN = 2**20


@dataclass(frozen=True)
class Moment:
    """One step: the loss before it, the gradients by name, and every parameter after it, running statistics too."""

    loss: float
    gradients: Mapping[str, Array]
    params: Mapping[str, Array]


class Exact:
    """No rounding but that of float64 itself."""

    def array(self, x: Array) -> Array:
        return x

    def steadily(self, x: Any, which: int) -> Any:
        return x


class Jitter(Exact):
    """Moves x to x (1 + size xi), |xi| <= 1. Of the opposite ``size`` all moves are opposite."""

    def __init__(self, size: float, seed: int) -> None:
        self._size = size
        self._rng = np.random.default_rng(seed)
        self._steady = self._rng.uniform(-1, 1, 16)

    def array(self, x: Array) -> Array:
        begin = self._rng.integers(0, DRAWN - x.size) if x.size < DRAWN else 0
        xi = np.resize(_drawn(), x.size) if x.size > DRAWN else _drawn()[begin : begin + x.size]
        factors: Array = xi.reshape(x.shape) * self._size
        factors += 1
        factors *= x
        return factors

    def steadily(self, x: Any, which: int) -> Any:
        """A number, or an array that is kept from step to step; a count stays what it is."""
        moves = isinstance(x, float | np.ndarray)
        return x * (1 + self._size * self._steady[which]) if moves else x


@cache
def _drawn() -> Array:
    return np.random.default_rng(20).uniform(-1, 1, DRAWN)


def train(problem: Problem, recipe: Recipe, rounding: Exact | None = None) -> Iterator[Moment]:
    """The run, step by step."""
    rounding = rounding or Exact()
    params = dict(problem.start)
    trained = problem.spec.trained(params)
    states = {name: recipe.optimiser.start(optimisers, p) for name, p in trained.items()}
    lr = rounding.steadily(recipe.lr, 0)
    for t, batch in enumerate(problem.batches):
        loss, gradients, statistics = _backward(problem, params, batch, rounding)
        step = recipe.at_rate(recipe.rate(optimisers, t, lr))
        for name, g in recipe.clipped(optimisers, gradients).items():
            p, state = step.step(optimisers, params[name], g, states[name])
            params[name], states[name] = rounding.array(p), _kept(state, rounding)
        params |= {name: rounding.array(x) for name, x in statistics.items()}
        yield Moment(loss, gradients, dict(params))


def _backward(problem: Problem, params: Mapping[str, Array], batch: Batch, rounding: Exact) -> Any:
    """The loss, the gradient of each trained parameter, the new running statistics."""
    spec, tape = problem.spec, Tape(disturb=rounding.array)
    _, loss = spec.run(tape, params, *batch)
    tape.backward(loss)
    gradients = {name: tape.gradient(p) for name, p in spec.trained(params).items()}
    return float(loss), gradients, {name: tape.activations.get(name, params[name]) for name in spec.state}


def _kept(state: Any, rounding: Exact) -> Any:
    return type(state)(*(rounding.steadily(x, which) for which, x in enumerate(state, start=1)))
