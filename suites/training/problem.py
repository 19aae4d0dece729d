"""What is trained: a model of the table, where it starts, and its batches in their order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pytest_dualfw.reference.models import Tape

from ..models.initial import Array
from ..models.table import ModelSpec
from .images import Images

Batch = tuple[tuple[Array, ...], Array]

# Of a model of the table: how many examples it is asked about at the end.
HELD_OUT = 64
CLASSES = "cross_entropy"


@dataclass(frozen=True)
class Problem:
    """Everything is float32 numbers, so that every dtype starts from the same and sees the same."""

    spec: ModelSpec
    start: Mapping[str, Array]
    batches: tuple[Batch, ...]
    held_out: Batch

    @property
    def classes(self) -> bool:
        return self.spec.loss == CLASSES

    def accuracy(self, params: Mapping[str, Array]) -> float:
        """The part of the held-out examples that the model names rightly, by the reference."""
        inputs, target = self.held_out
        with np.errstate(all="ignore"):  # a training that failed has no accuracy worth a warning
            output, _ = self.spec.run(Tape(), params, inputs, target)
        return float(np.mean(output.argmax(1) == target))


def of_model(spec: ModelSpec, steps: int) -> Problem:
    """A new batch for every step. All numbers are the same on every run: a training is chosen, not drawn."""
    rng = np.random.default_rng(200)
    start = spec.params(rng)
    batches = tuple(_single(spec.draw(rng, spec.batch)) for _ in range(steps))
    return Problem(spec, start, batches, _single(spec.draw(np.random.default_rng(1), HELD_OUT)))


def of_images(spec: ModelSpec, images: Images, epochs: int, seed: int = 0) -> Problem:
    """The images in a new order for each epoch; what does not fill a batch is left for the next."""
    rng = np.random.default_rng(1797 + seed)
    start = spec.params(rng)
    n = len(images.x) // images.batch * images.batch
    orders = [rng.permutation(len(images.x))[:n].reshape(-1, images.batch) for _ in range(epochs)]
    x, x_test = images.shaped(spec), images.shaped(spec, test=True)
    batches = tuple(((x[i],), images.y[i]) for order in orders for i in order)
    return Problem(spec, start, batches, ((x_test,), images.y_test))


def _single(batch: Any) -> Batch:
    inputs, target = batch
    return tuple(_rounded(x) for x in inputs), _rounded(target)


def _rounded(x: Array) -> Array:
    return x.astype(np.float32).astype(np.float64) if x.dtype.kind == "f" else x
