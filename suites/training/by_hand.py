"""The run that judges: NumPy, backpropagation written out by hand, SGD with momentum; and how far rounding moves it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from pytest_dualfw.reference import mlp, mlp_loss_and_grads, sgd_init, sgd_step

Array = np.ndarray[Any, Any]
Params = list[tuple[Array, Array]]

SIZES = (64, 32, 10)
LEARNING_RATE = 0.2
MOMENTUM = 0.9
BATCH = 60
HELD_OUT = 5  # every fifth image

# A run under a jitter of one ulp at every step models the rounding of every step; three of them, as for any bound.
JITTERED_RUNS = 3
FACTOR = 10.0


@dataclass(frozen=True)
class Digits:
    """scikit-learn's 1797 images of 8 x 8, values 0 to 1: exact in float32. One fifth is held out."""

    x: Array
    y: Array
    x_test: Array
    y_test: Array

    def batches(self, epochs: int) -> list[tuple[Array, Array]]:
        """The same batches in the same order for everybody; what does not fill a batch is left for the next shuffle."""
        order = np.random.default_rng(1797)
        shuffles = [order.permutation(len(self.x)) for _ in range(epochs)]
        whole = len(self.x) // BATCH * BATCH
        return [(self.x[i], self.y[i]) for s in shuffles for i in s[:whole].reshape(-1, BATCH)]


@dataclass
class Curve:
    """A training run: the loss of each step and the parameters after it."""

    losses: list[float] = field(default_factory=list)
    params: list[Params] = field(default_factory=list)


@dataclass(frozen=True)
class Judge:
    """The exact curve, and for each step how far a run in the target's dtype may leave it."""

    curve: Curve
    loss_bound: Array
    params_bound: Array


@cache
def digits() -> Digits:
    from sklearn.datasets import load_digits  # type: ignore[import-untyped,unused-ignore]

    bunch: Any = load_digits()
    x, y = bunch.data / 16.0, bunch.target
    test = np.arange(len(x)) % HELD_OUT == 0
    return Digits(x[~test], y[~test], x[test], y[test])


def initial() -> Params:
    """Glorot's uniform law, rounded to float32 so that every dtype starts from the same numbers."""
    rng = np.random.default_rng(64)
    made = []
    for fan_in, fan_out in pairwise(SIZES):
        limit = np.sqrt(6 / (fan_in + fan_out))
        w = rng.uniform(-limit, limit, size=(fan_out, fan_in)).astype(np.float32).astype(np.float64)
        made.append((w, np.zeros(fan_out)))
    return made


def train(activation: str, epochs: int, disturb: Callable[[Array], Array] = lambda p: p) -> Curve:
    """SGD with momentum on the mean cross-entropy; ``disturb`` is applied to every parameter after every step."""
    params, curve = initial(), Curve()
    states = [(sgd_init(w), sgd_init(b)) for w, b in params]
    for x, y in digits().batches(epochs):
        loss, grads = mlp_loss_and_grads(x, y, params, activation=activation)
        pairs = [_stepped(p, g, s) for p, g, s in zip(params, grads, states, strict=True)]
        params = [(disturb(w[0]), disturb(b[0])) for w, b in pairs]
        states = [(w[1], b[1]) for w, b in pairs]
        curve.losses.append(float(np.real(loss)))
        curve.params.append(params)
    return curve


def _stepped(p: Any, g: Any, s: Any) -> Any:
    return [sgd_step(q, d, t, lr=LEARNING_RATE, momentum=MOMENTUM) for q, d, t in zip(p, g, s, strict=True)]


@cache
def judge(activation: str, epochs: int, unit_roundoff: float) -> Judge:
    """The exact run, and the largest distance that jittered runs have reached by each step, times a constant."""
    exact = train(activation, epochs)
    rng = np.random.default_rng(3)
    runs = [
        train(activation, epochs, lambda p: p * (1 + unit_roundoff * rng.uniform(-1, 1, p.shape)))
        for _ in range(JITTERED_RUNS)
    ]
    losses = np.max([np.abs(np.subtract(r.losses, exact.losses)) for r in runs], axis=0)
    params = np.max([[distance(a, b) for a, b in zip(r.params, exact.params, strict=True)] for r in runs], axis=0)
    scale = np.array([max(float(np.abs(x).max()) for pair in p for x in pair) for p in exact.params])
    loss_bound = FACTOR * (np.maximum.accumulate(losses) + unit_roundoff * np.abs(exact.losses))
    return Judge(exact, loss_bound, FACTOR * (np.maximum.accumulate(params) + unit_roundoff * scale))


def distance(a: Params, b: Params) -> float:
    """The largest difference of any parameter."""
    return max(float(np.abs(x - y).max()) for p, q in zip(a, b, strict=True) for x, y in zip(p, q, strict=True))


def accuracy(params: Params, activation: str) -> float:
    """The part of the held-out images that the network names rightly."""
    data = digits()
    return float(np.mean(mlp(data.x_test, params, activation=activation).argmax(1) == data.y_test))
