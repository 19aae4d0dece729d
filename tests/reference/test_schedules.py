"""Learning rates and clipping against closed forms, and what they refuse."""

import numpy as np
import pytest

from reference.optimisers import clip_by_global_norm, clip_by_value, constant_rate, cosine_rate, stepped_rate


def test_a_constant_rate():
    assert {constant_rate(t, lr=0.3) for t in range(5)} == {0.3}


def test_a_stepped_rate_changes_after_every_so_many_steps():
    rates = [stepped_rate(t, lr=0.8, every=3, gamma=0.5) for t in range(8)]
    assert rates == [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2]


def test_a_cosine_rate_goes_up_in_a_line_and_down_in_half_a_wave():
    rates = [cosine_rate(t, lr=2.0, warmup=4, steps=10, start=0.5) for t in range(11)]
    assert rates[:5] == [1.0, 1.25, 1.5, 1.75, 2.0]
    assert rates[7] == pytest.approx(1.0)  # halfway down
    assert rates[10] == pytest.approx(0.0, abs=1e-15)
    assert np.add(rates[4:8], rates[10:6:-1]) == pytest.approx(2.0)  # symmetric about the middle


def test_clipping_by_norm_keeps_the_direction_and_cuts_the_length():
    gs = [np.array([3.0, 0.0]), np.array([[4.0]])]
    cut = clip_by_global_norm(gs, limit=1.0)
    together = np.concatenate([g.ravel() for g in cut])
    assert together == pytest.approx(np.array([0.6, 0.0, 0.8]), rel=1e-6)
    assert np.linalg.norm(together) == pytest.approx(5 / (5 + 1e-6), rel=1e-12)
    assert [g.tolist() for g in clip_by_global_norm(gs, limit=6.0)] == [g.tolist() for g in gs]
    assert clip_by_global_norm([np.zeros(3)], limit=1.0)[0].tolist() == [0, 0, 0]


def test_clipping_by_value_cuts_each_entry():
    cut = clip_by_value([np.array([-3.0, 0.25]), np.array([0.5, 2.0])], limit=0.5)
    assert [g.tolist() for g in cut] == [[-0.5, 0.25], [0.5, 0.5]]


def test_inputs_are_not_modified():
    g = np.array([3.0, -4.0])
    clip_by_global_norm([g], limit=1.0)
    clip_by_value([g], limit=1.0)
    assert g.tolist() == [3, -4]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: constant_rate(0, lr=-1), "lr is -1; allowed are values of at least 0"),
        (lambda: stepped_rate(0, lr=1, every=0, gamma=1), "every is 0; allowed are numbers of steps of at least 1"),
        (lambda: stepped_rate(0, lr=1, every=1, gamma=-1), "gamma is -1; allowed are values of at least 0"),
        (
            lambda: cosine_rate(0, lr=1, warmup=0, steps=5, start=1),
            "warmup is 0; allowed are numbers of steps of at least 1",
        ),
        (
            lambda: cosine_rate(0, lr=1, warmup=5, steps=5, start=1),
            "warmup is 5 of 5 steps; allowed are fewer than all",
        ),
        (lambda: clip_by_global_norm([], limit=-1), "limit is -1; allowed are values of at least 0"),
        (lambda: clip_by_value([], limit=-1), "limit is -1; allowed are values of at least 0"),
    ],
)
def test_errors_say_what_is_allowed(call, message):
    with pytest.raises(ValueError) as error:
        call()
    assert str(error.value) == message
