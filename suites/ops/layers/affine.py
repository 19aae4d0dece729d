"""Rows of the affine map, what is trained with it, and what has a row of a table or a mask among its primals."""

from typing import Any

import numpy as np

from ...table import OpSpec, Sample
from .._draws import Rng


def affine(rng: Rng) -> tuple[Any, ...]:
    return rng.normal(size=(2, 3, 5)), rng.normal(size=(4, 5)), rng.normal(size=4)


def affine_unbiased(rng: Rng) -> tuple[Any, ...]:
    x, w, _ = affine(rng)
    return x, w, None


def one_vector(rng: Rng) -> tuple[Any, ...]:
    """Positive, so that the one output is no difference of large terms."""
    return rng.uniform(0.5, 1.5, size=5), rng.uniform(0.5, 1.5, size=(1, 5)), rng.uniform(0.5, 1.5, size=1)


def regression(rng: Rng) -> tuple[Any, ...]:
    """Weights, bias, rows and targets. All predictions are too high, so that the gradient of b does not cancel."""
    w, b, x = rng.normal(size=3), rng.normal(), rng.normal(size=(7, 3))
    return w, b, x, x @ w + b - rng.uniform(0.5, 1.5, size=7)


def looked_up(rng: Rng) -> tuple[Any, ...]:
    """Row 2 three times, row 4 never."""
    return np.array([[2, 0, 2], [3, 1, 2]]), rng.normal(size=(5, 4))


def one_row_only(rng: Rng) -> tuple[Any, ...]:
    return np.full(4, 1), rng.normal(size=(3, 7))


def last_row(rng: Rng) -> tuple[Any, ...]:
    """A single index, of no axis."""
    return np.array(4), rng.normal(size=(5, 3))


def masked(rng: Rng) -> tuple[Any, ...]:
    return rng.normal(size=(5, 3)), rng.random(size=(5, 3)) < 0.7


def all_kept(rng: Rng) -> tuple[Any, ...]:
    return rng.normal(size=(2, 3)), np.ones((2, 3), np.bool_)


def all_dropped(rng: Rng) -> tuple[Any, ...]:
    return rng.normal(size=(2, 3)), np.zeros((2, 3), np.bool_)


AFFINE = (
    OpSpec(
        "linear",
        "layers",
        (
            Sample("plain", affine, batched=(0, 1, 2)),
            Sample("no_bias", affine_unbiased),
            Sample("one_vector", one_vector),
        ),
    ),
    OpSpec(
        "linear_regression_loss",
        "layers",
        (Sample("plain", regression, batched=(0, 1, 2, 3)),),
    ),
    OpSpec(
        "embedding",
        "layers",
        (Sample("repeated", looked_up), Sample("one_row", one_row_only), Sample("one_index", last_row)),
    ),
    OpSpec(
        "dropout",
        "layers",
        (
            Sample("plain", masked, {"rate": 0.3}, batched=(0, 1)),
            Sample("rate_0", masked, {"rate": 0.0}),
            Sample("all_kept", all_kept, {"rate": 0.9}),
            Sample("all_dropped", all_dropped, {"rate": 0.5}),
        ),
    ),
)
