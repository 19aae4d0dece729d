"""How a model is trained: an optimiser, a learning rate over the steps, gradients cut to size.

A schedule has one name in three places: ``pytest_dualfw.reference`` and ``in_jax`` have its formula, ``in_torch`` the
class of torch.optim.lr_scheduler; so has a way of clipping.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..optimisers.rows import OptimiserSpec

# The run that the schedules are made for: 200 steps.
STEPS = 200

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Schedule:
    """The learning rate at step t is ``name(t, lr=lr, **options)``."""

    name: str = "constant_rate"
    options: Options = field(default_factory=dict)


@dataclass(frozen=True)
class Clipping:
    """Gradients before each step; without a name they stay as they are."""

    name: str = ""
    limit: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """``optimiser`` without its learning rate, which ``schedule`` makes of ``lr``."""

    optimiser: OptimiserSpec
    lr: float
    schedule: Schedule = Schedule()
    clipping: Clipping = Clipping()

    def __str__(self) -> str:
        return "-".join(filter(None, (str(self.optimiser), self.schedule.name, self.clipping.name)))

    @property
    def op_name(self) -> str:
        return str(self.optimiser)

    def rate(self, module: Any, t: Any, lr: float) -> Any:
        """The learning rate of step t by ``module``'s formula."""
        return getattr(module, self.schedule.name)(t, lr=lr, **self.schedule.options)

    def clipped(self, module: Any, gradients: dict[str, Any]) -> dict[str, Any]:
        """The gradients by name as ``module`` clips them."""
        if not self.clipping.name:
            return gradients
        cut = getattr(module, self.clipping.name)(list(gradients.values()), limit=self.clipping.limit)
        return dict(zip(gradients, cut, strict=True))

    def at_rate(self, rate: Any) -> OptimiserSpec:
        """The optimiser of one step."""
        return replace(self.optimiser, options={**self.optimiser.options, "lr": rate})


SGD = OptimiserSpec("sgd", "plain", {})
MOMENTUM = OptimiserSpec("sgd", "momentum", {"momentum": 0.9})
ADAM = OptimiserSpec("adam", "plain", {})
ADAMW = OptimiserSpec("adamw", "weight_decay", {"weight_decay": 0.1})

CONSTANT = Schedule()
STEPPED = Schedule("stepped_rate", {"every": 40, "gamma": 0.5})
COSINE = Schedule("cosine_rate", {"warmup": 20, "steps": STEPS, "start": 0.1})

FREE = Clipping()
BY_NORM = Clipping("clip_by_global_norm", 0.5)
BY_VALUE = Clipping("clip_by_value", 0.05)

# Every optimiser with every schedule, and every schedule with every clipping: a Latin square.
RECIPES = (
    Recipe(SGD, 0.1, CONSTANT, FREE),
    Recipe(SGD, 0.1, STEPPED, BY_NORM),
    Recipe(SGD, 0.1, COSINE, BY_VALUE),
    Recipe(MOMENTUM, 0.03, CONSTANT, BY_NORM),
    Recipe(MOMENTUM, 0.03, STEPPED, BY_VALUE),
    Recipe(MOMENTUM, 0.03, COSINE, FREE),
    Recipe(ADAM, 3e-3, CONSTANT, BY_VALUE),
    Recipe(ADAM, 3e-3, STEPPED, FREE),
    Recipe(ADAM, 3e-3, COSINE, BY_NORM),
    Recipe(ADAMW, 3e-3, CONSTANT, FREE),
    Recipe(ADAMW, 3e-3, STEPPED, BY_NORM),
    Recipe(ADAMW, 3e-3, COSINE, BY_VALUE),
)


def recipe_of(model: str) -> Recipe:
    """One of them for each model, ever the same, whatever models come to stand beside it."""
    return RECIPES[zlib.crc32(model.encode()) % len(RECIPES)]
