import numpy as np
import pytest

from pytest_dualfw.history.robust import medians, memory, spread, trailing
from pytest_dualfw.history.suspect import _cusum, suspicion

LEAST = np.log(1.03)


def page(z, allowance):
    """The recursion as Page wrote it."""
    total, totals = 0.0, []
    for one in z:
        total = max(0.0, total + one - allowance)
        totals.append(total)
    return np.array(totals)


def test_the_sums_without_a_loop_are_pages():
    z = np.random.default_rng(0).normal(size=200)
    np.testing.assert_allclose(_cusum(z - 0.75), page(z, 0.75), atol=1e-12)


def test_a_step_is_suspected_on_its_second_night():
    x = np.random.default_rng(1).normal(size=60) * 0.01
    x[40:] += np.log(1.1)
    seen = suspicion(x, LEAST, 10)
    assert np.flatnonzero(seen)[0] == 41
    assert seen[41] == 1


def test_faster_is_seen_too():
    x = np.random.default_rng(1).normal(size=60) * 0.01
    x[40:] -= np.log(1.1)
    assert suspicion(x, LEAST, 10)[45] == -1


def test_one_night_alone_is_no_suspect_however_bad():
    x = np.random.default_rng(2).normal(size=60) * 0.01
    x[30] = 3.0
    assert not suspicion(x, LEAST, 10).any()


def test_what_goes_away_is_dropped():
    x = np.random.default_rng(3).normal(size=60) * 0.01
    x[30:33] += 0.15
    seen = suspicion(x, LEAST, 10)
    assert seen[32] == 1
    assert not seen[35:].any()


def test_a_night_never_looks_ahead():
    x = np.random.default_rng(4).normal(size=80) * 0.03
    x[50:] += 0.1
    whole = suspicion(x, LEAST, 10)
    for n in (11, 25, 52, 60):
        assert suspicion(x[:n], LEAST, 10).tolist() == whole[:n].tolist()


@pytest.mark.parametrize("level", [0.0, 5.0])
def test_constant_numbers_are_no_suspects_and_a_step_in_them_is_one(level):
    x = np.full(60, level)
    assert not suspicion(x, LEAST, 10).any()
    x[40:] += 0.05
    assert suspicion(x, LEAST, 10)[42] == 1


def test_rows_of_the_nights_before():
    rows = trailing(np.array([1.0, 2, 3]), 2)
    np.testing.assert_array_equal(rows, [[np.nan, np.nan], [np.nan, 1], [1, 2]])
    np.testing.assert_array_equal(trailing(np.array([1.0, 2, 3]), 2, own=True), [[np.nan, 1], [1, 2], [2, 3]])


def test_medians_leave_nan_out():
    rows = np.array([[np.nan, np.nan, np.nan], [np.nan, 4, 2], [5, 1, 3]])
    np.testing.assert_array_equal(medians(rows), [np.nan, 3, 3])


def test_spread_of_a_normal_law():
    assert spread(np.random.default_rng(5).normal(size=4000)) == pytest.approx(1.0, abs=0.05)


def test_memory_of_independent_and_of_autoregressive_nights():
    rng = np.random.default_rng(6)
    x = rng.normal(size=2000)
    assert memory(x) == pytest.approx(0.0, abs=0.05)
    for i in range(1, 2000):
        x[i] += 0.4 * x[i - 1]
    assert memory(x) == pytest.approx(0.4, abs=0.05)
    x[::10] += 50
    assert memory(x) < 0.4
    assert memory(np.zeros(20)) < 0.2
    assert memory(np.arange(100.0) - 50) == 0.5


def test_memory_of_few_nights():
    """Neighbours: ten alike, nine not, so 1/20; Kendall adds (1 + 3/20)/20; fifteen nights speak for 0.3."""
    assert memory(np.tile([1.0, 1, -1, -1], 5)) == pytest.approx((20 * (0.05 + 1.15 / 20) + 15 * 0.3) / 35)
