"""The same run on a target: step by step, with what it costs."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np

from ..models.initial import Array
from .by_hand import Moment
from .judge import Training


@dataclass
class Course:
    """``losses`` and ``seconds`` of each step; ``params`` are where it has come to."""

    fw: Any
    training: Training
    losses: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    params: dict[str, Array] = field(default_factory=dict)

    def moments(self, trainer: Any = None) -> Iterator[Moment]:
        """Train; ``trainer`` stands in for the framework's own."""
        trainer = trainer or trainer_of(self.fw, self.training)
        trainer.begin(self.training.problem.start)
        for inputs, target in self.training.problem.batches:
            loss, gradients = self._step(trainer, inputs, target)
            self.losses.append(loss)
            self.params = numpy_of(self.fw, trainer.params)
            yield Moment(loss, numpy_of(self.fw, gradients), self.params)

    def _step(self, trainer: Any, inputs: Any, target: Any) -> tuple[float, dict[str, Any]]:
        began = time.perf_counter()
        loss, gradients = trainer.step([self.fw.asarray(x) for x in inputs], self.fw.asarray(target))
        found = float(self.fw.to_numpy(loss))
        self.seconds.append(time.perf_counter() - began)
        return found, gradients

    def accuracy(self) -> float:
        return self.training.problem.accuracy(self.params)

    @property
    def usual(self) -> float:
        """Seconds of a step."""
        return statistics.median(self.seconds)

    @property
    def compiling(self) -> float:
        """Seconds that the first step took beyond: compiling in jit mode, loading kernels in eager."""
        return max(self.seconds[0] - self.usual, 0.0)

    def by_epoch(self, epochs: int) -> list[float]:
        """The mean loss of each epoch."""
        return [float(x) for x in np.reshape(self.losses, (epochs, -1)).mean(axis=1)]


def trainer_of(fw: Any, training: Training) -> Any:
    """The framework's own step of training. Imports the framework."""
    return import_module(f".in_{fw.name}", __package__).Trainer(fw, training.problem.spec, training.recipe)


def numpy_of(fw: Any, arrays: Any) -> dict[str, Array]:
    """Copies, in float64: torch's arrays are written to by the next step."""
    return {name: fw.to_numpy(x).astype(np.float64) for name, x in arrays.items()}
