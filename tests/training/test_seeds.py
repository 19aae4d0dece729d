"""The test of accuracies over seeds: its level against all divisions, and that a wrong training is found."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from pytest_dualfw.suites.training.networks import on_digits
from pytest_dualfw.suites.training.recipes import SGD
from pytest_dualfw.suites.training.seeds import EPOCHS, LEVEL, NETWORK, SEEDS, by_hand, end, p_value

WRONG = {
    "a rate ten times too small": lambda recipe: replace(recipe, lr=recipe.lr / 10),
    "a rate ten times too large": lambda recipe: replace(recipe, lr=recipe.lr * 10),
    "no momentum": lambda recipe: replace(recipe, optimiser=SGD),
}


def test_p_is_the_part_of_all_divisions():
    a, b = [0.9, 0.91, 0.93], [0.92, 0.95, 0.96]
    ranks = np.array([1.0, 2, 4, 3, 5, 6])
    apart = [abs(ranks[list(i)].mean() - np.delete(ranks, i).mean()) for i in combinations(range(6), 3)]
    assert p_value(a, b) == pytest.approx(np.mean(np.array(apart) >= abs(ranks[:3].mean() - ranks[3:].mean()) - 1e-12))


def test_equal_accuracies_differ_with_no_p_and_separate_ones_go_below_the_level():
    assert p_value([0.9] * SEEDS, [0.9] * SEEDS) == 1
    assert p_value([0.9] * SEEDS, [0.9] * SEEDS) > LEVEL > p_value([0.9] * SEEDS, [0.8] * SEEDS)


def test_of_one_law_it_cries_as_rarely_as_its_level_says():
    rng = np.random.default_rng(9)
    ps = [p_value(*rng.binomial(360, 0.95, (2, SEEDS)) / 360) for _ in range(200)]
    assert min(ps) > LEVEL


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_training_is_found(name):
    rights = [on_digits(NETWORK, EPOCHS, seed) for seed in range(SEEDS)]
    with np.errstate(all="ignore"):  # the large rate overflows
        reached = [end(replace(right, recipe=WRONG[name](right.recipe))) for right in rights]
    assert p_value(reached, by_hand()) < LEVEL, (reached, by_hand())
