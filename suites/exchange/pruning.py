"""Weights that are pruned: masks, and training under them in NumPy, backpropagation written out by hand.

The parameter p stays whole and the layer computes with w = m p, m the mask: dL/dp = m dL/dw, zero where m is. Weight
decay acts on p, so that a pruned entry shrinks behind its mask, and w is zero there after every step.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from pytest_dualfw.reference import mlp_loss_and_grads, sgd_init, sgd_step

from pytest_dualfw.tolerance import Floats

from ..optimisers.conditioning import expected_within, roundings

Array = np.ndarray[Any, Any]

# One step: dL/dp of the weights, p after it, and what the layers compute with.
Step = Callable[[], tuple[list[Any], list[Any], list[Any]]]

SIZES = (6, 8, 4)
BATCH = 5
STEPS = 12
SGD: dict[str, Any] = {"lr": 0.3, "momentum": 0.9, "weight_decay": 0.05}


@dataclass(frozen=True)
class Mask:
    """``keep(w)`` is True where the entry of a matrix stays."""

    name: str
    keep: Callable[[Array], Array]

    def __str__(self) -> str:
        return self.name

    @property
    def op_name(self) -> str:
        return f"pruned by {self.name}"


def by_magnitude(w: Array) -> Array:
    """The larger half; of equal ones those that come later."""
    order = np.argsort(np.abs(w), axis=None, kind="stable")
    kept = np.ones(w.size, bool)
    kept[order[: w.size // 2]] = False
    return kept.reshape(w.shape)


def by_row(w: Array) -> Array:
    """The rows of the larger half by their Euclidean norm: whole outputs."""
    return np.broadcast_to(by_magnitude(np.linalg.norm(w, axis=1))[:, None], w.shape).copy()


def by_column(w: Array) -> Array:
    """Whole inputs."""
    return by_row(w.T).T.copy()


def two_of_four(w: Array) -> Array:
    """Of four neighbours in a row the larger two, as sparse tensor cores take them; a rest of two keeps one."""
    blocks = [by_magnitude(row[k : k + 4]) for row in w for k in range(0, len(row), 4)]
    return np.concatenate(blocks).reshape(w.shape)


MASKS = (
    Mask("magnitude", by_magnitude),
    Mask("rows", by_row),
    Mask("columns", by_column),
    Mask("two of four", two_of_four),
    Mask("nothing", lambda w: np.ones(w.shape, bool)),
    Mask("everything", lambda w: np.zeros(w.shape, bool)),
)


@dataclass(frozen=True)
class Problem:
    """Weights and biases as they begin, masks of the weights, a batch."""

    weights: list[Array]
    biases: list[Array]
    masks: list[Array]
    x: Array
    y: Array

    @property
    def leaves(self) -> list[Floats]:
        return [*self.weights, *self.biases, self.x]


def drawn(mask: Mask, round_to: Callable[[Array], Array], rng: np.random.Generator) -> Problem:
    """``round_to`` rounds to the target's dtype."""
    shapes = list(zip(SIZES[1:], SIZES[:-1], strict=True))
    weights = [round_to(rng.normal(size=shape) / shape[1] ** 0.5) for shape in shapes]
    biases = [round_to(0.1 * rng.normal(size=shape[0])) for shape in shapes]
    x, y = round_to(rng.normal(size=(BATCH, SIZES[0]))), rng.integers(0, SIZES[-1], BATCH)
    return Problem(weights, biases, [mask.keep(w) for w in weights], x, y)


def walk(problem: Problem, leaves: Sequence[Floats], steps: int) -> list[Floats]:
    """Of every step in turn: dL/dp of both weights before it, p of both after it. ``leaves`` are those of the problem
    and, of each weight and bias, factors by step that stand for the rounding of its result.
    """
    layers = len(problem.weights)
    params, x, factors = list(leaves[: 2 * layers]), leaves[2 * layers], leaves[2 * layers + 1 :]
    states = [sgd_init(p) for p in params]
    out: list[Floats] = []
    for k in range(steps):
        pruned = [p * m for p, m in zip(params, problem.masks, strict=False)]
        pairs = list(zip(pruned, params[layers:], strict=True))
        _, gradients = mlp_loss_and_grads(x, problem.y, pairs, activation="tanh")
        dws = [dw * m for (dw, _), m in zip(gradients, problem.masks, strict=True)]
        stepped = zip(params, [*dws, *(db for _, db in gradients)], states, strict=True)
        pairs_of_step = [sgd_step(p, g, state, **SGD) for p, g, state in stepped]
        params = [p * f[k] for (p, _), f in zip(pairs_of_step, factors, strict=True)]
        states = [state for _, state in pairs_of_step]
        out += [*dws, *params[:layers]]
    return out


def followed(fw: Any, problem: Problem, step: Step, rng: np.random.Generator) -> tuple[float, str]:
    """Steps taken beside NumPy: the largest error in parts of its bound, and what went wrong first, if anything."""
    layers = len(problem.weights)
    factors = [roundings(STEPS, p) for p in (*problem.weights, *problem.biases)]
    run = partial(walk, problem, steps=STEPS)
    expected, bounds = expected_within(run, [*problem.leaves, *factors], fw.dtype, rng)
    worst = 0.0
    for k in range(STEPS):
        gradients, params, weights = ([fw.to_numpy(x) for x in side] for side in step())
        for i, side in enumerate((gradients, weights)):
            what = ("gradients", "weights")[i]
            if any(x[~m].any() for x, m in zip(side, problem.masks, strict=True)):
                return worst, f"step {k + 1}: {what} are not zero where they are pruned"
        at = 2 * layers * k
        for x, y, bound in zip((*gradients, *params), expected[at:], bounds[at:], strict=False):
            worst = max(worst, float(np.abs(x - y).max()) / bound)
        for w, p, m in zip(weights, params, problem.masks, strict=True):
            if not np.array_equal(w, p * m):
                return worst, f"step {k + 1}: a weight is not its parameter under the mask"
        if not worst <= 1:
            return worst, f"step {k + 1}: {worst:.3g} times as far from NumPy as rounding goes"
    return worst, ""
