import numpy as np
import pytest
from scipy import stats

from pytest_dualfw.history.changes import CONFIRMED, SUSPECT
from pytest_dualfw.history.detect import changes, walked
from pytest_dualfw.history.discovery import FALSE_SHARE, judged, limit, together
from pytest_dualfw.history.model import JIT


@pytest.mark.parametrize("seed", range(30))
def test_the_limit_takes_what_scipys_adjusted_p_takes(seed):
    rng = np.random.default_rng(seed)
    p = np.concatenate([rng.uniform(size=40), rng.uniform(size=10) * rng.choice([1e-4, 1e-2])])
    taken = stats.false_discovery_control(p) <= FALSE_SHARE
    assert (p <= limit(p, 50)).tolist() == taken.tolist()


def test_what_is_not_listed_counts_as_tested():
    p = [0.0004, 0.2]
    assert limit(p, 2) == 0.0004
    assert limit(p, 125) == 0.0004
    assert limit(p, 126) == 0.0
    assert limit([], 100) == 0.0


def step(at=40, nights=60, seed=0):
    x = np.exp(0.01 * np.random.default_rng(seed).normal(size=nights))
    x[at:] *= 1.1
    return x


def test_alone_a_series_is_told_what_it_is_told_by_itself():
    values = step()
    assert together([walked(values, 0.0, JIT)], judged([values], 60)) == [changes(values, 0.0, JIT)]


def test_among_thousands_a_step_waits_for_more_nights():
    values = step()
    (few,), (many,) = (together([walked(values, 0.0, JIT)], np.full(60, n)) for n in (1, 5000))
    assert [(c.run, c.tier) for c in few] == [(c.run, c.tier) for c in many] == [(40, CONFIRMED)]
    assert few[0].found == 44 < many[0].found < 55
    assert many[0].p <= FALSE_SHARE / 5000 < few[0].p


def test_steps_in_many_series_at_once_need_not_wait():
    many = [step(seed=i) for i in range(50)]
    told = together([walked(v, 0.0, JIT) for v in many], np.full(60, 50))
    assert all(len(found) == 1 and abs(found[0].run - 40) <= 1 for found in told)
    assert np.median([found[0].found for found in told]) == 44


def test_a_suspect_is_told_whatever_the_others_do():
    ((told,),) = together([walked(step()[:42], 0.0, JIT)], np.full(42, 10**6))
    assert told.tier == SUSPECT


def test_judged_are_those_with_a_night_and_ten_before():
    late = np.where(np.arange(20) < 5, np.nan, 1.0)
    assert judged([np.ones(20), late], 20).tolist() == [0] * 10 + [1] * 5 + [2] * 5
