"""Each reason not to believe a time, planted; its exact text; and what must not raise an alarm."""

import numpy as np
import pytest

from pytest_dualfw.kernels import guards
from pytest_dualfw.tolerance import SMALLEST_NORMAL


def test_compiled_under_the_clock():
    assert guards.recompiled("eager", 7, 9) == (
        "eager compiled 7 times in 9 calls under the clock; allowed is none: "
        "define the body of a loop once, outside of fn; the gradient of a lax.scan compiles at each call"
    )
    assert guards.recompiled("jit", 1, 40) == (
        "jit compiled 1 times in 40 calls under the clock; allowed is none: "
        "let shapes, dtypes and Python values be the same at each call"
    )


def test_calls_that_cost_nothing():
    assert guards.nonlinear("jit", lambda n: 5e-4, 3) == (
        "jit: 6 calls take 1.00 times as long as 3, allowed is 1.5 to 2.7: something else than the kernel is timed; "
        "look for a cached result, or for work that is put off"
    )


def test_calls_that_cost_more_and_more():
    assert guards.nonlinear("eager", lambda n: 1e-6 * n**2, 1).startswith(
        "eager: 2 calls take 4.00 times as long as 1,"
    )


def test_calls_that_cost_the_same_each():
    assert guards.nonlinear("eager", lambda n: 2e-5 * n, 10) == ""


def test_what_a_call_costs_once_is_no_cached_result():
    """Waking a thread: as much as five calls."""
    assert guards.nonlinear("jit", lambda n: 1e-4 + 2e-5 * n, 1) == ""


@pytest.mark.parametrize("seed", range(20))
def test_a_machine_whose_speed_changes_by_a_factor_of_three_proves_nothing(seed):
    rng = np.random.default_rng(seed)
    assert guards.nonlinear("jit", lambda n: n * 2e-5 * rng.choice([1.0, 3.0]), 1) == ""


def test_slow_kernels_are_called_a_few_times_only():
    calls = []

    def timed(n):
        calls.append(n)
        return float(n)

    assert guards.nonlinear("jit", timed, 1) == ""
    assert sum(calls) <= 10


def test_faster_than_the_machine():
    assert guards.too_fast("jit", 1e-6, 4e-5) == (
        "jit takes 1e-06 s, and this machine needs 4e-05 s at least for the kernel's bytes and operations: "
        "they were not all done, or work= is too large"
    )
    assert guards.too_fast("jit", 5e-5, 4e-5) == ""
    assert guards.too_fast("jit", 1e-9, 0.0) == ""


def test_arrays_that_the_compiler_folds():
    assert guards.folded(4096) == (
        "jit folds arrays of 4096 bytes that fn closes over into constants, and eager computes with them; "
        "allowed are less than 1024 bytes: pass them as arguments"
    )
    assert guards.folded(12) == ""


def test_a_wide_interval():
    assert guards.wide(0.25, "the time is up", 0.1) == (
        "the interval is 25% wide and the time is up; allowed is 10%: raise max_time, or measure on a quieter machine"
    )
    assert guards.wide(0.05, "the time is up", 0.1) == ""


def test_subnormal_numbers():
    x = np.full(100, 1.0, np.float32)
    x[:40] = 1e-40
    assert guards.subnormal("x", x, SMALLEST_NORMAL["float32"]) == (
        "40% of x are subnormal numbers, on which a CPU can be 20 times slower; allowed is 1%: "
        "pass values that the kernel would meet"
    )


@pytest.mark.parametrize(
    "x",
    [
        np.zeros(5, np.float32),
        np.full(5, 2.0**-126, np.float32),
        np.full(5, -1.0, np.float32),
        np.arange(5),
        np.zeros(0),
    ],
    ids=["zeros", "smallest normal", "negative", "integers", "empty"],
)
def test_other_numbers_are_not_subnormal(x):
    assert guards.subnormal("x", x, SMALLEST_NORMAL["float32"]) == ""
