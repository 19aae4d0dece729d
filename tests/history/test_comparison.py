"""Two histories held against each other: what is told, what is not, and how often in error."""

from dataclasses import replace

import numpy as np
import pytest

from pytest_dualfw.history.comparison import Comparison, compared, in_turn
from pytest_dualfw.history.model import EAGER, JIT, MEMORY, QUANTITIES, RATIO, History

from .disk import stepped
from .planted import series, timeline

RUNS = 8


def history(*many, key="7aaf4e3c4fc0"):
    found = timeline(many, nights=len(many[0].status))
    return History([replace(found, key=key)], [], 1)


def side(seed, nights=RUNS, name="matmul", **factors):
    """One kernel whose quantities are so many times as large."""
    one = {quantity: stepped(nights, 0, factor) for quantity, factor in factors.items()}
    return history(series(name, np.random.default_rng(seed), nights, **one))


def verdicts(found: Comparison):
    """Of what differs: quantity -> verdict, and whether it is worse."""
    return {d.quantity: (d.verdict, d.worse) for d in found.differences if d.verdict != "same"}


WORSE, BETTER = ("confirmed", True), ("confirmed", False)


@pytest.mark.parametrize("how", [compared, in_turn])
@pytest.mark.parametrize(
    ("factors", "told"),
    [
        ({}, {}),
        ({JIT: 1.2}, {JIT: WORSE, RATIO: WORSE}),
        ({JIT: 0.8}, {JIT: BETTER, RATIO: BETTER}),
        ({EAGER: 1.2}, {EAGER: WORSE, RATIO: BETTER}),
        ({EAGER: 0.8}, {EAGER: BETTER, RATIO: BETTER}),  # the ratio fell, and harms nobody
        ({JIT: 1.2, EAGER: 1.2}, {JIT: WORSE, EAGER: WORSE}),
        ({MEMORY: 1.06}, {MEMORY: WORSE}),
        ({MEMORY: 1.04}, {}),  # below what is told of memory
        ({JIT: 1.01, EAGER: 1.01}, {}),
    ],
)
def test_which_way_is_worse(how, factors, told):
    found = how(side(1), side(2, **factors))
    assert verdicts(found) == told
    assert {d.quantity for d in found.differences} == set(QUANTITIES)
    assert (found.alone, found.note) == ([], "")


def test_a_factor_is_that_of_the_levels():
    (jit,) = [d for d in compared(side(1), side(2, jit=1.2)).differences if d.quantity == JIT]
    assert jit.factor == pytest.approx(1.2, rel=0.02)
    assert jit.after / jit.before == pytest.approx(1.2, rel=0.02)
    assert (jit.bench, jit.runs) == ("matmul forward", RUNS)
    assert jit.p == pytest.approx(2 / 12870)  # two of the 16 over 8 ways to share out the ranks


@pytest.mark.parametrize("how", [compared, in_turn])
def test_few_runs_are_judged_by_size(how):
    found = how(side(1, nights=4), side(2, nights=4, jit=1.2))
    assert verdicts(found) == {JIT: ("suspect", True), RATIO: ("suspect", True)}
    assert {d.p for d in found.differences} == {1.0}
    assert not found.worse("confirmed") and len(found.worse("suspect")) == 2


def test_the_side_with_fewer_runs_counts():
    found = compared(side(1, nights=30), side(2, nights=4, jit=1.2))
    assert {d.runs for d in found.differences} == {4}
    assert verdicts(found)[JIT] == ("suspect", True)


def test_only_the_last_twenty_runs_count():
    older = series("matmul", np.random.default_rng(1), 60, jit=np.where(np.arange(60) < 40, 3.0, 1.0))
    found = compared(history(older), side(2, nights=20))
    assert verdicts(found) == {}
    assert {d.runs for d in found.differences} == {20}


def test_what_the_machine_cannot_see_is_not_told():
    slow = side(2, jit=1.1)
    rough = History([replace(t, machine={"floor": 0.06}) for t in slow.timelines], [], 1)
    assert JIT in verdicts(compared(side(1), slow))
    assert verdicts(compared(side(1), rough)) == {}


def test_another_machine_has_ratios_only():
    other = side(2, jit=1.2)
    other = History([replace(t, key="beef") for t in other.timelines], [], 1)
    found = compared(side(1), other)
    assert verdicts(found) == {RATIO: WORSE}
    assert [d.quantity for d in found.differences] == [RATIO]
    assert found.note == "measured on 7aaf4e3c4fc0 and on beef: times do not compare, ratios do"


def test_of_several_timelines_the_latest_counts():
    old, new = side(1, jit=3.0).timelines[0], side(1).timelines[0]
    new = replace(new, runs=[replace(run, started=f"2026-02{run.started[7:]}") for run in new.runs])
    for order in ([old, new], [new, old]):
        assert verdicts(compared(History(order, [], 2), side(2))) == {}


def test_what_one_side_alone_has_is_named():
    rng = np.random.default_rng(1)
    one, other, both = (series(name, rng, RUNS) for name in ("only a", "only b", "both"))
    found = compared(history(one, both), history(other, both))
    assert found.alone == ["only a forward", "only b forward"]
    assert {d.bench for d in found.differences} == {"both forward"}


def test_a_quantity_of_one_side_alone_is_not_compared():
    bare = side(2)
    (one,) = bare.timelines[0].series
    empty = {**one.values, MEMORY: np.full(RUNS, np.nan)}
    bare = history(replace(one, values=empty))
    assert MEMORY not in {d.quantity for d in compared(side(1), bare).differences}


@pytest.mark.parametrize("how", [compared, in_turn])
def test_nothing_at_all(how):
    assert how(History([], []), History([], [])).to_json() == {
        "schema": "dualfw-comparison/1", "differences": [], "alone": [], "note": ""}  # fmt: skip


def test_rounds_share_what_the_machine_did():
    """A machine that wanders by 20 % from round to round hides 5 % from runs apart, and not from rounds."""
    wander = np.exp(0.2 * np.random.default_rng(3).normal(size=10))
    before, after = (
        history(series("matmul", np.random.default_rng(seed), 10, jit=factor * wander, eager=wander, sigma=0.01))
        for seed, factor in ((1, 1.0), (2, 1.05))
    )
    assert JIT not in verdicts(compared(before, after))
    assert verdicts(in_turn(before, after))[JIT] == WORSE


@pytest.mark.parametrize("how", [compared, in_turn])
def test_quiet_comparisons_stay_quiet(how):
    """Noise of 2 %, eight runs of each side: of 200 comparisons of four kernels each at most a few tell anything."""
    rng = np.random.default_rng(4)
    sides = ([history(*(series(f"k{i}", rng, RUNS) for i in range(4))) for _ in range(2)] for _ in range(200))
    told = [found for before, after in sides if (found := verdicts(how(before, after)))]
    confirmed = [found for found in told if "confirmed" in {verdict for verdict, _ in found.values()}]
    assert len(confirmed) <= 4
    assert len(told) <= 20
