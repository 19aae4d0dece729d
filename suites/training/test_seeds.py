"""Where no run can be followed step for step: the accuracies of several seeds are of the same law as in NumPy."""

from typing import Any

import pytest

from .networks import on_digits
from .running import Course, trainer_of
from .seeds import EPOCHS, LEVEL, NETWORK, SEEDS, by_hand, p_value


@pytest.mark.profile("full")
@pytest.mark.fw_only(dtype="float32")
def test_accuracies_over_seeds(fw: Any, report_row: Any) -> None:
    trainer, reached = trainer_of(fw, on_digits(NETWORK, EPOCHS)), []
    for seed in range(SEEDS):
        course = Course(fw, on_digits(NETWORK, EPOCHS, seed))
        for _ in course.moments(trainer):
            pass
        reached.append(course.accuracy())
    p = p_value(reached, by_hand())
    lowest, highest = min(reached), max(reached)
    report_row("accuracy over seeds", network=NETWORK, seeds=SEEDS, lowest=lowest, highest=highest, p=p)
    assert p > LEVEL, f"accuracies {reached} on {fw.target} and {by_hand()} in NumPy differ with p = {p:.2g}"
