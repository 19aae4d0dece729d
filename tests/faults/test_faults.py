"""Every planted fault is caught and named; the correct op passes the same call, so that the judge never cries wolf."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pytest_dualfw import GradientMismatch

from .table import FAULTS, Fault

# torch.compile itself instantiates the autograd.Function that it traces, and warns of it.
pytestmark = pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")

# A message shows so many disagreements in full and counts the rest.
SHOWN = 3

WRITTEN = [f for f in FAULTS if f.frameworks == ("torch",)]
FORMULAS = [f for f in FAULTS if f not in WRITTEN]
BARE = [f for f in FORMULAS if f.bare]
# Differences are taken of the same float64 function in either mode: one row is enough for jit.
JIT = "silu_detached_gate"
# Rows that share a correct op share its inputs and references too: it is judged once.
CORRECT = list({f.correct: f for f in FORMULAS}.values())


def _eager_but_one(faults: list[Fault], name: Callable[[Fault], str]) -> list[Any]:
    eager = pytest.mark.fw_only(mode="eager")
    return [pytest.param(f, id=name(f), marks=() if f.name == JIT else eager) for f in faults]


@pytest.mark.parametrize("fault", FORMULAS, ids=str)
def test_fault_is_caught(fault: Fault, fw: Any, target: Any, check_grads: Any, rng: np.random.Generator) -> None:
    with pytest.raises(GradientMismatch) as caught:
        check_grads(fault.faulty_in(fw.name), *fault.make(rng), **fault.judges())
    message = str(caught.value)
    assert {(c.what, c.oracle) for c in caught.value.report.failures} == fault.verdicts()
    named = [pattern for pattern in fault.sentences(target) if re.search(pattern, message)]
    assert len(named) == min(len(fault.blamed), SHOWN), message
    for pattern in fault.says:
        assert re.search(pattern, message), message


@pytest.mark.parametrize("fault", CORRECT, ids=lambda fault: fault.correct)
def test_correct_op_passes(fault: Fault, fw: Any, check_grads: Any, rng: np.random.Generator) -> None:
    report = check_grads(fault.correct_in(fw.name), *fault.make(rng), **fault.judges())
    assert report.verdict == "pass", report


@pytest.mark.parametrize("fault", _eager_but_one(BARE, str))
def test_wrong_gradient_is_caught_without_reference(
    fault: Fault, fw: Any, target: Any, check_grads: Any, rng: np.random.Generator
) -> None:
    with pytest.raises(GradientMismatch) as caught:
        check_grads(fault.faulty_in(fw.name), *fault.make(rng))
    message = str(caught.value)
    assert {c.what for c in caught.value.report.failures} == {f"<{what}, u>" for what in fault.blamed}
    assert re.search(rf"(?m)^d\w+\[.*\] on {target} disagrees with the difference ladder$", message), message


@pytest.mark.parametrize("fault", _eager_but_one(BARE, lambda fault: fault.correct))
def test_correct_gradient_passes_without_reference(
    fault: Fault, fw: Any, check_grads: Any, rng: np.random.Generator
) -> None:
    report = check_grads(fault.correct_in(fw.name), *fault.make(rng))
    assert report.verdict == "pass", report


@pytest.mark.parametrize("fault", WRITTEN, ids=str)
@pytest.mark.fw_only("torch")
def test_argument_written_to(fault: Fault, check_grads: Any, rng: np.random.Generator) -> None:
    with pytest.raises(GradientMismatch, match=fault.says[0]):
        check_grads(fault.faulty_in("torch"), *fault.make(rng), **fault.judges())
    report = check_grads(fault.correct_in("torch"), *fault.make(rng), **fault.judges())
    assert report.verdict == "pass", report
