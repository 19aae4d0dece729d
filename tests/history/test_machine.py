import numpy as np
import pytest

from pytest_dualfw.history.changes import CONFIRMED, MACHINE, SUSPECT, Change
from pytest_dualfw.history.judge import judge
from pytest_dualfw.history.machine import FEWEST_SERIES, alike, shifts
from pytest_dualfw.history.model import COMPILE, EAGER, JIT

from .planted import NIGHTS, cut, series, stepped, timeline

SLOW = stepped(NIGHTS, 35, 1.12)


def many(n=20, first=0, **planted):
    return [series(f"k{i}", np.random.default_rng(i), sigma=0.01, **planted) for i in range(first, first + n)]


def groups(judged):
    return {s.series.bench.id: s.group for s in judged.series}


def test_a_slower_machine_is_told_once_and_no_series_is_blamed():
    judged = judge(timeline(many(**{JIT: SLOW, EAGER: SLOW})))
    (change,) = judged.machine.values()
    assert (change.run, change.tier, change.blame, change.worse) == (35, CONFIRMED, MACHINE, True)
    assert change.factor == pytest.approx(1.12, rel=0.01)
    assert set(groups(judged).values()) == {"same"}
    assert not any(s.changes for s in judged.series)


def test_what_changed_beside_the_machine_is_still_found():
    both = SLOW * stepped(NIGHTS, 35, 1.1)
    judged = judge(
        timeline(
            [*many(**{JIT: SLOW, EAGER: SLOW}), series("bad", np.random.default_rng(99), **{JIT: both, EAGER: SLOW})]
        )
    )
    assert len(judged.machine) == 1
    assert groups(judged).pop("bad") == "regressed"
    (jit,) = (c for c in judged.series[-1].changes.values() if c.quantity == JIT)
    assert (abs(jit.run - 35) <= 1, jit.blame) == (True, "compiler")
    assert jit.factor == pytest.approx(1.1, rel=0.03)


def test_a_slower_machine_compiles_slower():
    slow = stepped(NIGHTS, 35, 1.4)
    judged = judge(timeline(many(**{JIT: slow, EAGER: slow, COMPILE: slow})))
    assert len(judged.machine) == 1
    assert set(groups(judged).values()) == {"same"}


def test_a_machine_that_has_just_become_slower_is_a_suspect_and_nothing_else_is():
    whole = timeline(many(**{JIT: SLOW, EAGER: SLOW}))
    judged = judge(timeline([cut(s, 38) for s in whole.series], 38))
    assert [(c.run, c.tier) for c in judged.machine.values()] == [(35, SUSPECT)]
    assert set(groups(judged).values()) == {"same"}


def test_few_series_make_no_machine():
    assert shifts(many(FEWEST_SERIES - 1, **{JIT: SLOW, EAGER: SLOW}), 0.0) == []
    assert len(shifts(many(FEWEST_SERIES, **{JIT: SLOW, EAGER: SLOW}), 0.0)) == 1


def test_jit_alone_is_no_machine_even_in_all_series():
    judged = judge(timeline(many(**{JIT: SLOW})))
    assert judged.machine == {}
    assert set(groups(judged).values()) == {"regressed"}
    assert {c.blame for s in judged.series for c in s.changes.values()} == {"compiler"}


def test_both_sides_have_to_move_alike():
    change = Change(JIT, 35, 40, CONFIRMED, 1.12, 1e-4, worse=True)
    assert alike(many(**{JIT: SLOW, EAGER: SLOW}), change)
    assert not alike(many(**{JIT: SLOW}), change)
    assert not alike(many(**{EAGER: SLOW}), change)
    assert not alike(many(**{JIT: SLOW * SLOW, EAGER: SLOW * SLOW}), change)


def test_half_of_the_series_are_no_machine():
    judged = judge(timeline([*many(10, **{JIT: SLOW, EAGER: SLOW}), *many(10, 10)]))
    assert judged.machine == {}
    assert list(groups(judged).values()).count("regressed") == 10


def test_a_machine_that_recovers_is_told_twice():
    slow = np.where((np.arange(NIGHTS) >= 25) & (np.arange(NIGHTS) < 45), 1.12, 1.0)
    judged = judge(timeline(many(**{JIT: slow, EAGER: slow})))
    assert [(c.run, c.worse) for c in judged.machine.values()] == [(25, True), (45, False)]
    assert set(groups(judged).values()) == {"same"}
