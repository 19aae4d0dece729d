"""What docs/nights.md promises, on fewer series than its table."""

import pytest

from .nights import SCENARIOS, Noise, tally

SERIES, SEED = 40, 7
BY_NAME = {s.name: s for s in SCENARIOS}
QUIET = [s for s in SCENARIOS if not s.way]


@pytest.mark.parametrize("sigma", [0.02, 0.005])
def test_steps_are_found_in_time(sigma):
    for name, least in (("step, +5 %", 0.95), ("step, +10 %", 1.0), ("step, -10 %", 0.97)):
        found = tally(BY_NAME[name], Noise(sigma), 60, SERIES, SEED)
        assert found.found >= least
        assert sorted(found.delays)[SERIES // 2] <= 5
        assert found.false == 0


def test_a_drift_is_found():
    assert tally(BY_NAME["drift, +10 % in 40 nights"], Noise(0.02), 60, SERIES, SEED).found >= 0.9


@pytest.mark.parametrize("scenario", QUIET, ids=lambda s: s.name)
def test_quiet_nights_stay_quiet(scenario):
    """2400 nights each: 0.02 in 100 are half an alert; a machine that wanders is allowed four."""
    found = tally(scenario, Noise(0.02), 60, SERIES, SEED)
    assert found.false <= (4 if scenario.name.startswith("AR") else 1 if scenario.name != "quiet" else 0)
