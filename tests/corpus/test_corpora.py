"""Every planted bug is caught; no right function is flagged, and only those listed may be inconclusive.

The quick profile takes one seed, since every case on JAX compiles; ``--fw-profile=full`` takes ten.
"""

import pytest

from .correct import CORRECT
from .planted import PLANTED
from .runs import FRAMEWORKS, MAY_BE_INCONCLUSIVE, reason_of, runs

QUICK, FULL = 1, 10

# torch.compile itself instantiates the autograd.Function that it traces, and warns of it; some cases are meant to
# overflow, and some run what a compiler has an opinion of.
pytestmark = pytest.mark.filterwarnings("ignore")


def on_each(cases):
    return [pytest.param(c, fw, id=f"{fw}-{c.name}") for c in cases for fw in FRAMEWORKS if c.on(fw)]


@pytest.fixture
def seeds(request):
    profile = request.config.getoption("fw_profile", None) or "quick"
    return range(QUICK if profile == "quick" else FULL)


@pytest.mark.parametrize(("case", "framework"), on_each(PLANTED))
def test_a_planted_bug_is_caught(case, framework, seeds):
    assert [
        f"{name}\n{report}" for name, report in runs(case, framework, seeds) if report.verdict != "discrepancy"
    ] == []


@pytest.mark.parametrize(("case", "framework"), on_each(CORRECT))
def test_a_right_function_is_not_flagged(case, framework, seeds):
    allowed = {"pass", "inconclusive"} if reason_of(case) else {"pass"}
    assert [f"{name}\n{report}" for name, report in runs(case, framework, seeds) if report.verdict not in allowed] == []


def test_the_corpora_are_as_large_as_they_should_be():
    assert len(PLANTED) >= 60
    assert len(CORRECT) >= 40
    assert len({c.name for c in PLANTED}) == len(PLANTED)
    assert len({c.name for c in CORRECT}) == len(CORRECT)


def test_what_may_be_inconclusive_is_in_the_corpus():
    assert set(MAY_BE_INCONCLUSIVE) <= {c.name for c in CORRECT} | {c.family for c in CORRECT}
