"""Every optimiser, step for step, against its NumPy reference.

torch runs its own classes; in jit mode the class's own ``step`` is compiled without its decorators (``in_torch`` says
why). JAX has no optimisers of its own: the textbook's update is run eagerly, or compiled.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from .optimisers.conditioning import Runs, expected_within, rounded, roundings
from .optimisers.rows import OPTIMISERS, OptimiserSpec

STEPS = 24
SHAPES = {"w": (4, 3), "b": (7,)}
LR, DECAY, EPS = 0.1, 0.3, 1e-8
IMPLEMENTATIONS = [
    (spec, implementation)
    for spec in OPTIMISERS
    for implementation in ("foreach", "fused")
    if (implementation, spec.name) != ("fused", "rmsprop")  # torch has none
]

pytestmark = [
    pytest.mark.fw_only(dtype=("float64", "float32")),
    # torch.compile imports a part of torch that uses it
    pytest.mark.filterwarnings("ignore:.*torch.jit.script_method.*:DeprecationWarning"),
]

Leaves = list[Any]


def unit(g: Any) -> Any:
    return g / (abs(g) + EPS)


@dataclass(frozen=True)
class ClosedForm:
    """The parameter after k steps is ``formula(p, g, k)``, p where it starts and g the gradient of step k."""

    spec: OptimiserSpec
    formula: Callable[[Any, Any, int], Any]
    steps: int = 1

    def __str__(self) -> str:
        return str(self.spec)

    @property
    def op_name(self) -> str:
        return self.spec.name

    def run(self, leaves: Leaves) -> Leaves:
        """w and b after every step."""
        w, b, dw, db, fw, fb = leaves
        pairs = [((w, dw[k], fw), (b, db[k], fb)) for k in range(len(dw))]
        return [
            self.formula(p, g, k) * np.prod(f[:k], axis=0) for k, pair in enumerate(pairs, start=1) for p, g, f in pair
        ]


def row(name: str, **options: Any) -> OptimiserSpec:
    return OptimiserSpec(name, "-".join(options) or "plain", {"lr": LR, **options})


FIRST_STEPS = (
    ClosedForm(row("adam"), lambda p, g, k: p - LR * unit(g)),
    ClosedForm(row("adam", betas=(0.5, 0.8)), lambda p, g, k: p - LR * unit(g)),
    ClosedForm(row("adam", weight_decay=DECAY), lambda p, g, k: p - LR * unit(g + DECAY * p)),
    ClosedForm(row("adamw", weight_decay=DECAY), lambda p, g, k: (1 - LR * DECAY) * p - LR * unit(g)),
)
IDLE = (
    ClosedForm(row("adam"), lambda p, g, k: p, STEPS),
    ClosedForm(row("adamw", weight_decay=DECAY), lambda p, g, k: (1 - LR * DECAY) ** k * p, STEPS),
    ClosedForm(row("sgd", weight_decay=DECAY), lambda p, g, k: (1 - LR * DECAY) ** k * p, STEPS),
    # An L2 penalty enters the means, and Adam makes a whole step of it.
    ClosedForm(row("adam", weight_decay=DECAY), lambda p, g, k: p - LR * unit(DECAY * p)),
)


@pytest.fixture
def stepper(fw: Any) -> Any:
    """``stepper(fw, spec, start)``: the framework's own optimiser as a function of the gradients."""
    return import_module(f"{__package__}.optimisers.in_{fw.name}").stepper


@pytest.fixture
def follow(fw: Any, assert_close: Any, rng: np.random.Generator) -> Any:
    """``follow(spec, step, run, leaves)``: after every step the parameters are those of ``run``.

    ``leaves`` are w, b and the gradients of each, stacked by step. ``run`` gets them and two stacks of factors that it
    must multiply the results of each step with, and returns w and b of every step in turn.
    """

    def check(spec: OptimiserSpec, step: Callable[[Leaves], Leaves], run: Runs, leaves: Leaves) -> None:
        w, b, dw, db = leaves
        factors = [roundings(len(dw), p) for p in (w, b)]
        judged = zip(*expected_within(run, [*leaves, *factors], fw.dtype, rng), strict=True)
        for k, gradients in enumerate(zip(dw, db, strict=True), start=1):
            params = step([fw.asarray(g) for g in gradients])
            for name, p in zip(SHAPES, params, strict=True):
                expected, room = next(judged)
                within = spec.within(room, k, fw.target)
                assert_close({f"step {k}": {name: p}}, {f"step {k}": {name: expected}}, tolerance=within)

    return check


@pytest.mark.parametrize("spec", OPTIMISERS, ids=str)
def test_every_step(spec: OptimiserSpec, fw: Any, stepper: Any, follow: Any, rng: np.random.Generator) -> None:
    leaves = drawn(fw, rng, STEPS)
    follow(spec, stepper(fw, spec, leaves[:2]), walk_of(spec), leaves)


@pytest.mark.parametrize(("spec", "implementation"), IMPLEMENTATIONS, ids=str)
@pytest.mark.fw_only("torch", mode="eager")
def test_every_step_of_torch_implementations(
    spec: OptimiserSpec, implementation: str, fw: Any, stepper: Any, follow: Any, rng: np.random.Generator
) -> None:
    """torch has the same step twice more: for all parameters at once, and in one kernel."""
    leaves = drawn(fw, rng, STEPS)
    follow(spec, stepper(fw, spec, leaves[:2], **{implementation: True}), walk_of(spec), leaves)


@pytest.mark.parametrize("case", FIRST_STEPS, ids=str)
def test_first_step_of_adam_is_lr_long(
    case: ClosedForm, fw: Any, stepper: Any, follow: Any, rng: np.random.Generator
) -> None:
    """The correction of both means makes the first step lr sign(g), whatever the betas and however long g is."""
    leaves = drawn(fw, rng, 1)
    follow(case.spec, stepper(fw, case.spec, leaves[:2]), case.run, leaves)


@pytest.mark.parametrize("case", IDLE, ids=str)
def test_zero_gradient_leaves_the_decay_alone(
    case: ClosedForm, fw: Any, stepper: Any, follow: Any, rng: np.random.Generator
) -> None:
    """Where AdamW and Adam with an L2 penalty part."""
    w, b, dw, db = drawn(fw, rng, case.steps)
    follow(case.spec, stepper(fw, case.spec, [w, b]), case.run, [w, b, 0 * dw, 0 * db])


def drawn(fw: Any, rng: np.random.Generator, steps: int) -> Leaves:
    """w, b, and ``steps`` gradients of each, their entries of very different size and some of them always zero."""
    start = [rng.normal(size=shape) for shape in SHAPES.values()]
    scales = [10.0 ** rng.integers(-2, 3, size=shape) * (rng.random(shape) < 0.9) for shape in SHAPES.values()]
    gradients = [scale * rng.normal(size=(steps, *np.shape(scale))) for scale in scales]
    return [rounded(fw, x) for x in (*start, *gradients)]


def walk_of(spec: OptimiserSpec) -> Runs:
    """The reference's w and b after every step."""

    def run(leaves: Leaves) -> Leaves:
        w, b, dw, db, fw, fb = leaves
        return [p for pair in zip(spec.walk(w, dw, fw), spec.walk(b, db, fb), strict=True) for p in pair]

    return run
