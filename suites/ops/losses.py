"""Rows of the losses."""

from typing import Any

import numpy as np

from ..table import OpSpec, Sample

Rng = np.random.Generator


def pair(rng: Rng) -> tuple[Any, ...]:
    """A prediction and a target."""
    return rng.normal(size=(4, 3)), rng.normal(size=(4, 3))


LOSSES = (
    OpSpec(
        "mse",
        "losses",
        (
            Sample("mean", pair, batched=(0, 1)),
            Sample("sum", pair, {"reduction": "sum"}, batched=(0, 1)),
            Sample("none", pair, {"reduction": "none"}, batched=(0, 1)),
        ),
    ),
)
