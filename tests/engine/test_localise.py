"""Bisection: the entry that is wrong is named, in any leaf, at a cost that grows with the logarithm of its size."""

import jax.numpy as jnp
import numpy as np
import pytest
import torch

from pytest_dualfw import GradientMismatch, check_grads

from . import bugs


def one_wrong(fw, index, factor):
    """sum(sin(w)) + sum(b**2), one entry of whose gradient is off by a factor."""

    def pullback(g, w):
        wrong = np.ones(w.shape)
        wrong[index] = factor
        return g * xp.cos(w) * xp.asarray(wrong)

    xp = torch if fw == "torch" else jnp
    sine = bugs.custom(fw, xp.sin, pullback)
    return lambda w, b: sine(w).sum() + (b * b).sum()


def failure(fn, *args, **options):
    with pytest.raises(GradientMismatch) as caught:
        check_grads(fn, *args, **options)
    return caught.value.report


@pytest.mark.parametrize("fw", ["torch", "jax"])
@pytest.mark.parametrize("factor", [1.5, 1.001, 1 + 1e-5, -1.0, 0.0])
def test_one_entry_in_ten_thousand_is_named(fw, factor):
    rng = np.random.default_rng(0)
    w, index = rng.uniform(0.2, 1.2, size=(100, 100)), (37, 81)
    report = failure(one_wrong(fw, index, factor), w, rng.normal(size=3), fw=f"{fw}-cpu-float64", seed=2)
    (found,) = [c.discrepancy for c in report.failures]
    assert (found.leaf, found.index, found.size) == ("dw", index, 10_000)
    assert found.expected == pytest.approx(np.cos(w[index]), rel=1e-7)
    assert found.obtained == pytest.approx(factor * np.cos(w[index]), rel=1e-12)


def test_the_cost_grows_with_the_logarithm():
    rng = np.random.default_rng(1)
    costs = {}
    for n in (100, 10_000, 1_000_000):
        report = failure(
            one_wrong("torch", 7, 1.5), rng.uniform(0.2, 1.2, n), np.ones(2), fw="torch-cpu-float64", seed=3
        )
        costs[n] = sum(s.values for s in report.spent)
    assert costs[1_000_000] - costs[10_000] <= 4 * (np.log2(1e6) - np.log2(1e4)) + 16
    assert costs[1_000_000] < 300


def test_an_error_of_every_entry_is_told_at_one_of_them():
    doubled = failure(
        lambda x: x * x + (x * x - (x * x).detach()), np.array([1.0, 2.0]), fw="torch-cpu-float64", seed=1
    )
    assert doubled.failures[0].discrepancy.hint == "counted twice, or a missing 1/2"


def test_three_are_traced_the_rest_is_told_along_its_direction():
    leaves = {name: np.ones(4) for name in "abcde"}
    report = failure(lambda p: sum((v * v.detach()).sum() for v in p.values()), leaves, fw="torch-cpu-float64", seed=1)
    names = [c.discrepancy.leaf for c in report.failures]
    assert len(names) == 5
    assert sum(name.startswith("<") for name in names) == 2
