"""check_grads on both frameworks: what it accepts, what it reports, in which words."""

import contextvars
import json
import re

import numpy as np
import pytest

import pytest_dualfw
from pytest_dualfw import GradientMismatch, Tolerance, check_grads
from pytest_dualfw.findings import Check, Discrepancy
from pytest_dualfw.gradients.report import GradientReport

from . import bugs

FRAMEWORKS = ["torch", "jax"]
TARGETS = [
    f"{fw}-cpu-{dtype}-{mode}" for fw in FRAMEWORKS for dtype in ("float64", "float32") for mode in ("eager", "jit")
]

x = np.array([0.5, -1.25, 2.0])
w = np.array([[1.0, 2.0, -0.5], [0.25, -1.0, 3.0]])


def linear(x, w):
    return w @ x


def linear_vjp(g, x, w):
    return w.T @ g, np.outer(g, x)


@pytest.mark.parametrize("target", TARGETS)
def test_a_right_function_passes_with_and_without_reference(target):
    judged = check_grads(linear, x, w, fw=target, reference=linear, reference_vjp=linear_vjp, seed=1)
    assert judged.verdict == "pass"
    assert [c.what for c in judged.checks] == ["out", "dx", "dw"]
    assert check_grads(linear, x, w, fw=target, seed=1).verdict == "pass"


def test_without_a_reference_float32_is_held_against_float64_and_that_against_differences():
    report = check_grads(linear, x, w, fw="jax", seed=1)
    assert [(c.what, c.oracle) for c in report.checks] == [
        ("out", "float64 rerun"),
        ("dx", "float64 rerun"),
        ("dw", "float64 rerun"),
        ("<dx, u>", "difference ladder"),
        ("<dw, u>", "difference ladder"),
        ("<dx, dw, u>", "difference ladder"),
    ]


@pytest.mark.parametrize("target", TARGETS)
def test_a_wrong_reference_gradient_is_reported_by_leaf_and_index(target):
    def forgets_an_entry(g, x, w):
        dx, dw = linear_vjp(g, x, w)
        dw[1, 2] *= 1.01
        return dx, dw

    with pytest.raises(GradientMismatch) as caught:
        check_grads(linear, x, w, fw=target, reference=linear, reference_vjp=forgets_an_entry, seed=1)
    assert f"dw[1, 2] on {target} disagrees with the reference vjp" in str(caught.value)
    assert "agreeing: out, dx" in str(caught.value)


def test_the_message_in_full():
    def sign_flipped(g, x, w):
        dx, dw = linear_vjp(g, x, w)
        return -dx, dw

    with pytest.raises(GradientMismatch) as caught:
        check_grads(
            linear,
            np.ones(1),
            np.ones((1, 1)),
            fw="torch-cpu-float64",
            reference=linear,
            reference_vjp=sign_flipped,
            seed=7,
        )
    report = caught.value.report
    (failure,) = report.failures
    g = failure.discrepancy.obtained
    assert str(caught.value) == "\n".join(
        [
            "linear on torch-cpu-float64-eager: 1 of 3 checks disagree",
            "",
            "dx[0] on torch-cpu-float64-eager disagrees with the reference vjp",
            f"  obtained  {g!r}",
            f"  expected  {-g!r}",
            f"  error     {2 * abs(g):.3g}, allowed {failure.bound:.3g}",
            "  wrong     1 of 1 entries",
            "  ratio     -1: sign flipped",
            "",
            "odd one out: the reference vjp; reverse mode on torch-cpu-float64-eager, the difference ladder and the "
            f"forward mode agree on {g:.6g}",
            "agreeing: out, dw",
            "seed: 7",
            "script: the report's .script shows it without this package",
        ]
    )


def test_a_report_reads_line_by_line():
    report = check_grads(linear, x, w, fw="torch-cpu-float64", reference=linear, reference_vjp=linear_vjp, seed=1)
    first, *rest, cost = str(report).splitlines()
    assert first == "linear on torch-cpu-float64-eager: pass, seed 1"
    assert re.fullmatch(r"cost: 0 values and 0 gradients in [\d.]+ ms, most of it by the reference( vjp)?", cost)
    assert [line.split(" by ")[0] for line in rest] == ["  pass         out", "  pass         dx", "  pass         dw"]
    assert all("error" in line and "allowed" in line for line in rest)


@pytest.mark.parametrize("target", TARGETS)
def test_only_the_arguments_named_by_wrt_are_differentiated(target):
    report = check_grads(linear, x, w, fw=target, wrt=(1,), seed=1)
    assert not [c for c in report.checks if "dx" in c.what]


