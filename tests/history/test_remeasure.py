import numpy as np
import pytest

from pytest_dualfw.history.model import COMPILE, EAGER, JIT, MEMORY, RATIO
from pytest_dualfw.history.remeasure import needs_remeasuring

TEN = np.full(10, 2.0)


@pytest.mark.parametrize(
    ("quantity", "fine", "suspect"),
    [
        (JIT, 2.079, 2.081),
        (EAGER, 2.079, 2.081),
        (RATIO, 1.924, 1.922),
        (COMPILE, 2.39, 2.41),
        (MEMORY, 2.09, 2.11),
    ],
)
def test_a_night_on_the_worse_side_is_measured_again(quantity, fine, suspect):
    assert not needs_remeasuring(TEN, fine, quantity, 0.0)
    assert needs_remeasuring(TEN, suspect, quantity, 0.0)
    assert not needs_remeasuring(TEN, 4 / suspect, quantity, 0.0)


def test_a_machine_that_sees_less_asks_less_often():
    assert not needs_remeasuring(TEN, 2.1, JIT, 0.06)
    assert needs_remeasuring(TEN, 2.13, JIT, 0.06)
    assert needs_remeasuring(TEN, 2.11, MEMORY, 0.06)


def test_only_the_last_ten_nights_that_measured_count():
    earlier = np.concatenate([np.full(30, 9.0), np.insert(TEN, [0, 5, 10], np.nan)])
    assert needs_remeasuring(earlier, 2.2, JIT, 0.0)


@pytest.mark.parametrize("earlier", [[], [2.0] * 4, [np.nan] * 20, [0.0, np.inf] * 10])
def test_without_five_nights_there_is_nothing_to_suspect(earlier):
    assert not needs_remeasuring(np.array(earlier), 9.0, JIT, 0.0)


@pytest.mark.parametrize("value", [np.nan, 0.0, -1.0])
def test_what_is_no_number_is_not_measured_again(value):
    assert not needs_remeasuring(TEN, value, RATIO, 0.0)
