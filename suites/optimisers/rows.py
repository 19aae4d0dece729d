"""Rows of the optimisers.

An optimiser has one name in three places: ``<name>_step`` (and ``<name>_init``, where it has a state) in
``pytest_dualfw.reference.optimisers`` and in ``in_jax``, and ``<name>`` in ``in_torch``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_dualfw import Tolerance
from pytest_dualfw.reference import optimisers as reference

Options = Mapping[str, Any]

# Measured over 40 seeds: up to PLACEHOLDER lr a step.
COMPILED_CORRECTION = {
    f"torch-{device}-float32-jit": Tolerance(
        atol=2e-5,
        why="compiled, torch takes 1 - beta2^t in float32: for beta2 = 0.999 the rounding of beta2 alone is 3e-5 of the "
        "difference, whose root divides every step",
    )
    for device in ("cpu", "gpu")
}


@dataclass(frozen=True)
class OptimiserSpec:
    """An optimiser with one set of options, ``init`` those of the state that it starts from.

    ``tolerance`` maps the start of a target's id to what is allowed there on top of the derived bound: ``atol`` is the
    part of lr by which each step may be off. ``op_name`` is the row of the verdict table.
    """

    name: str
    variant: str
    options: Options
    init: Options = field(default_factory=dict)
    tolerance: Mapping[str, Tolerance] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name}-{self.variant}"

    @property
    def op_name(self) -> str:
        return self.name

    def start(self, module: Any, p: Any) -> Any:
        """The state before the first step, as ``module`` (the reference, or in_jax) has it; None for no state."""
        return getattr(module, f"{self.name}_init")(p, **self.init) if hasattr(module, f"{self.name}_init") else None

    def step(self, module: Any, p: Any, g: Any, state: Any) -> tuple[Any, Any]:
        """One step of ``module``'s on one parameter."""
        step = getattr(module, f"{self.name}_step")
        if state is None:
            return step(p, g, **self.options), None
        p, state = step(p, g, state, **self.options)
        return p, state

    def walk(self, p: Any, gradients: Any) -> list[Any]:
        """The reference's parameter after each step."""
        state, out = self.start(reference, p), []
        for g in gradients:
            p, state = self.step(reference, p, g, state)
            out.append(p)
        return out

    def drift(self, target: object) -> Tolerance | None:
        return next((t for start, t in self.tolerance.items() if str(target).startswith(start)), None)


OPTIMISERS = (
    OptimiserSpec("gradient_descent", "plain", {"lr": 0.1}),
    OptimiserSpec("sgd", "plain", {"lr": 0.1}),
    OptimiserSpec("sgd", "momentum", {"lr": 0.1, "momentum": 0.9}),
    OptimiserSpec("sgd", "dampening", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    OptimiserSpec("sgd", "nesterov", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    OptimiserSpec("sgd", "weight_decay", {"lr": 0.1, "weight_decay": 0.3}),
    OptimiserSpec("sgd", "nesterov_weight_decay", {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.3}),
    OptimiserSpec("adam", "plain", {"lr": 0.1}, tolerance=COMPILED_CORRECTION),
    OptimiserSpec("adam", "weight_decay", {"lr": 0.1, "weight_decay": 0.3}, tolerance=COMPILED_CORRECTION),
    OptimiserSpec("adam", "betas", {"lr": 0.1, "betas": (0.5, 0.8)}),
    OptimiserSpec("adam", "eps", {"lr": 0.1, "eps": 0.1}, tolerance=COMPILED_CORRECTION),
    OptimiserSpec("adamw", "plain", {"lr": 0.1}, tolerance=COMPILED_CORRECTION),
    OptimiserSpec("adamw", "weight_decay", {"lr": 0.1, "weight_decay": 0.3}, tolerance=COMPILED_CORRECTION),
    OptimiserSpec("adamw", "betas", {"lr": 0.1, "betas": (0.5, 0.8), "eps": 1e-3, "weight_decay": 0.3}),
    OptimiserSpec("rmsprop", "plain", {"lr": 0.1}),
    OptimiserSpec("rmsprop", "momentum", {"lr": 0.1, "momentum": 0.9, "alpha": 0.8}),
    OptimiserSpec("rmsprop", "centered", {"lr": 0.1, "centered": True, "eps": 1e-3}),
    OptimiserSpec("rmsprop", "centered_momentum", {"lr": 0.1, "centered": True, "momentum": 0.5, "alpha": 0.9}),
    OptimiserSpec("adagrad", "plain", {"lr": 0.1}),
    OptimiserSpec("adagrad", "lr_decay", {"lr": 0.1, "lr_decay": 0.2, "eps": 1e-3}),
    OptimiserSpec("adagrad", "initial_accumulator", {"lr": 0.1}, init={"initial_accumulator": 0.5}),
)