def test_wrt_of_no_argument_is_refused():
    with pytest.raises(ValueError, match=r"wrt is \(2,\); allowed are positions of the 2 arguments, from 0"):
        check_grads(linear, x, w, fw="torch", wrt=(2,))


def test_a_third_order_is_refused():
    with pytest.raises(ValueError, match="order is 3; allowed are 1 and 2"):
        check_grads(linear, x, w, fw="torch", order=3)


def test_a_vjp_with_too_few_gradients_is_refused():
    with pytest.raises(
        ValueError, match="reference_vjp returned 1 gradients; allowed is a tuple of one for each of the 2 primals"
    ):
        check_grads(linear, x, w, fw="torch", reference=linear, reference_vjp=lambda g, x, w: (g,))


@pytest.mark.parametrize("target", TARGETS)
def test_integers_pass_through(target):
    def pick(table, rows):
        return table[rows]

    def pick_vjp(g, table, rows):
        dtable = np.zeros_like(table)
        np.add.at(dtable, rows, g)
        return dtable, None

    rows = np.array([0, 1, 1])
    assert check_grads(pick, w, rows, fw=target, reference=pick, reference_vjp=pick_vjp).verdict == "pass"
    assert check_grads(pick, w, rows, fw=target).verdict == "pass"


@pytest.mark.parametrize("target", TARGETS)
def test_a_function_is_smooth_enough_at_a_kink_that_no_input_meets(target):
    assert check_grads(lambda x: abs(x).sum(), np.array([1.0, -2.0]), fw=target).verdict == "pass"


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_any_subgradient_passes_at_a_kink(fw):
    relu_sum = bugs.relu_sum(fw)
    report = check_grads(relu_sum, np.array([0.0, 1.0]), fw=f"{fw}-cpu-float64", seed=3)
    assert report.verdict == "pass"
    assert report.checks[-1].note == "between the one-sided slopes of a kink"


def test_second_order_is_judged_by_the_vjp_and_by_differences():
    def cube(x):
        return (x * x * x).sum()

    for target in TARGETS:
        report = check_grads(
            cube, x, fw=target, order=2, reference=cube, reference_vjp=lambda g, x: (3 * g * x * x,), seed=1
        )
        seconds = [c for c in report.checks if c.what.startswith("second order")]
        assert report.verdict == "pass"
        assert {c.oracle for c in seconds} >= {
            "reference",
            "complex step",
            "difference ladder",
            "symmetry of the Hessian",
        }


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_a_wrong_second_order_is_caught(fw):
    fn = bugs.detached_second_order(fw)
    assert check_grads(fn, x, fw=f"{fw}-cpu-float64", seed=1).verdict == "pass"
    with pytest.raises(GradientMismatch, match="second order"):
        check_grads(fn, x, fw=f"{fw}-cpu-float64", order=2, seed=1)


@pytest.mark.parametrize("fw", FRAMEWORKS)
def test_variants_see_what_the_given_input_hides(fw):
    fn = bugs.wrong_for_negative_input(fw)
    positive = np.array([0.5, 1.5])
    assert check_grads(fn, positive, fw=f"{fw}-cpu-float64", seed=1).verdict == "pass"
    with pytest.raises(GradientMismatch, match="negated"):
        check_grads(fn, positive, fw=f"{fw}-cpu-float64", variants=True, seed=1)


def test_a_tolerance_by_hand_replaces_the_derived_one():
    def off(x, w):
        return linear(x, w) * (1 + 1e-6)

    with pytest.raises(GradientMismatch):
        check_grads(off, x, w, fw="torch-cpu-float64", reference=linear, reference_vjp=linear_vjp)
    by_hand = Tolerance(rtol=1e-5, why="the planted error")
    check_grads(off, x, w, fw="torch-cpu-float64", reference=linear, reference_vjp=linear_vjp, tolerance=by_hand)


def test_an_input_that_the_function_changes_is_reported():
    def doubles_in_place(x):
        return (x.detach().mul_(2) * 0 + x).sum()

    with pytest.raises(GradientMismatch) as caught:
        check_grads(doubles_in_place, np.ones(3), fw="torch-cpu-float64")
    first, _, modified, *_ = str(caught.value).splitlines()
    assert first == "doubles_in_place on torch-cpu-float64-eager: 1 of 1 checks disagree"
    assert modified == "x on torch-cpu-float64-eager was modified by the function; compute on a copy"


