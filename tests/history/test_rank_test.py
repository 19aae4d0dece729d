import itertools

import numpy as np
import pytest
from scipy import stats

from pytest_dualfw.history.rank_test import doubled_ranks, mann_whitney, shift


@pytest.mark.parametrize(("m", "n"), [(5, 20), (5, 10), (1, 3), (12, 7), (20, 20)])
@pytest.mark.parametrize("gap", [0.0, 1.0, 3.0])
def test_without_ties_it_is_scipys_exact_test(m, n, gap):
    rng = np.random.default_rng(m * n)
    for _ in range(10):
        x, y = gap + rng.normal(size=m), rng.normal(size=n)
        assert mann_whitney(x, y) == pytest.approx(stats.mannwhitneyu(x, y, method="exact").pvalue, rel=1e-9)


def test_with_ties_it_counts_all_ways_to_share_out_the_ranks():
    after, before = np.array([3.0, 3, 4, 3]), np.array([1.0, 2, 3, 2, 2, 1])
    ranks = stats.rankdata(np.concatenate([after, before]))
    sums = [sum(ranks[list(chosen)]) for chosen in itertools.combinations(range(10), 4)]
    above = np.mean([s >= sum(ranks[:4]) for s in sums])
    assert mann_whitney(after, before) == pytest.approx(2 * above, rel=1e-12)
    assert mann_whitney(before, after) == pytest.approx(2 * above, rel=1e-12)


def test_equal_numbers_differ_in_nothing():
    assert mann_whitney(np.ones(5), np.ones(20)) == 1.0


def test_the_smallest_p_of_five_against_twenty():
    assert mann_whitney(np.arange(5.0) + 100, np.arange(20.0)) == pytest.approx(2 / 53130)


def test_doubled_ranks_are_whole_with_ties():
    assert doubled_ranks(np.array([7.0, 5, 7, 9])).tolist() == [5, 2, 5, 8]


def test_the_shift_is_the_median_of_all_differences():
    assert shift(np.array([1.0, 2, 9]), np.array([0.0, 1])) == 1.5
