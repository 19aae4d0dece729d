"""A mistake in a training is found at the step where it is made, in the quantity where it shows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from pytest_dualfw.suites.models.rows import MODELS
from pytest_dualfw.suites.optimisers.rows import OptimiserSpec
from pytest_dualfw.suites.training.judge import Training, judge
from pytest_dualfw.suites.training.problem import of_model
from pytest_dualfw.suites.training.recipes import ADAM, ADAMW, MOMENTUM, SGD, Clipping, Recipe, Schedule
from pytest_dualfw.suites.training.running import Course, trainer_of
from pytest_dualfw.suites.training.told import WorstOf

from pytest_dualfw.tolerance import UNIT_ROUNDOFF

STEPS = 12
SMALL = next(m for m in MODELS if str(m) == "autoencoder")
NORMALISED = next(m for m in MODELS if m.state and "eval" not in str(m))

pytestmark = [
    pytest.mark.fw_only(dtype=("float64", "float32")),
    pytest.mark.fw_skip(fw="torch", mode="jit", reason="the judge is the same, and compiling costs minutes"),
    pytest.mark.fw_skip(fw="jax", mode="eager", reason="the judge is the same, and op by op JAX costs minutes"),
]

STEPPED = Schedule("stepped_rate", {"every": 4, "gamma": 0.5})
WARM = Schedule("cosine_rate", {"warmup": 3, "steps": STEPS, "start": 0.1})
PLAIN = Recipe(SGD, 0.1)
HEAVY = Recipe(MOMENTUM, 0.05, STEPPED)
CLIPPED = Recipe(MOMENTUM, 0.05, WARM, Clipping("clip_by_global_norm", 0.01))
CUT = Recipe(SGD, 0.1, clipping=Clipping("clip_by_value", 1e-3))
DECAYED = Recipe(ADAMW, 3e-3)
ADAPTIVE = Recipe(ADAM, 3e-3)


@cache
def right(recipe_at: int) -> Training:
    recipe = (PLAIN, HEAVY, CLIPPED, CUT, DECAYED, ADAPTIVE)[recipe_at]
    return Training(of_model(SMALL, STEPS), recipe)


PLAIN_RUN, HEAVY_RUN, CLIPPED_RUN, CUT_RUN, DECAYED_RUN, ADAPTIVE_RUN = (right(i) for i in range(6))
NORMALISED_RUN = Training(of_model(NORMALISED, STEPS), PLAIN)


class Altered:
    """The framework's own step with something done before the first and after each."""

    def __init__(self, trainer: Any, after: Callable[[Any], None], before: Callable[[Any], None]) -> None:
        self._trainer, self._after, self._before = trainer, after, before

    @property
    def params(self) -> Any:
        return self._trainer.params

    def begin(self, start: Any) -> None:
        self._trainer.begin(start)
        self._before(self._trainer)

    def step(self, inputs: Any, target: Any) -> Any:
        found = self._trainer.step(inputs, target)
        self._after(self._trainer)
        return found


@dataclass(frozen=True)
class Fault:
    """``wrong`` is what the framework trains where the recipe or the batches are wrong, ``after`` what else it does
    after each step and ``before`` the first. ``found`` begins the message.
    """

    name: str
    run: Training
    found: str
    wrong: Training | None = None
    after: Callable[[Any, Any], None] = lambda fw, trainer: None
    before: Callable[[Any, Any], None] = lambda fw, trainer: None

    def __str__(self) -> str:
        return self.name

    def message(self, fw: Any) -> str:
        """What a judged training with the fault says; empty where it is found right."""
        trainer = Altered(
            trainer_of(fw, self.wrong or self.run), lambda t: self.after(fw, t), lambda t: self.before(fw, t)
        )
        course = Course(fw, self.wrong or self.run)
        try:
            WorstOf(lambda check: check).follow(fw.target, judge(self.run, fw.dtype).checks(course.moments(trainer)))
        except AssertionError as error:
            return str(error)
        return ""


def with_recipe(run: Training, **changes: Any) -> Training:
    return Training(run.problem, replace(run.recipe, **changes))


def in_order(run: Training, order: list[int]) -> Training:
    return Training(replace(run.problem, batches=tuple(run.problem.batches[i] for i in order)), run.recipe)


def writes(name: str, change: Callable[[Any, Any], Any]) -> Callable[[Any, Any], None]:
    """After each step a parameter becomes something else."""

    def after(fw: Any, trainer: Any) -> None:
        x = trainer.params[name]
        new = fw.asarray(change(fw, fw.to_numpy(x)))
        if fw.name == "torch":
            x.data.copy_(new)
        else:
            trainer.params[name] = new

    return after


def one_step_late(fw: Any, trainer: Any) -> None:
    """The schedule begins with the rate of the second step."""
    if fw.name == "torch":
        trainer._schedule.step()
    else:
        trainer._t = 1


