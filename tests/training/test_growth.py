"""The rate at which roundings grow, on systems whose rate is known."""

import math

import numpy as np
import pytest
from pytest_dualfw.suites.training.growth import Growth


def test_an_exponential_is_found_exactly():
    growth = Growth.of(1e-12 * np.exp(0.05 * np.arange(100)))
    assert growth.rate == pytest.approx(0.05)
    assert growth.start == pytest.approx(1e-12)
    assert growth.doubling == pytest.approx(math.log(2) / 0.05)
    assert growth.reaches(1e-2) == pytest.approx(math.log(1e10) / 0.05)


def test_the_logistic_map_doubles_in_every_step():
    """x -> 4 x (1 - x) has the Lyapunov exponent log 2."""
    rng, distances = np.random.default_rng(4), []
    x = rng.uniform(0.1, 0.9, 200)
    y = x * (1 + 1e-13)
    for _ in range(30):
        distances.append(np.sqrt(np.mean((x - y) ** 2)))
        x, y = 4 * x * (1 - x), 4 * y * (1 - y)
    growth = Growth.of(np.array(distances))
    assert growth.rate == pytest.approx(math.log(2), rel=0.15)
    assert 30 < growth.reaches(1e-2) < 45


def test_what_has_saturated_does_not_flatten_the_line():
    grown = np.minimum(1e-6 * np.exp(0.3 * np.arange(200)), 0.5)
    assert Growth.of(grown).rate == pytest.approx(0.3)


def test_what_shrinks_or_is_too_short_never_arrives():
    for distances in (1e-9 * np.exp(-0.1 * np.arange(50)), np.zeros(50), np.full(3, 1e-9)):
        growth = Growth.of(distances)
        assert growth.reaches(1e-2) == math.inf
        assert growth.doubling == math.inf
    assert Growth(0.5, 0.1).reaches(1e-2) == 0
