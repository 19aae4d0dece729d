"""Kinks: any subgradient passes, anything else is found, and where it cannot be told the check says so."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from pytest_dualfw import GradientMismatch, check_grads
from pytest_dualfw.gradients.kinks import Sides, _shrink

from . import bugs


def with_slope(value, slope):
    """In torch: ``value``, whose gradient is ``slope(x)`` times the cotangent."""
    return bugs.custom("torch", value, lambda g, x: g * slope(x))


def verdict(fn, x, seed):
    try:
        return check_grads(fn, x, fw="torch-cpu-float64", seed=seed).verdict
    except GradientMismatch:
        return "discrepancy"


AT_KINK = np.array([0.0, 1.0, -2.0, 0.0])


@pytest.mark.parametrize(
    ("slope", "expected"),
    [(0.0, "pass"), (1.0, "pass"), (0.3, "pass"), (1.01, "discrepancy"), (-0.2, "discrepancy"), (2.0, "discrepancy")],
)
def test_relu_admits_what_lies_between_its_slopes(slope, expected):
    def chosen(x):
        return torch.where(x == 0, slope, (x > 0).to(x.dtype))

    relu = with_slope(torch.relu, chosen)
    assert {verdict(relu, AT_KINK, seed) for seed in range(5)} == {expected}


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_a_tie_may_be_shared_in_any_way(share):
    def chosen(x):
        return torch.tensor([share, 1 - share, 0.0], dtype=x.dtype)

    largest = with_slope(lambda x: x.max(), chosen)
    assert {verdict(largest, np.array([2.0, 2.0, 1.0]), seed) for seed in range(5)} == {"pass"}


@pytest.mark.parametrize("paid", [[1.0, 1.0, 0.0], [0.5, 0.4, 0.0], [0.0, 0.0, 1.0], [1.2, -0.2, 0.0]])
def test_a_tie_that_is_paid_wrongly_is_found(paid):
    largest = with_slope(lambda x: x.max(), lambda x: torch.tensor(paid, dtype=x.dtype))
    assert {verdict(largest, np.array([2.0, 2.0, 1.0]), seed) for seed in range(5)} == {"discrepancy"}


def test_the_message_says_between_which_slopes():
    steep = with_slope(torch.abs, lambda x: torch.where(x == 0, 3.0, torch.sign(x)))
    with pytest.raises(GradientMismatch, match="a kink: every subgradient there lies between -"):
        check_grads(steep, np.array([0.0]), fw="torch-cpu-float64", seed=1)


def test_independent_kinks_of_either_sign_are_taken_apart():
    """Along (1, -1) both one-sided slopes of |a| - |b| are 0, and the gradient there need not be."""
    for fn, fw in ((lambda x: x[0].abs() - x[1].abs(), "torch"), (lambda x: jnp.abs(x[0]) - jnp.abs(x[1]), "jax")):
        for seed in range(5):
            assert check_grads(fn, np.zeros(2), fw=f"{fw}-cpu-float64", seed=seed).verdict == "pass"


def test_a_chain_of_kinks_whose_sum_is_smooth_is_no_kink():
    """relu(x) - relu(-x) is x; by the chain rule its gradient at 0 is 0, which is wrong."""
    with pytest.raises(GradientMismatch):
        check_grads(lambda x: torch.relu(x) - torch.relu(-x), np.zeros(3), fw="torch-cpu-float64", seed=1)


def test_a_jump_has_no_verdict():
    report = check_grads(lambda x: jnp.round(x), np.array([0.5, 1.5]), fw="jax-cpu-float64", seed=1)
    assert report.verdict == "inconclusive"


def test_both_frameworks_share_a_tie_in_their_own_way():
    x = np.array([[1.0, 1.0, 0.5], [2.0, 3.0, 3.0]])
    assert check_grads(lambda x: x.amax(1), x, fw="torch-cpu-float64", seed=1).verdict == "pass"
    assert check_grads(lambda x: jax.numpy.max(x, 1), x, fw="jax-cpu-float64", seed=1).verdict == "pass"


def test_sides_add_up_and_admit():
    one, other = Sides(-1.0, 1.0, 1e-12), Sides(0.0, 2.0, 1e-12)
    assert (one + other).equals(Sides(-1.0, 3.0, 0.0))
    assert not (one + other).equals(Sides(-1.0, 2.0, 0.0))
    assert one.admit(0.5, 1.0)
    assert not one.admit(1.001, 1.0)
    assert one.distinct(1.0)
    assert not Sides(1.0, 1.0 + 1e-9, 0.0).distinct(1.0)


@pytest.mark.parametrize("needed", [{3}, {0, 9}, {2, 5, 7}])
def test_a_set_is_shrunk_to_what_is_needed(needed):
    assert set(_shrink(list(range(16)), lambda part: needed <= set(part))) == needed
