"""The memory of a training step: how much it takes at most, and that a thousand steps leave nothing behind."""

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from pytest_dualfw.memory import RESIDENT, watch

from .exchange.memory import Loop, bounds, drawn

TABLE = "memory"
# In the full profile, and a cut of them.
STEPS, FEW = 1000, 104
FULL = pytest.mark.profile("full")

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.script_method.*:DeprecationWarning")


@pytest.fixture
def spelled(fw: Any) -> Any:
    return import_module(f"{__package__}.exchange.in_{fw.name}.memory")


@pytest.mark.home
@pytest.mark.fw_only(dtype=("float64", "float32"))
@pytest.mark.parametrize("optimiser", [pytest.param("sgd", marks=FULL), "adam"])
def test_peak_of_a_step(optimiser: str, fw: Any, spelled: Any, rng: np.random.Generator, report_row: Any) -> None:
    """The same in every step, and between what the gradients take and what a library can have kept of it all."""
    loop = warm(spelled.loop(fw, optimiser, *drawn(rng)))
    peaks = [loop.peak() for _ in range(2)]
    least, most = bounds(np.dtype(fw.dtype).itemsize)
    report_row(TABLE, what=f"{optimiser}: peak of a step", bytes=peaks[0].most, least=least, most=most)
    assert peaks[0] == peaks[1]
    assert peaks[0].left in (0, None)
    assert peaks[0].most is None or least <= peaks[0].most <= most


@pytest.mark.home
@pytest.mark.fw_only(dtype=("float64", "float32"))
@pytest.mark.parametrize("optimiser", [pytest.param("sgd", marks=FULL), "adam"])
@pytest.mark.parametrize("steps", [FEW, pytest.param(STEPS, marks=FULL)])
def test_nothing_grows(
    optimiser: str, steps: int, fw: Any, spelled: Any, rng: np.random.Generator, report_row: Any
) -> None:
    loop = spelled.loop(fw, optimiser, *drawn(rng))
    course = watch(loop.step, spelled.census(fw), steps)
    counts = {what: series[-1] for what, series in course.counts.items()}
    moved = course.resident[-1] - course.resident[0] if course.resident else None
    report_row(TABLE, what=f"{optimiser}: after {course.steps} steps", **counts, **{f"more {RESIDENT}": moved})
    assert course.growth == {}


def warm(loop: Loop) -> Loop:
    """A first step makes what the optimiser keeps, and compiles."""
    for _ in range(2):
        loop.step()
    return loop