def test_what_no_oracle_can_judge_is_inconclusive():
    def single_precision_only(x):
        if str(x.dtype) == "torch.float64":
            raise TypeError("float32 only")
        return (x * x).sum()

    report = check_grads(single_precision_only, x, fw="torch", seed=1)
    assert report.verdict == "inconclusive"
    assert report.checks[0].note == "TypeError: float32 only"
    assert report.checks[-1].what == "dx"


@pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning")
def test_a_result_of_numpy_is_refused():
    import torch

    with pytest.raises(AssertionError, match="was computed by NumPy; compute it with torch"):
        check_grads(lambda x: np.sin(x.detach()), x, fw="torch-cpu-float64")
    with pytest.raises(AssertionError, match=r"is numpy\.ndarray; expected an array of torch"):
        check_grads(lambda x: x.detach().numpy(), x, fw="torch-cpu-float64")
    assert torch.is_grad_enabled()


def test_state_outside_pytest_is_left_as_it_was():
    import jax

    check_grads(linear, x, w, fw="jax-cpu-float64-jit", seed=1)
    assert jax.numpy.ones(2).dtype == "float32"


@pytest.mark.parametrize("target", TARGETS)
def test_a_gradient_that_is_zero_is_judged(target):
    """The second derivative of a linear function: nothing to scale an error by."""
    report = check_grads(lambda x: 3 * x, x, fw=target, order=2, seed=1)
    assert report.verdict == "pass"
    assert not [c for c in report.checks if c.verdict != "pass"]


def test_a_seed_replays():
    first, second = (check_grads(linear, x, w, fw="jax", seed=5).to_json()["checks"] for _ in range(2))
    assert first == second


def test_public_signature():
    import inspect

    names = list(inspect.signature(pytest_dualfw.check_grads).parameters)
    assert names[:2] == ["fn", "args"]
    assert {"reference", "reference_vjp", "wrt", "order", "variants", "tolerance", "fw"} <= set(names)


def test_failures_name_an_entry_first_and_those_of_the_given_input():
    checks = [
        Check(
            "<dx, u>",
            "complex step",
            "discrepancy",
            1.0,
            1e-9,
            discrepancy=Discrepancy("<dx, u>", (), 1.0, 0.0, 1e-9, 1, 1),
        ),
        Check("dx", "reference vjp", "discrepancy", 1.0, 0.5, discrepancy=Discrepancy("dx", (1,), 1.0, 0.0, 0.5, 1, 3)),
        Check("dx", "reference vjp", "discrepancy", 9.0, 1e-12).under("negated"),
    ]
    report = GradientReport("torch-cpu-float64-eager", "f", [checks[2], checks[0], checks[1]])
    assert report.failures == [checks[1], checks[0], checks[2]]


def test_the_report_is_plain_data_with_all_that_the_message_says():
    with pytest.raises(GradientMismatch) as caught:
        check_grads(lambda x: x * x.detach(), x, fw="torch-cpu-float64", seed=1)
    told = json.loads(json.dumps(caught.value.report.to_json()))
    assert set(told) == {"target", "function", "verdict", "seed", "command", "vote", "script", "checks", "spent"}
    assert told["verdict"] == "discrepancy"
    assert told["vote"] in str(caught.value)
    assert "central difference" in told["script"]
    assert [s["oracle"] for s in told["spent"]] == ["structure", "difference ladder"]
    assert sum(s["values"] for s in told["spent"]) > 6


def test_the_cost_is_told():
    report = check_grads(linear, x, w, fw="torch-cpu-float32", seed=1)
    assert re.search(r"cost: \d+ values and \d gradients in [\d.]+ ms, most of it by the ", str(report))


def test_a_program_is_compiled_once_for_each_function_and_shape():
    traces = []

    def counted(x):
        traces.append(1)
        return x * x

    for seed in range(4):
        check_grads(counted, x, fw="jax-cpu-float64-jit", seed=seed)
    assert len(traces) == 1


def test_a_single_argument_may_be_named_by_a_number():
    by_number = check_grads(linear, x, w, fw="torch", wrt=1, seed=1)
    assert [c.what for c in by_number.checks] == [c.what for c in check_grads(linear, x, w, wrt=[1], seed=1).checks]


def test_a_compiled_check_leaves_nothing_in_the_context():
    # torch's own patches of its settings leave a variable each, which a loop of checks would pile up
    left = []
    for _ in range(3):
        check_grads(linear, x, w, fw="torch-cpu-float64-jit", seed=1)
        left.append(len(contextvars.copy_context()))
    assert left[0] == left[-1]
