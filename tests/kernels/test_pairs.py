"""Pairs on a clock that moves as it is told: when to stop, in what order, what is left alone."""

import gc
from itertools import pairwise

import numpy as np
import pytest

from pytest_dualfw.kernels.pairs import NARROW, SETTLED, TIME, Samples, Stop, paired
from pytest_dualfw.kernels.statistics import ratio


class Clock:
    """Moved by the kernels that run on it."""

    def __init__(self):
        self.time, self.ran = 0.0, []

    def __call__(self):
        return self.time

    def kernel(self, name, seconds):
        """``seconds(clock)``: how long the next call takes."""

        def sample():
            taken = seconds(self)
            self.time += taken
            self.ran.append(name)
            return taken

        return sample


def constant(seconds):
    return lambda clock: seconds


def drawn(seed, scale):
    rng = np.random.default_rng(seed)
    return lambda clock: float(1e-3 * rng.lognormal(0, scale))


def run(a, b, **stop):
    clock = Clock()
    return paired(clock.kernel("a", a), clock.kernel("b", b), Stop(**stop), seed=1, now=clock), clock


def test_a_quiet_machine_is_left_after_the_least_time():
    found, clock = run(constant(3e-3), constant(1e-3))
    assert found.stop_reason == NARROW
    assert 0.2 <= clock.time < 0.3
    assert ratio(found.a, found.b).median == pytest.approx(3)


def test_not_before_so_many_pairs():
    found, _ = run(constant(1e-3), constant(1e-3), min_time=0.0, min_pairs=20)
    assert len(found.a) == len(found.b) == 20


def test_a_noisy_machine_is_measured_until_the_time_is_up():
    found, clock = run(drawn(1, 0.5), drawn(2, 0.5))
    assert found.stop_reason == TIME
    assert 2.0 <= clock.time < 2.1


def test_a_narrow_interval_stops_earlier_than_the_time():
    found, clock = run(drawn(1, 0.03), drawn(2, 0.03))
    assert found.stop_reason == NARROW
    assert clock.time < 1.5
    assert found.width() < 0.01


def test_more_time_narrows_the_interval():
    short, _ = run(drawn(1, 0.5), drawn(2, 0.5), max_time=0.5)
    long, _ = run(drawn(1, 0.5), drawn(2, 0.5), max_time=8.0)
    assert long.width() < 0.5 * short.width()


def test_noise_that_more_pairs_do_not_average_out_has_settled():
    """Two states, half of the time each: the median jumps between them however many pairs there are."""
    rng = np.random.default_rng(0)
    found, clock = run(lambda _: 1e-5 * (1.0 if rng.random() < 0.5 else 1.2), constant(1e-5), max_time=100.0)
    assert found.stop_reason == SETTLED
    assert clock.time < 2.0


def test_a_kernel_that_takes_longer_than_the_time_is_run_three_times():
    found, _ = run(constant(5.0), constant(1.0))
    assert (len(found.a), found.stop_reason) == (3, TIME)


def test_the_order_is_drawn_for_each_pair():
    _, clock = run(constant(1e-3), constant(1e-3))
    first = clock.ran[::2]
    assert {tuple(sorted(pair)) for pair in zip(clock.ran[::2], clock.ran[1::2], strict=True)} == {("a", "b")}
    assert 0.3 < first.count("a") / len(first) < 0.7
    assert any(x == y for x, y in pairwise(first))


def test_the_same_seed_draws_the_same_order():
    orders = []
    for _ in range(2):
        _, clock = run(constant(1e-3), constant(1e-3))
        orders.append(clock.ran)
    assert orders[0] == orders[1]


def test_what_slows_both_down_leaves_the_ratio_alone():
    """The machine is three times as slow from the middle on, and being second costs 10 %."""

    def seconds(kernel, own):
        def taken(clock):
            slow = 3.0 if clock.time > 1.0 else 1.0
            second = 1.1 if len(clock.ran) % 2 else 1.0
            return own * slow * second

        return taken

    found, _ = run(seconds("a", 1.03e-3), seconds("b", 1e-3), width=0.0)
    told = ratio(found.a, found.b)
    assert told.low <= 1.03 <= told.high
    assert np.mean(found.a[: len(found.a) // 2]) < 0.7 * np.mean(found.a)


def test_garbage_is_collected_between_samples_and_not_inside():
    was_on, inside = gc.isenabled(), []
    clock = Clock()

    def seconds(_):
        inside.append(gc.isenabled())
        return 1e-3

    paired(clock.kernel("a", seconds), clock.kernel("b", seconds), Stop(max_time=0.02), now=clock)
    assert not any(inside)
    assert gc.isenabled() == was_on
    assert gc.get_freeze_count() == 0


def test_garbage_collection_that_was_off_stays_off():
    clock = Clock()
    gc.disable()
    try:
        paired(clock.kernel("a", constant(1e-3)), clock.kernel("b", constant(1e-3)), Stop(max_time=0.02), now=clock)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_everything_is_put_back_when_a_kernel_raises():
    def breaks():
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        paired(breaks, breaks, Stop())
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_the_width_of_samples_is_relative_to_their_ratio():
    assert Samples([2.0, 2.0, 2.2], [1.0, 1.0, 1.0]).width() == pytest.approx(0.2 / (2.0 * 2.2) ** 0.5)
