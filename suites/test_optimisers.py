"""Every optimiser, step for step, against its NumPy reference.

torch runs its own classes; in jit mode the class's own ``step`` is compiled without its decorators (``in_torch`` says
why). JAX has no optimisers of its own: the textbook's update is run eagerly, or compiled.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from pytest_dualfw import Tolerance

from .optimisers.conditioning import Runs, expected_within, rounded
from .optimisers.rows import OPTIMISERS, OptimiserSpec

STEPS = 24
SHAPES = {"w": (4, 3), "b": (3,)}
LR, DECAY, EPS = 0.1, 0.3, 1e-8
FUSED = ("sgd", "adam", "adamw", "adagrad")

pytestmark = [
    pytest.mark.fw_only(dtype=("float64", "float32")),
    # torch.compile imports a part of torch that uses it
    pytest.mark.filterwarnings("ignore:.*torch.jit.script_method.*:DeprecationWarning"),
]

Leaves = list[Any]
Stepper = Callable[..., Callable[[Leaves], Leaves]]


@pytest.fixture
def stepper(fw: Any) -> Stepper:
    """``stepper(fw, spec, start)``: the framework's own optimiser as a function of the gradients."""
    made: Stepper = import_module(f"{__package__}.optimisers.in_{fw.name}").stepper
    return made


@pytest.fixture
def follow(fw: Any, assert_close: Any, rng: np.random.Generator) -> Callable[..., None]:
    """``follow(spec, step, run, leaves)``: after every step the parameters are those of ``run(leaves)``, which returns
    w and b of each step in turn; ``leaves`` are w, b and the gradients of each, stacked by step.
    """

    def check(spec: OptimiserSpec, step: Callable[[Leaves], Leaves], run: Runs, leaves: Leaves) -> None:
        expected, room = expected_within(run, leaves, fw.dtype, rng)
        for k in range(len(expected) // len(SHAPES)):
            params = step([fw.asarray(gradients[k]) for gradients in leaves[len(SHAPES) :]])
            for i, (name, p) in enumerate(zip(SHAPES, params, strict=True), start=k * len(SHAPES)):
                where = f"step {k + 1}"
                within = _within(spec, fw.target, k + 1, room[i])
                assert_close({where: {name: p}}, {where: {name: expected[i]}}, tolerance=within)

    return check


@pytest.mark.parametrize("spec", OPTIMISERS, ids=str)
def test_every_step(spec: OptimiserSpec, fw: Any, stepper: Stepper, follow: Any, rng: np.random.Generator) -> None:
    leaves = drawn(fw, rng)
    follow(spec, stepper(fw, spec, leaves[:2]), walked(spec), leaves)


@pytest.mark.parametrize("implementation", ["foreach", "fused"])
@pytest.mark.parametrize("spec", OPTIMISERS, ids=str)
@pytest.mark.fw_only("torch", mode="eager")
def test_every_step_of_other_implementations(
    spec: OptimiserSpec, implementation: str, fw: Any, stepper: Stepper, follow: Any, rng: np.random.Generator
) -> None:
    """torch holds the same steps in code of its own for many parameters at once, and in one kernel."""
    if implementation == "fused" and spec.name not in FUSED:
        pytest.skip("unsupported: torch.optim has no fused form of it")
    leaves = drawn(fw, rng)
    follow(spec, stepper(fw, spec, leaves[:2], **{implementation: True}), walked(spec), leaves)


def _adam(**options: Any) -> OptimiserSpec:
    return OptimiserSpec("adam", "first", {"lr": LR, **options})
