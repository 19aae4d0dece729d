"""An MLP on scikit-learn's digits: NumPy by hand, torch and JAX follow each other step for step."""

import statistics
import time
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from pytest_dualfw.compare import compare
from pytest_dualfw.tolerance import UNIT_ROUNDOFF

from . import by_hand

pytest.importorskip("sklearn", reason="the training suite runs on scikit-learn's digits; pip install scikit-learn")

EPOCHS = {"quick": 3, "full": 10, "nightly": 10}

# Where rounding alone moves the loss by more than this, following step for step means nothing any more.
FOLLOWS_WHILE = 0.01
ENOUGH = 0.9
ACCURACY_SLACK = 0.02


@pytest.fixture
def epochs(pytestconfig: pytest.Config) -> int:
    return EPOCHS[pytestconfig.getoption("fw_profile", None) or pytestconfig.getini("fw_profile") or "quick"]


@pytest.mark.fw_only(dtype=("float64", "float32"))
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_follows_the_run_by_hand(activation: str, epochs: int, fw: Any, report_row: Any) -> None:
    judge = by_hand.judge(activation, epochs, UNIT_ROUNDOFF[fw.dtype])
    spelled = import_module(f".in_{fw.name}", __package__)
    step, params = spelled.trainer(fw, by_hand.initial(), activation, by_hand.LEARNING_RATE, by_hand.MOMENTUM)
    seconds = []
    for t, (x, y) in enumerate(by_hand.digits().batches(epochs)):
        began = time.perf_counter()
        loss = float(fw.to_numpy(step(fw.asarray(x), fw.asarray(y))))
        seconds.append(time.perf_counter() - began)
        assert_follows(judge, t, loss, numpy_of(fw, params()))
    reached = by_hand.accuracy(numpy_of(fw, params()), activation)
    by_hands = by_hand.accuracy(judge.curve.params[-1], activation)
    usual = statistics.median(seconds)
    report_row(
        "digits, an MLP 64-32-10",
        activation=activation,
        epochs=epochs,
        accuracy=reached,
        by_hand=by_hands,
        seconds=sum(seconds),
        ms_per_step=1e3 * usual,
        first_step_s=seconds[0],
    )
    assert reached > ENOUGH
    assert abs(reached - by_hands) <= ACCURACY_SLACK


def assert_follows(judge: by_hand.Judge, t: int, loss: float, params: by_hand.Params) -> None:
    """The loss of step ``t`` and the parameters after it lie within the bound, as long as the bound says anything."""
    expected = judge.curve.losses[t]
    if judge.loss_bound[t] > FOLLOWS_WHILE * expected:
        return
    close = compare(f"loss of step {t}", "run by hand", loss, np.asarray(expected), np.asarray(judge.loss_bound[t]))
    assert close.verdict == "pass", close
    apart = by_hand.distance(params, judge.curve.params[t])
    assert apart <= judge.params_bound[t], f"parameters after step {t} are {apart:.3g} apart"


def numpy_of(fw: Any, params: Any) -> by_hand.Params:
    return [(fw.to_numpy(w).astype(np.float64), fw.to_numpy(b).astype(np.float64)) for w, b in params]


def test_the_bound_would_notice_a_forgotten_bias_gradient() -> None:
    """Who checks the checker: the same run with one bias never moved leaves the bound at the second step."""
    judge = by_hand.judge("tanh", 1, UNIT_ROUNDOFF["float32"])
    frozen = [[(w, b), (w2, np.zeros_like(b2))] for (w, b), (w2, b2) in judge.curve.params]
    with pytest.raises(AssertionError, match="parameters after step 0"):
        assert_follows(judge, 0, judge.curve.losses[0], frozen[0])
    assert_follows(judge, 0, judge.curve.losses[0], judge.curve.params[0])
