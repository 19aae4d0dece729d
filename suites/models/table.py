"""A row of the table of models, and where its three spellings are found.

A model has one name in three places: ``pytest_dualfw.reference.models.<family>`` (a function of a tape), ``in_torch``
(a function that builds the module) and ``in_jax`` (a function of parameters and inputs). Layers have the names of
torch's submodules in all three.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
from pytest_dualfw.reference import losses
from pytest_dualfw.reference.models import Seen, Tape

from .initial import Array, Shapes, initial

Params = Mapping[str, Array]
Draw = Callable[[np.random.Generator, int], tuple[tuple[Array, ...], Array]]


@dataclass(frozen=True)
class ModelSpec:
    """One model. ``draw(rng, n)`` yields the inputs and the target of a batch of n; ``loss`` is the name of a
    reference loss, with the same name in both frameworks. ``state`` are parameters that are not trained but counted
    (running statistics), ``options`` go to all three spellings. A ``heavy`` model is left to the full profile.
    """

    name: str
    family: str
    shapes: Shapes
    draw: Draw
    loss: str
    options: Mapping[str, Any] = field(default_factory=dict)
    variant: str = ""
    state: tuple[str, ...] = ()
    batch: int = 6
    heavy: bool = False

    def __str__(self) -> str:
        return f"{self.name}-{self.variant}" if self.variant else self.name

    @property
    def op_name(self) -> str:
        return str(self)

    def params(self, rng: np.random.Generator) -> dict[str, Array]:
        return initial(self.shapes, rng)

    def trained(self, params: Params) -> dict[str, Array]:
        """The parameters that have a gradient."""
        return {name: p for name, p in params.items() if name not in self.state}

    def in_framework(self, fw: Any) -> Callable[..., Any]:
        """``f(params, *inputs)``, tapped. Imports the framework."""
        if fw.name == "torch":
            return fw.functional(self.torch_module())  # type: ignore[no-any-return]
        spelled = self.spelled("jax")
        return lambda params, *inputs: spelled(params, *inputs, **self.options)

    def torch_module(self) -> Any:
        """The model as a torch.nn.Module, in train mode unless ``options`` say otherwise. Imports torch."""
        return self.spelled("torch")(**self.options)

    def loss_in_framework(self, fw: Any, target: Array) -> Callable[[Any], Any]:
        loss = self.framework_loss(fw)
        t = fw.asarray(target)
        return lambda y: loss(y, t)

    def framework_loss(self, fw: Any) -> Callable[[Any, Any], Any]:
        """``loss(output, target)`` on the framework's arrays."""
        loss: Callable[[Any, Any], Any] = getattr(import_module(f"..in_{fw.name}.losses", __package__), self.loss)
        return loss

    def reference(self, params: Params, inputs: Any, target: Array, **tape: Any) -> "Reference":
        """The model in NumPy, forward and backward. ``tape`` are options of the tape."""
        t = Tape(**tape)
        output, loss = self.run(t, params, inputs, target)
        t.backward(loss)
        trained = self.trained(params)
        gradients = {name: t.gradient(p) for name, p in trained.items()}
        makers = {name: " or ".join(t.readers(x)) for name, x in {**trained, **t.places()}.items()}
        cotangents = {name: g for name, g in t.cotangents.items() if name not in self.state}  # a new value has none
        return Reference(output, loss, t.activations, cotangents, gradients, makers)

    def forward(self, params: Params, inputs: Any, target: Array) -> Array:
        """The loss in NumPy, in the dtype of the parameters."""
        return self.run(Tape(), params, inputs, target)[1]

    def run(self, t: Tape, params: Params, inputs: Any, target: Array) -> tuple[Array, Array]:
        """The output and the loss in NumPy, written down on a tape."""
        run = getattr(import_module(f"pytest_dualfw.reference.models.{self.family}"), self.name)
        output = run(t, params, *inputs, **self.options)
        return output, t("", getattr(losses, self.loss), output, target)

    def spelled(self, framework: str) -> Any:
        """The function of the model's name in ``in_torch`` or ``in_jax``. Imports the framework."""
        return getattr(import_module(f".in_{framework}.{self.family}", __package__), self.name)


@dataclass(frozen=True)
class Reference:
    """One run in NumPy; the dictionaries as in an Observation. ``makers`` are the layers that make each gradient."""

    output: Array
    loss: Array
    activations: dict[str, Array]
    cotangents: dict[str, Array]
    gradients: dict[str, Array]
    makers: dict[str, str]

    def leaves(self) -> dict[str, Array]:
        """Every array of it, told by what it is and the place: in order of execution, then backwards."""
        found = {"loss": np.asarray(self.loss)}
        found |= {f"value of {name}": x for name, x in self.activations.items()}
        found |= {f"gradient at {name}": g for name, g in reversed(self.cotangents.items())}
        return found | {f"gradient of {name}": g for name, g in self.gradients.items()}

    def maker(self, what: str) -> str:
        """The layer that is to blame where this leaf is wrong."""
        kind, _, name = what.partition(" of " if " of " in what else " at ")
        return self.makers[name] if kind == "gradient" else name or "the loss"


def seen(observation: Any) -> Seen:
    """An Observation as what anchors a tape: float64."""
    wide = [
        {n: np.asarray(x, np.float64) if x.dtype.kind == "f" else x for n, x in part.items()}
        for part in (observation.activations, observation.cotangents)
    ]
    return Seen(*wide)
