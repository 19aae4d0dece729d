import numpy as np
import pytest

from pytest_dualfw.history.changes import CONFIRMED, SUSPECT
from pytest_dualfw.history.confirm import confirmed, holds, inflated, inflation
from pytest_dualfw.history.detect import changes, walked
from pytest_dualfw.history.model import COMPILE, EAGER, JIT, MEMORY, QUANTITIES, RATIO
from pytest_dualfw.history.rules import least

from .nights import SCENARIOS, Noise, stored


def stepped(factor, at=40, nights=60, sigma=0.01, seed=0):
    x = np.exp(sigma * np.random.default_rng(seed).normal(size=nights))
    x[at:] *= factor
    return x


@pytest.mark.parametrize("factor", [1.1, 1 / 1.1])
@pytest.mark.parametrize(("quantity", "upwards_is_worse"), [(RATIO, False), (JIT, True), (EAGER, True)])
def test_a_step_is_told_with_its_run_its_factor_and_whether_anybody_minds(quantity, upwards_is_worse, factor):
    (told,) = changes(stepped(factor), 0.0, quantity)
    assert (told.quantity, told.run, told.found, told.tier) == (quantity, 40, 44, CONFIRMED)
    assert told.factor == pytest.approx(factor, rel=0.01)
    assert told.p < 0.0005
    assert told.worse == (upwards_is_worse == (factor > 1))


@pytest.mark.parametrize(
    ("quantity", "below", "above"), [(JIT, 1.02, 1.04), (COMPILE, 1.15, 1.3), (MEMORY, 1.04, 1.06)]
)
def test_the_least_step_of_each_quantity(quantity, below, above):
    assert changes(stepped(below, sigma=0.001), 0.0, quantity) == []
    assert [c.run for c in changes(stepped(above, sigma=0.001), 0.0, quantity)] == [40]


def test_a_machine_that_sees_little_is_asked_for_twice_what_it_sees():
    assert changes(stepped(1.055, sigma=0.001), 0.03, JIT) == []
    assert [c.run for c in changes(stepped(1.07, sigma=0.001), 0.03, JIT)] == [40]
    assert [c.run for c in changes(stepped(1.06, sigma=0.001), 0.03, MEMORY)] == [40]
    assert least(COMPILE, 0.03) == pytest.approx(np.log(1.2))


def test_two_nights_are_a_suspect_and_five_a_change():
    values = stepped(1.1)
    assert changes(values[:41], 0.0, JIT) == []
    (suspect,) = changes(values[:43], 0.0, JIT)
    assert (suspect.tier, suspect.run, suspect.found, suspect.p, suspect.worse) == (SUSPECT, 40, 41, 1.0, True)
    assert suspect.factor == pytest.approx(1.1, rel=0.02)
    assert [c.tier for c in changes(values[:45], 0.0, JIT)] == [CONFIRMED]


def test_a_suspect_that_goes_away_is_dropped():
    values = stepped(1.0)
    values[40:43] *= 1.15
    assert [c.tier for c in changes(values[:43], 0.0, JIT)] == [SUSPECT]
    assert changes(values, 0.0, JIT) == []


def test_what_is_mended_after_a_week_is_told_as_mended():
    values = stepped(1.1)
    values[47:] /= 1.1
    first, second = changes(values, 0.0, JIT)
    assert (first.run, first.worse) == (40, True)
    assert (second.run, second.worse) == (47, False)


def test_what_was_told_is_never_taken_back():
    """Judged after each night anew, the confirmed changes are those of the end that were found by then."""
    for i in range(8):
        values, _ = stored(SCENARIOS[i], Noise(0.02), 90, np.random.default_rng(i), again=True)
        values[60:] *= 1.2
        whole = [c for c in changes(values, 0.0, JIT) if c.tier == CONFIRMED]
        assert whole
        for n in range(1, 91):
            part = [c for c in changes(values[:n], 0.0, JIT) if c.tier == CONFIRMED]
            assert part == [c for c in whole if c.found < n]


def test_runs_that_measured_nothing_are_left_out():
    values = stepped(1.1)
    gaps = np.insert(values, np.arange(0, 60, 3), [np.nan, 0.0, np.inf, -1.0] * 5)
    (told,), (plain,) = changes(gaps, 0.0, JIT), changes(values, 0.0, JIT)
    assert (gaps[told.run], gaps[told.found]) == (values[plain.run], values[plain.found])
    assert (told.factor, told.p) == (plain.factor, plain.p)


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize(
    "values",
    [[], [1.0], [np.nan] * 50, [0.0] * 50, [4096.0] * 200, [1.0] * 10 + [2.0], [1e-300, 1e300] * 40, [5e-324] * 30],
)
def test_nothing_changes_in_these(values, quantity):
    assert changes(np.array(values), 0.0, quantity) == []


def test_ten_nights_are_a_baseline_and_nine_are_none():
    assert changes(stepped(1.5, at=9, nights=10), 0.0, JIT) == []
    assert changes(stepped(1.5, at=10, nights=12), 0.0, JIT)[0].tier == SUSPECT
    assert [(c.run, c.tier) for c in changes(stepped(1.5, at=10, nights=20), 0.0, JIT)] == [(10, CONFIRMED)]


def test_constant_and_rounded_numbers():
    memory = np.where(np.arange(60) < 30, 4096.0, 4608.0)
    assert [(c.run, c.found) for c in changes(memory, 0.0, MEMORY)] == [(30, 34)]
    compiling = np.round(0.8 * np.exp(0.05 * np.random.default_rng(0).normal(size=365)), 1)
    assert changes(compiling, 0.0, COMPILE) == []
    compiling[200:] += 0.3
    assert [c.run for c in changes(compiling, 0.0, COMPILE)] == [200]


def test_what_follows_a_step_is_found_after_it_was_told():
    """The first step is told late, when the second is long plain; that one is told on the next night."""
    values = stepped(1.3, at=30)
    values[40:] *= 1.1
    walk = walked(values, 0.0, JIT)
    change = next(walk)
    while change.found < 48:
        change = walk.send(False)
    following = walk.send(True)
    assert [(c.run, c.found) for c in (change, following)] == [(30, 48), (40, 49)]


def test_four_of_the_last_five_nights_hold_a_step():
    assert holds(np.array([0.1, 0.1, 0.0, 0.1, 0.06]), 0.1)
    assert not holds(np.array([0.1, 0.1, 0.0, 0.1, 0.04]), 0.1)
    assert holds(np.array([-0.1, -0.1, 0.0, -0.1, -0.06]), -0.1)


def test_three_bad_nights_and_a_middling_one_are_no_step():
    values = stepped(1.0)
    values[40:45] *= [1.02, 1.12, 1.11, 1.09, 1.02]
    assert all(c.tier == SUSPECT for n in range(41, 60) for c in changes(values[:n], 0.0, JIT))


def test_nights_that_resemble_each_other_need_more_of_them():
    assert inflation(0.0) == 1.0
    assert inflation(0.5) == 3.0
    assert inflated(0.01, 1.0) == pytest.approx(0.01)
    # The normal quantile of 0.01 is 2.5758; of 2.5758 / sqrt(3) = 1.4871 the two-sided p is 0.137.
    assert inflated(0.01, 3.0) == pytest.approx(0.137, abs=5e-4)


def test_confirmed_asks_for_the_direction_of_the_suspicion():
    x = np.log(stepped(1.1))[:50]
    assert confirmed(x, 1, np.log(1.03), 10).at == 40
    assert confirmed(x, -1, np.log(1.03), 10) is None
