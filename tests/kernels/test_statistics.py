"""The median of paired ratios and its interval: closed forms, then how often the interval holds the truth."""

import numpy as np
import pytest

from pytest_dualfw.kernels.statistics import interval, order_interval, quartiles, ratio


def test_quartiles_are_linear_between_neighbours():
    assert quartiles([4.0, 1.0, 2.0, 3.0]) == (1.75, 2.5, 3.25)
    assert quartiles([7.0]) == (7.0, 7.0, 7.0)


def test_the_median_of_the_ratios_is_not_the_ratio_of_the_medians():
    found = ratio([2.0, 8.0, 9.0], [1.0, 2.0, 9.0])
    assert (found.median, found.pairs) == (pytest.approx(2.0), 3)
    assert found.low == pytest.approx(1.0) and found.high == pytest.approx(4.0)


def test_equal_pairs_have_no_interval():
    found = ratio([3.0] * 20, [2.0] * 20)
    assert found.median == found.low == found.high == pytest.approx(1.5)
    assert found.width == 0


def test_one_pair_is_its_own_interval():
    found = ratio([3.0], [2.0])
    assert (found.low, found.median, found.high) == (pytest.approx(1.5),) * 3


def test_the_interval_is_the_same_for_the_same_seed_and_turns_over_with_the_sides():
    rng = np.random.default_rng(0)
    a, b = rng.lognormal(0, 0.3, 200), rng.lognormal(0.1, 0.3, 200)
    assert ratio(a, b, seed=5) == ratio(a, b, seed=5)
    there, back = ratio(a, b), ratio(b, a)
    assert back.median == pytest.approx(1 / there.median)
    assert back.low == pytest.approx(1 / there.high, rel=0.02)


def test_the_order_statistics_of_a_hundred():
    """P(x(40) < median < x(61)) = 0.9540 for a binomial of 100 halves (David and Nagaraja, 7.1)."""
    assert order_interval(np.arange(1.0, 101.0)) == (41.0, 60.0)


def test_of_fewer_than_six_the_extremes():
    assert order_interval(np.array([3.0, 1.0, 2.0, 5.0, 4.0])) == (1.0, 5.0)


@pytest.mark.parametrize(
    ("a", "b", "sentence"),
    [
        ([1.0, 2.0], [1.0], "there are 2 and 1 samples; allowed are pairs, at least one"),
        ([], [], "there are 0 and 0 samples; allowed are pairs, at least one"),
        ([1.0, 0.0], [1.0, 1.0], "a sample is not positive; a clock that stands still measures nothing"),
    ],
)
def test_what_is_not_paired_has_no_ratio(a, b, sentence):
    with pytest.raises(ValueError) as error:
        ratio(a, b)
    assert str(error.value) == sentence


def noisy(rng, n, truth=1.05):
    """Paired times of two kernels on a busy machine: both drift together, each has lognormal noise of 15 %, and one
    sample in twenty is interrupted and takes up to six times as long.
    """
    drift = np.exp(np.cumsum(rng.normal(0, 0.02, n)))
    sides = [drift * rng.lognormal(0, 0.15, n) * np.where(rng.random(n) < 0.05, rng.uniform(1, 6, n), 1) for _ in "ab"]
    return truth * sides[0], sides[1]


@pytest.mark.parametrize("n", [8, 30, 200])
def test_the_interval_holds_the_truth_as_often_as_it_says(n):
    rng, runs = np.random.default_rng(n), 400
    found = [ratio(*noisy(rng, n), seed=i) for i in range(runs)]
    held = sum(r.low <= 1.05 <= r.high for r in found) / runs
    assert held >= 0.95 - 2 * (0.95 * 0.05 / runs) ** 0.5
    assert held < 0.995


def burst(rng, n):
    """Noise that lasts over several pairs: an autoregression of order one with a memory of five pairs."""
    x = np.zeros(n)
    for i in range(1, n):
        x[i] = 0.8 * x[i - 1] + rng.normal(0, 0.05)
    return x


def test_noise_that_lasts_over_several_pairs_widens_the_interval():
    """Drawn pair by pair it would hold the truth in two cases of three only."""
    rng, runs = np.random.default_rng(1), 300
    series = [burst(rng, 400) for _ in range(runs)]
    blocks = sum(low <= 0 <= high for low, high in (interval(x, i) for i, x in enumerate(series))) / runs
    single = sum(low <= 0 <= high for low, high in map(order_interval, series)) / runs
    assert single < 0.75
    assert blocks > 0.85


def test_drift_of_both_sides_cancels():
    """Half as fast at the end as at the beginning: the ratio of medians of one side after the other would be off."""
    drift = np.linspace(1, 2, 400)
    found = ratio(1.03 * drift, drift)
    assert found.low == found.high == pytest.approx(1.03)


def test_many_pairs_are_drawn_in_parts():
    rng = np.random.default_rng(3)
    a, b = (rng.lognormal(0, 0.2, 20_000) for _ in "ab")
    assert ratio(a, b).covers_one
    assert ratio(a, b).width < 0.02
