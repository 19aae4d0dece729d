"""Every model on every target, value and gradient, layer by layer and as a whole, against its NumPy reference."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pytest_dualfw import Check
from pytest_dualfw.gradients.report import explain

from .models.judge import Run, first_apart
from .models.rows import MODELS
from .models.table import ModelSpec

FULL = pytest.mark.profile("full")

pytestmark = [
    pytest.mark.home,
    pytest.mark.parametrize("model", [pytest.param(m, marks=FULL) if m.heavy else m for m in MODELS], ids=str),
]


@pytest.fixture
def judged(model: ModelSpec, fw: Any, rng: np.random.Generator, record_check: Callable[[Check], Check]) -> Any:
    """Judge a run: every check is recorded, then the first fault is raised."""

    def judge(checks: Any) -> None:
        found = [record_check(check) for check in checks]
        apart = first_apart(found) or next((c for c in found if c.verdict == "discrepancy"), None)
        if apart:
            raise AssertionError(f"{model}: {explain(apart, str(fw.target))}")

    return judge


@pytest.mark.fw_only(dtype=("float64", "float32"))
def test_layer_by_layer(model: ModelSpec, fw: Any, rng: np.random.Generator, judged: Any) -> None:
    run = Run.of(model, fw, rng)
    judged(run.layers(rng))
    if fw.dtype == "float64":
        judged(run.whole(rng))