def ulp_off(fw: Any, trainer: Any) -> None:
    u = UNIT_ROUNDOFF[fw.dtype]
    for name in trainer.params:
        writes(name, lambda fw, p: p * (1 + u * ROUNDS.choice([-1.0, 1.0], p.shape)))(fw, trainer)


ROUNDS = np.random.default_rng(1)
ONLY = "encode1.weight"
STATISTIC = NORMALISED.state[0]

FAULTS = (
    Fault("a frozen bias", PLAIN_RUN, "parameter decode2.bias[", after=writes("decode2.bias", lambda fw, p: 0 * p)),
    Fault("momentum forgotten", HEAVY_RUN, f"parameter {ONLY}[", with_recipe(HEAVY_RUN, optimiser=SGD)),
    Fault(
        "weight decay coupled",
        DECAYED_RUN,
        f"parameter {ONLY}",
        with_recipe(DECAYED_RUN, optimiser=OptimiserSpec("adam", "weight_decay", {"weight_decay": 0.1})),
    ),
    Fault("a schedule one step early", CLIPPED_RUN, f"parameter {ONLY}", before=one_step_late),
    Fault("clipping after the step", CLIPPED_RUN, f"parameter {ONLY}", with_recipe(CLIPPED_RUN, clipping=Clipping())),
    Fault("no clipping by value", CUT_RUN, f"parameter {ONLY}", with_recipe(CUT_RUN, clipping=Clipping())),
    Fault("another order of batches", PLAIN_RUN, "loss at step 1 ", in_order(PLAIN_RUN, [0, 2, 1, *range(3, STEPS)])),
    Fault("a learning rate 1 % off", PLAIN_RUN, f"parameter {ONLY}", with_recipe(PLAIN_RUN, lr=0.101)),
    Fault(
        "statistics that are not updated",
        NORMALISED_RUN,
        f"running statistic {STATISTIC}[",
        after=lambda fw, trainer: trainer.params.update(
            {STATISTIC: fw.asarray(NORMALISED_RUN.problem.start[STATISTIC])}
        ),
    ),
)
FIRST = {"momentum forgotten": 1, "another order of batches": 1, "a frozen bias": 0}


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step:UserWarning")
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_mistake_is_found_where_it_is_made(fault: Fault, fw: Any) -> None:
    message = fault.message(fw)
    assert message.startswith(fault.found), message
    assert f" at step {FIRST.get(fault.name, 0)} on {fw.target} disagrees with the run in NumPy\n" in message


def eps_in_the_root(fw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """m / sqrt(v + eps), as Adam is sometimes written."""
    if fw.name == "jax":
        import jax.numpy as jnp
        from pytest_dualfw.suites.optimisers import in_jax

        def direction(g: Any, state: Any, betas: Any, eps: float) -> Any:
            t, m, v = state[0] + 1, *(b * s + (1 - b) * x for b, s, x in zip(betas, state[1:], (g, g * g), strict=True))
            return m / (1 - betas[0] ** t) / jnp.sqrt(v / (1 - betas[1] ** t) + eps), (t, m, v)

        monkeypatch.setattr(in_jax, "_adam_direction", direction)
    else:
        from pytest_dualfw.suites.optimisers import in_torch

        monkeypatch.setattr(in_torch, "adam", _torch_adam_with_eps_in_the_root())


def _torch_adam_with_eps_in_the_root() -> Any:
    import torch

    class Wrong(torch.optim.Adam):
        @torch.no_grad()
        def step(self, closure: Any = None) -> None:
            group = self.param_groups[0]
            for p in group["params"]:
                state = self.state[p]
                t = state["t"] = state.get("t", 0) + 1
                for key, x, b in (("m", p.grad, group["betas"][0]), ("v", p.grad**2, group["betas"][1])):
                    state[key] = b * state.get(key, 0) + (1 - b) * x
                m, v = (state[key] / (1 - b**t) for key, b in zip("mv", group["betas"], strict=True))
                p -= group["lr"] * m / torch.sqrt(v + group["eps"])

    return Wrong


def test_eps_in_the_root_is_found(fw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    eps_in_the_root(fw, monkeypatch)
    message = Fault("eps in the root", ADAPTIVE_RUN, "").message(fw)
    assert message.startswith(f"parameter {ONLY}"), message
    assert f" at step 0 on {fw.target} disagrees with the run in NumPy\n" in message


@pytest.mark.parametrize("run", [PLAIN_RUN, HEAVY_RUN, CLIPPED_RUN, CUT_RUN, DECAYED_RUN, ADAPTIVE_RUN, NORMALISED_RUN])
def test_one_ulp_is_no_mistake(run: Training, fw: Any) -> None:
    assert Fault("an ulp", run, "", after=ulp_off).message(fw) == ""
