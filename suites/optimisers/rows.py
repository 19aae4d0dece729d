"""Rows of the optimisers.

An optimiser has one name in three places: ``<name>_step`` (and ``<name>_init``, where it has a state) in
``pytest_dualfw.reference.optimisers`` and in ``in_jax``, and ``<name>`` in ``in_torch``. A row is one optimiser with
one set of options.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_dualfw.reference import optimisers as reference

from pytest_dualfw import Tolerance
from pytest_dualfw.tolerance import UNIT_ROUNDOFF

Options = Mapping[str, Any]


@dataclass(frozen=True)
class OptimiserSpec:
    """An optimiser with one set of options; ``init`` are those of the state that it starts from.

    ``op_name`` is its row in the verdict table.
    """

    name: str
    variant: str
    options: Options
    init: Options = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name}-{self.variant}"

    @property
    def op_name(self) -> str:
        return self.name

    def start(self, module: Any, p: Any) -> Any:
        """The state before the first step as ``module`` has it (the reference, or in_jax); None for no state."""
        init = getattr(module, f"{self.name}_init", None)
        return init(p, **self.init) if init else None

    def step(self, module: Any, p: Any, g: Any, state: Any) -> tuple[Any, Any]:
        """One step of ``module`` on one parameter: (p, state)."""
        step = getattr(module, f"{self.name}_step")
        if state is None:
            return step(p, g, **self.options), None
        p, state = step(p, g, state, **self.options)
        return p, state

    def walk(self, p: Any, gradients: Any, factors: Any) -> list[Any]:
        """The reference's parameter after each step, times a factor for each."""
        state, out = self.start(reference, p), []
        for g, factor in zip(gradients, factors, strict=True):
            p, state = self.step(reference, p, g, state)
            p = p * factor
            out.append(p)
        return out

    def within(self, room: float, steps: int, target: object) -> Tolerance:
        """What is allowed after ``steps`` steps where the rounding of parameters and gradients explains ``room``."""
        if self.name not in ("adam", "adamw"):
            return Tolerance(atol=room, why="derived from the run's own conditioning")
        return Tolerance(
            atol=room + steps * self.options["lr"] * self._correction_error(target),
            why="derived from the run's own conditioning, and from the rounding of 1 - beta^t where beta is close to 1",
        )

    def _correction_error(self, target: object) -> float:
        """By what part of itself one step moves when both betas move by one ulp.

        The corrections 1 - beta^t keep a part u / (1 - beta) of rounding, and the second enters by its root. They are
        taken in float64, in the reference too, except that compiled torch takes them in float32 on a float32 target:
        3e-5 of every step for beta2 = 0.999.
        """
        single = str(target).startswith("torch") and str(target).endswith("float32-jit")
        beta1, beta2 = self.options.get("betas", (0.9, 0.999))
        return float(UNIT_ROUNDOFF["float32" if single else "float64"] * (1 / (1 - beta1) + 0.5 / (1 - beta2)))


OPTIMISERS = (
    OptimiserSpec("gradient_descent", "plain", {"lr": 0.1}),
    OptimiserSpec("sgd", "plain", {"lr": 0.1}),
    OptimiserSpec("sgd", "momentum", {"lr": 0.1, "momentum": 0.9}),
    OptimiserSpec("sgd", "dampening", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    OptimiserSpec("sgd", "nesterov", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    OptimiserSpec("sgd", "weight_decay", {"lr": 0.1, "weight_decay": 0.3}),
    OptimiserSpec("sgd", "nesterov_weight_decay", {"lr": 0.1, "momentum": 0.8, "nesterov": True, "weight_decay": 0.3}),
    OptimiserSpec("adam", "plain", {"lr": 0.1}),
    OptimiserSpec("adam", "weight_decay", {"lr": 0.1, "weight_decay": 0.3}),
    OptimiserSpec("adam", "betas", {"lr": 0.1, "betas": (0.5, 0.8)}),
    OptimiserSpec("adam", "eps", {"lr": 0.1, "eps": 0.1}),
    OptimiserSpec("adamw", "plain", {"lr": 0.1}),
    OptimiserSpec("adamw", "weight_decay", {"lr": 0.1, "weight_decay": 0.3}),
    OptimiserSpec("adamw", "betas", {"lr": 0.1, "betas": (0.5, 0.8), "eps": 1e-3, "weight_decay": 0.3}),
    OptimiserSpec("rmsprop", "plain", {"lr": 0.1}),
    OptimiserSpec("rmsprop", "momentum", {"lr": 0.1, "momentum": 0.9, "alpha": 0.8}),
    OptimiserSpec("rmsprop", "centered", {"lr": 0.1, "centered": True, "eps": 1e-3}),
    OptimiserSpec("rmsprop", "centered_momentum", {"lr": 0.1, "centered": True, "momentum": 0.5, "alpha": 0.9}),
    OptimiserSpec("adagrad", "plain", {"lr": 0.1}),
    OptimiserSpec("adagrad", "lr_decay", {"lr": 0.1, "lr_decay": 0.2, "eps": 1e-3}),
    OptimiserSpec("adagrad", "initial_accumulator", {"lr": 0.1}, init={"initial_accumulator": 0.5}),
)
