"""Parameters and batches from one NumPy generator, the same for everybody."""

from collections.abc import Mapping
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Shapes = Mapping[str, tuple[int, ...]]

# Parameters that scale a normalised value: drawn around 1, where they are at the start of a training.
SCALES = ("norm", "bn")


def initial(shapes: Shapes, rng: np.random.Generator) -> dict[str, Array]:
    """A parameter for each name: U(-1, 1) / sqrt(fan_in) for a matrix and for what is added, around 1 for a scale,
    and a running variance between 1/2 and 3/2. All are float32 numbers, so that every target starts from the same.
    """
    return {name: _drawn(name, shape, rng).astype(np.float32).astype(np.float64) for name, shape in shapes.items()}


def _drawn(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    module, _, kind = name.rpartition(".")
    if kind == "running_var" or (kind == "weight" and module.rpartition(".")[2].startswith(SCALES)):
        return np.asarray(1 + rng.uniform(-0.5, 0.5, shape))
    fan_in = int(np.prod(shape[1:])) if len(shape) > 1 else 16
    return np.asarray(rng.uniform(-1, 1, shape) / np.sqrt(fan_in))
