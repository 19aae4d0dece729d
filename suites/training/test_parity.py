"""Every model of the table trained on every target: losses, gradients, parameters follow the run in NumPy."""

from collections.abc import Callable
from functools import cache
from itertools import islice
from typing import Any

import pytest

from pytest_dualfw import Check

from ..models.rows import MODELS
from ..models.table import ModelSpec
from ..profile import profile_of
from .judge import Judge, Training, judge
from .problem import of_model
from .recipes import RECIPES, STEPS, Recipe, recipe_of
from .running import Course
from .told import WorstOf, growth_row

# What the quick profile trains, and for how many steps.
QUICK, QUICK_STEPS = ("autoencoder", "recommender"), 40
# Op by op JAX needs 60 ms for a step of the smallest model and seconds where there is a loop, which it compiles anew at
# every step. It is followed to the end on the digits.
SLOW, SLOW_STEPS = ("jax", "eager"), 20
# Every recipe, on one model that is trained fast.
ANY = "recommender"
BY_NAME = {str(model): model for model in MODELS}

pytestmark = [
    pytest.mark.fw_only(dtype=("float64", "float32")),
    pytest.mark.filterwarnings("ignore:.*torch.jit.script_method.*:DeprecationWarning"),
]


def full(rows: Any, quick: tuple[str, ...] = ()) -> list[Any]:
    """Rows as parameters; those that are not ``quick`` are left to the full profile."""
    return [pytest.param(r, id=str(r), marks=[] if str(r) in quick else pytest.mark.profile("full")) for r in rows]


@cache
def training(model: str, recipe: Recipe | None, steps: int) -> Training:
    """One for all targets."""
    return Training(of_model(BY_NAME[model], steps), recipe or recipe_of(model))


@pytest.fixture
def steps(pytestconfig: pytest.Config) -> int:
    return QUICK_STEPS if profile_of(pytestconfig) == "quick" else STEPS


@pytest.fixture
def followed(fw: Any, report_row: Any, record_check: Callable[[Check], Check]) -> Callable[[Judge], None]:
    """``followed(judge)``: train on the target; every step as the judge has it, and a row of the table."""

    def follow(judged: Judge) -> None:
        training, worst = judged.training, WorstOf(record_check)
        course = Course(fw, training)
        few = SLOW_STEPS if (fw.name, fw.mode) == SLOW else None
        worst.follow(fw.target, judged.checks(islice(course.moments(), few)))
        report_row(
            "training, step by step",
            model=str(training.problem.spec),
            recipe=str(training.recipe),
            steps=len(course.losses),
            worst=worst.worst,
            **growth_row(judged),
            ms_per_step=1e3 * course.usual,
            first_step_s=course.compiling,
        )

    return follow


@pytest.mark.home
@pytest.mark.parametrize("model", full(MODELS, QUICK))
def test_follows_the_run_in_numpy(model: ModelSpec, steps: int, fw: Any, followed: Any) -> None:
    judged = judge(training(str(model), None, steps), fw.dtype)
    if fw.dtype == "float64":
        assert judged.horizon == steps, f"{model} can be followed for {judged.horizon} steps; choose a smaller lr"
    followed(judged)


@pytest.mark.home
@pytest.mark.parametrize("recipe", full(RECIPES))
def test_every_recipe(recipe: Recipe, steps: int, fw: Any, followed: Any) -> None:
    followed(judge(training(ANY, recipe, steps), fw.dtype))
