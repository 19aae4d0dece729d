"""Every planted mistake is seen in the right layer with the right cause; right ports of the same models pass."""

import pytest

from .planted import PLANTED, TWINS
from .runs import Found, compared


@pytest.mark.parametrize("slip", PLANTED, ids=str)
def test_a_planted_mistake_is_found(slip):
    found = Found(slip, compared(slip, seed=0))
    assert found.flagged
    assert found.localised, found.report
    assert found.named, found.report


@pytest.mark.parametrize("slip", TWINS, ids=str)
def test_its_right_twin_passes(slip):
    report = compared(slip, seed=0)
    assert report.verdict == "pass", report
    assert report.notes == []


def test_the_table_is_as_large_as_it_should_be():
    assert len(PLANTED) >= 40
    assert len({s.name for s in PLANTED}) == len(PLANTED)
    assert all(s.cause for s in PLANTED)
