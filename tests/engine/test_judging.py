"""Rounding inside the function: what it explains, and what it does not."""

import numpy as np
import pytest

from pytest_dualfw import GradientMismatch, check_grads

FW = ("torch", "jax")


def judged(fw, around, wrong=1.0):
    """1 - tanh(x)^2, which loses digits as the tanh saturates, beside 1 / cosh(x)^2, which loses none."""

    def fn(x):
        from array_api_compat import array_namespace

        return wrong * (1 - array_namespace(x).tanh(x) ** 2)

    x = around + np.linspace(-0.1, 0.1, 41)
    target = f"{fw}-cpu-float32-eager"
    report = check_grads(fn, x, fw=target, wrt=(), reference=lambda x: 1 / np.cosh(x) ** 2, seed=1)
    return next(c for c in report.checks if c.oracle == "reference")


@pytest.mark.parametrize("fw", FW)
def test_ordinary_rounding_passes_and_is_told(fw):
    check = judged(fw, 3.0)
    assert check.verdict == "pass"
    assert 1 < check.ratio <= 10
    assert check.note.endswith("times the bound of conditioning, and within what rounding inside the function explains")


@pytest.mark.parametrize("fw", FW)
def test_a_loss_of_digits_is_inconclusive(fw):
    check = judged(fw, 6.0)
    assert check.verdict == "inconclusive"
    assert check.ratio > 10


@pytest.mark.parametrize("fw", FW)
def test_what_rounding_does_not_explain_is_no_rounding(fw):
    with pytest.raises(GradientMismatch):
        judged(fw, 2.0, wrong=1 + 1e-4)
