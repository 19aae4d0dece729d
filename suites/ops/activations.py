"""Rows of the activations.

An extreme input stands among ordinary ones and is judged on their scale. By itself a tail loses digits in both
frameworks: the slope s (1 - s) of the sigmoid at 20 is 0 in float32, where it should be 2e-9.
"""

from typing import Any

import numpy as np

from ..table import Make, OpSpec, Sample
from ._draws import Rng, off_zero

# Enough for the vectorised part of a CPU kernel and its odd rest.
SHAPE = (5, 7)

FAR = 1e4


def ordinary(rng: Rng) -> tuple[Any, ...]:
    """Not far into the tails, where the second derivative is a difference of nearly equal terms."""
    return (rng.uniform(-1.5, 1.5, size=SHAPE),)


def wide(rng: Rng) -> tuple[Any, ...]:
    return (2 * rng.normal(size=SHAPE),)


def clear_of_kink(rng: Rng) -> tuple[Any, ...]:
    return (off_zero(rng, SHAPE),)


def at_kink(rng: Rng) -> tuple[Any, ...]:
    """Zeros of both signs among ordinary entries."""
    x = off_zero(rng, SHAPE)
    x[0, :3], x[1, :3] = 0.0, -0.0
    return (x,)


def scalar(rng: Rng) -> tuple[Any, ...]:
    return (np.asarray(rng.uniform(0.5, 1.5)),)


def empty(rng: Rng) -> tuple[Any, ...]:
    return (np.zeros((3, 0)),)


def among_ordinary(*extremes: float) -> Make:
    def make(rng: Rng) -> tuple[Any, ...]:
        x = rng.uniform(-2, 2, size=SHAPE)
        x.ravel()[: len(extremes)] = extremes
        return (x,)

    return make


def tiny(rng: Rng) -> tuple[Any, ...]:
    """Where a function that starts like x must not compute 1 + x."""
    return (2.0**-10 * off_zero(rng, SHAPE),)


def block(rng: Rng) -> tuple[Any, ...]:
    """Rows of many equals: where one entry rules, the gradient is what little is left of the cotangent."""
    return (rng.uniform(-1.5, 1.5, size=(2, 3, 17)),)


def tall_block(rng: Rng) -> tuple[Any, ...]:
    return (rng.uniform(-1.5, 1.5, size=(9, 3, 4)),)


def deep_block(rng: Rng) -> tuple[Any, ...]:
    return (rng.uniform(-1.5, 1.5, size=(3, 9, 4)),)


def row(rng: Rng) -> tuple[Any, ...]:
    return (rng.uniform(-1.5, 1.5, size=37),)


def far_rows(rng: Rng) -> tuple[Any, ...]:
    """Rows that are sure, that are all far below, and that hold equals."""
    x = rng.normal(size=(5, 4))
    x[1], x[2], x[3] = [FAR, 0, -FAR, 0], [-FAR, -FAR, -FAR, -FAR], [FAR, FAR, 0, 1]
    return (x,)


def masked(rng: Rng) -> tuple[Any, ...]:
    """Entries of -inf, of probability 0, in every row but one; each row keeps an entry."""
    x = rng.normal(size=(5, 4))
    x[np.arange(4), np.arange(4)] = -np.inf
    x[0, 1:3] = -np.inf
    return (x,)


def one_each(rng: Rng) -> tuple[Any, ...]:
    return (rng.normal(size=(3, 1)),)


SMOOTH = (Sample("ordinary", ordinary), Sample("wide", wide))
INFINITE = Sample("infinite", among_ordinary(np.inf, -np.inf))


def elementwise(name: str, *samples: Sample) -> OpSpec:
    return OpSpec(name, "activations", (*samples, Sample("scalar", scalar), Sample("empty", empty)))


def saturating(*extremes: float, **options: Any) -> Sample:
    """Extremes of both signs."""
    name = "-".join(["saturating", *options.values()])
    return Sample(name, among_ordinary(*extremes, *(-x for x in extremes)), options)


def rowwise(name: str, *samples: Sample) -> OpSpec:
    return OpSpec(
        name,
        "activations",
        (
            Sample("last", block),
            Sample("first", tall_block, {"axis": 0}),
            Sample("middle", deep_block, {"axis": 1}),
            Sample("row", row),
            Sample("far", far_rows),
            Sample("masked", masked),
            Sample("one-each", one_each),
            Sample("empty", empty, {"axis": 0}),
            *samples,
        ),
    )


ACTIVATIONS = (
    elementwise("sigmoid", *SMOOTH, saturating(FAR, 100.0, 30.0, 20.0, 10.0), INFINITE),
    elementwise(
        "tanh",
        *SMOOTH,
        Sample("tiny", tiny),
        saturating(FAR, 100.0, 30.0, 20.0, 10.0),
        INFINITE,
    ),
    elementwise(
        "relu", Sample("ordinary", clear_of_kink, smooth=False), Sample("kink", at_kink, smooth=False), INFINITE
    ),
    elementwise(
        "leaky_relu",  # not at its kink: there torch has the slope of the negative side and JAX that of the positive
        Sample("ordinary", clear_of_kink, smooth=False),
        Sample("slope", clear_of_kink, {"slope": 0.25}),
        Sample("reflecting", clear_of_kink, {"slope": -1.0}),
        INFINITE,
    ),
    elementwise(
        "elu",
        Sample("ordinary", clear_of_kink),
        Sample("alpha", clear_of_kink, {"alpha": 1.5}),
        Sample("kink", at_kink, {"alpha": 2.0}, smooth=False),
        Sample("tiny", tiny),
        saturating(FAR, 100.0, 30.0, 20.0, 10.0),
        INFINITE,
    ),
    elementwise(
        "silu",
        *SMOOTH,
        Sample("tiny", tiny),
        saturating(FAR, 100.0, 10.0),  # from 20 to 37 both frameworks round 1 - s(x) and multiply it by x
    ),
    elementwise(
        "softplus",
        *SMOOTH,
        saturating(FAR, 100.0, 20.0, 10.0),  # above 20, its documented threshold, torch's slope is 1
        INFINITE,
    ),
    elementwise(
        "gelu",
        *SMOOTH,
        Sample("tanh", ordinary, {"approximate": "tanh"}),
        Sample("tiny", tiny),
        saturating(FAR, 100.0, 30.0, 20.0, 10.0),
        # JAX's gradient of this form is nan in float16 from 148 on, where x^3 overflows, and lossy from 3 to 9
        saturating(100.0, 30.0, 20.0, 10.0, approximate="tanh"),
    ),
    rowwise("softmax"),
    rowwise("log_softmax"),
    rowwise(
        "logsumexp",
        Sample("kept", deep_block, {"axis": 1, "keepdims": True}),
        Sample("nothing", empty),
    ),
)
