"""Masks, and what goes wrong with pruned weights: each fault is told, by its name."""

from dataclasses import replace
from functools import partial

import jax
import numpy as np
import pytest
from pytest_dualfw.suites.exchange import pruning
from pytest_dualfw.suites.exchange.pruning import MASKS
from pytest_dualfw.suites.optimisers.conditioning import rounded

W = np.array([[3.0, -1.0, 2.0, 0.0], [0.1, 0.2, -0.3, 0.4], [-9.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
KEPT = {
    "magnitude": [[1, 0, 1, 0], [0, 0, 0, 0], [1, 0, 0, 1], [1, 1, 1, 1]],
    "rows": [[1, 1, 1, 1], [0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0]],
    "columns": [[1, 0, 1, 0]] * 4,
    "two of four": [[1, 0, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1], [0, 0, 1, 1]],
    "nothing": np.ones((4, 4)),
    "everything": np.zeros((4, 4)),
}


@pytest.mark.parametrize("mask", MASKS, ids=str)
def test_masks(mask):
    np.testing.assert_array_equal(mask.keep(W), KEPT[mask.name])
    assert mask.keep(W).dtype == bool


def straight_through(w, mask):
    return w + jax.lax.stop_gradient(w * mask - w)


def once(w, mask):
    return w


FAULTS = {
    "straight through": (straight_through, lambda problem: problem, "step 1: gradients are not zero where they are"),
    "the mask forgotten": (once, lambda problem: problem, "step 1: gradients are not zero where they are"),
    "the other half": (
        lambda w, mask: w * ~mask,
        lambda problem: problem,
        "step 1: gradients are not zero where they are",
    ),
    "of another batch": (
        lambda w, mask: w * mask,
        lambda problem: replace(problem, x=problem.x * (1 + 1e-9)),
        "step 1: ",
    ),
    "the parameter pruned too": (
        lambda w, mask: w * mask,
        lambda problem: replace(problem, weights=[w * m for w, m in zip(problem.weights, problem.masks, strict=True)]),
        "step 1: ",
    ),
}


@pytest.mark.fw_only("jax", dtype="float64", mode="eager")
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_faults_are_told(fault, fw, rng):
    from pytest_dualfw.suites.exchange.in_jax.pruning import trainer

    prune, changed, said = FAULTS[fault]
    problem = pruning.drawn(MASKS[0], partial(rounded, fw), rng)
    _, wrong = pruning.followed(fw, problem, trainer(fw, changed(problem), prune), rng)
    assert wrong.startswith(said)


@pytest.mark.fw_only("jax", dtype="float64", mode="eager")
def test_the_right_way_is_told_to_be_right(fw, rng):
    from pytest_dualfw.suites.exchange.in_jax.pruning import trainer

    problem = pruning.drawn(MASKS[0], partial(rounded, fw), rng)
    worst, wrong = pruning.followed(fw, problem, trainer(fw, problem), rng)
    assert wrong == ""
    assert 0 < worst < 1
