"""The run that judges: NumPy, one device, whole batches; and how far rounding moves it.

The model is ``logits = w2 tanh(w1 x + b1) + b2`` under the mean cross-entropy of its batch, trained by SGD with
momentum.
All its layers have one width, since the stages of a pipeline that one program runs on all devices are alike.
"""

from functools import cache
from typing import Any

import numpy as np
from pytest_dualfw.reference import cross_entropy, cross_entropy_vjp, mlp, mlp_vjp, sgd_init, sgd_step

from pytest_dualfw.tolerance import Floats

from ..optimisers.conditioning import expected_within, roundings

Array = np.ndarray[Any, Any]
Leaves = list[Floats]

WIDTH = 8
STEPS = 20
LEARNING_RATE = 0.5
MOMENTUM = 0.9
BATCH = 8
NAMES = ("w1", "b1", "w2", "b2")

# What a run tells: of each step the loss and the gradients, of the inputs too, and the parameters after the last.
RESULTS = ("losses", *(f"grad_{n}" for n in NAMES), "grad_x", *(f"param_{n}" for n in NAMES))

# schedule -> rows of each step's batch. ``uneven``: 5 rows, and 3, of which the fourth of four replicas gets none.
# ``tail``: in the last two steps one rank alone has rows left, as many as it had before.
_EVEN = (BATCH,) * STEPS
_UNEVEN = (BATCH, BATCH, 5, 3) * (STEPS // 4)
_TAIL = 2


def sizes(schedule: str, replicas: int) -> tuple[int, ...]:
    tail = (BATCH,) * (STEPS - _TAIL) + (BATCH // replicas,) * _TAIL
    return {"even": _EVEN, "uneven": _UNEVEN, "tail": tail}[schedule]


def initial() -> Leaves:
    """Glorot's uniform law, in float32 numbers so that every dtype starts from the same ones; biases are not zero."""
    rng = np.random.default_rng(64)
    limit = np.sqrt(3 / WIDTH)
    shapes = [(WIDTH, WIDTH), (WIDTH,)] * 2
    return [_single(rng.uniform(-limit, limit, size=shape)) for shape in shapes]


@cache
def batches(schedule: str, replicas: int) -> tuple[tuple[Array, Array], ...]:
    """x (N, 8) and the classes y (N,) of each step, the same numbers for everybody."""
    rng = np.random.default_rng(20)
    rows = sizes(schedule, replicas)
    return tuple((_single(rng.normal(size=(n, WIDTH))), rng.integers(WIDTH, size=n)) for n in rows)


def shard(x: Array, index: int, count: int) -> Array:
    """The rows of part ``index`` of ``count``: the first parts get one more where they do not come out even."""
    return np.array_split(x, count)[index]


def train(steps: tuple[tuple[Array, Array], ...], params: Leaves, factors: Leaves) -> Leaves:
    """What a run tells, in order of RESULTS. ``factors`` (20, ...) multiply each parameter after each step."""
    states = [sgd_init(p) for p in params]
    losses, gradients = [], []
    for t, (x, y) in enumerate(steps):
        loss, grads = _loss_and_grads(x, y, params)
        losses.append(loss)
        gradients.append(grads)
        stepped = [_step(p, g, s) for p, g, s in zip(params, grads, states, strict=False)]
        params = [p * f[t] for (p, _), f in zip(stepped, factors, strict=True)]
        states = [state for _, state in stepped]
    *of_params, of_x = zip(*gradients, strict=True)
    return [np.array(losses), *map(np.array, of_params), np.concatenate(of_x), *params]


def _loss_and_grads(x: Array, y: Array, params: Leaves) -> tuple[Array, Leaves]:
    """The loss, and its gradients with respect to the parameters and then x."""
    w1, b1, w2, b2 = params
    pairs = [(w1, b1), (w2, b2)]
    logits = mlp(x, pairs)
    g = cross_entropy_vjp(np.ones(()), logits, y)[0]
    dx, grads = mlp_vjp(g, x, pairs)
    return cross_entropy(logits, y), [d for pair in grads for d in pair] + [dx]


def _step(p: Any, g: Any, state: Any) -> Any:
    return sgd_step(p, g, state, lr=LEARNING_RATE, momentum=MOMENTUM)


@cache
def expected(schedule: str, replicas: int, dtype: str) -> dict[str, tuple[Floats, float]]:
    """What a run tells, and how far the rounding of ``dtype`` may move an entry of each array."""
    drawn = batches(schedule, replicas)
    start = initial()
    factors = [roundings(STEPS, p) for p in start]
    xs = [x for x, _ in drawn]

    def run(leaves: Leaves) -> Leaves:
        xs, params, factors = leaves[:STEPS], leaves[STEPS : STEPS + len(NAMES)], leaves[STEPS + len(NAMES) :]
        return train(tuple((x, y) for x, (_, y) in zip(xs, drawn, strict=True)), params, factors)

    exact, bounds = expected_within(run, [*xs, *start, *factors], dtype, np.random.default_rng(3))
    return dict(zip(RESULTS, zip(exact, bounds, strict=True), strict=True))


def _single(x: Array) -> Floats:
    return x.astype(np.float32).astype(np.float64)
