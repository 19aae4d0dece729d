import hashlib
from dataclasses import replace

import numpy as np
import pytest

from pytest_dualfw.history.changes import CONFIRMED, SUSPECT
from pytest_dualfw.history.judge import change_id, judge
from pytest_dualfw.history.model import COMPILE, EAGER, JIT, MEMORY, RATIO
from pytest_dualfw.history.standing import GROUPS

from .planted import NIGHTS, cut, series, stepped, timeline

UP, DOWN = stepped(NIGHTS, 40, 1.1), stepped(NIGHTS, 40, 1 / 1.1)


def judged(seed=0, **planted):
    return judge(timeline([series("k", np.random.default_rng(seed), **planted)])).series[0]


def told(one):
    return {c.quantity: c for c in one.changes.values()}


@pytest.mark.parametrize(
    ("planted", "group", "quantities", "blame"),
    [
        ({}, "same", set(), None),
        ({JIT: UP}, "regressed", {JIT, RATIO}, "compiler"),
        ({EAGER: UP}, "regressed", {EAGER, RATIO}, "op"),
        ({JIT: UP, EAGER: UP}, "regressed", {JIT, EAGER}, "library or kernel"),
        ({JIT: DOWN}, "improved", {JIT, RATIO}, "compiler"),
        ({EAGER: DOWN}, "improved", {EAGER, RATIO}, "op"),
        ({JIT: DOWN, EAGER: DOWN}, "improved", {JIT, EAGER}, "library or kernel"),
        ({COMPILE: stepped(NIGHTS, 40, 2.0)}, "regressed", {COMPILE}, ""),
        ({MEMORY: DOWN}, "improved", {MEMORY}, ""),
    ],
)
def test_group_and_blame(planted, group, quantities, blame):
    for seed in range(5):
        one = judged(seed, **planted)
        assert one.group == group
        assert set(told(one)) == quantities
        assert {c.blame for c in one.changes.values()} <= {blame}
        assert all(38 <= c.run <= 42 and c.tier == CONFIRMED for c in one.changes.values())


def test_a_speedup_that_fell_because_eager_is_faster_harms_nobody():
    one = judged(**{EAGER: DOWN})
    assert (told(one)[RATIO].factor < 1, told(one)[RATIO].worse) == (True, False)


def test_a_speedup_that_grew_because_eager_is_slower_is_no_gain():
    t = timeline([series("k", np.random.default_rng(0), **{EAGER: UP})])
    ids = [id_ for id_, c in judge(t).series[0].changes.items() if c.quantity == EAGER]
    assert judge(t, acknowledged=ids).series[0].group == "same"


def test_of_a_ratio_alone_a_fall_is_worse_and_nobody_is_blamed():
    whole = series("k", np.random.default_rng(0), **{JIT: UP})
    nothing = np.full(NIGHTS, np.nan)
    one = judge(timeline([replace(whole, values={**whole.values, JIT: nothing, EAGER: nothing})])).series[0]
    assert [(c.quantity, c.worse, c.blame) for c in one.changes.values()] == [(RATIO, True, "")]
    assert one.group == "regressed"


def test_a_regression_stands_until_it_is_mended():
    up = np.ones(NIGHTS)
    up[25:45] = 1.1
    assert judged(**{JIT: up, EAGER: up}).group == "improved"
    up[45:] = 1.06
    assert judged(**{JIT: up, EAGER: up}).group == "regressed"


def test_a_change_that_was_acknowledged_is_listed_and_is_the_new_baseline():
    t = timeline([series("k", np.random.default_rng(0), **{JIT: UP, EAGER: UP})])
    ids = list(judge(t).series[0].changes)
    assert judge(t, acknowledged=ids[:1]).series[0].group == "regressed"
    one = judge(t, acknowledged=ids).series[0]
    assert (one.group, list(one.changes)) == ("same", ids)


def test_a_regression_after_one_that_was_acknowledged_is_new():
    twice = stepped(NIGHTS, 25, 1.1) * stepped(NIGHTS, 45, 1.1)
    t = timeline([series("k", np.random.default_rng(0), **{JIT: twice, EAGER: twice})])
    early = [id_ for id_, c in judge(t).series[0].changes.items() if c.run < 30]
    assert len(early) == 2
    assert judge(t, acknowledged=early).series[0].group == "regressed"


def test_a_suspect_is_a_group_where_it_is_worse():
    for planted, group in ((UP, "suspect"), (DOWN, "same")):
        one = cut(series("k", np.random.default_rng(0), **{JIT: planted, EAGER: planted}), 43)
        found = judge(timeline([one], 43)).series[0]
        assert found.group == group
        assert {c.tier for c in found.changes.values()} == {SUSPECT}


def test_an_invalid_last_night_hides_no_regression():
    for planted, group in ((np.ones(NIGHTS), "invalid"), (UP, "regressed")):
        one = series("k", np.random.default_rng(0), **{JIT: planted})
        one.status[-2:] = ["invalid", ""]
        assert judge(timeline([one])).series[0].group == group


def test_ten_nights_are_insufficient_and_eleven_are_not():
    one = series("k", np.random.default_rng(0))
    assert judge(timeline([cut(one, 10)], 10)).series[0].group == "insufficient"
    assert judge(timeline([cut(one, 11)], 11)).series[0].group == "same"
    nothing = replace(one, values={q: np.full(NIGHTS, np.nan) for q in one.values})
    assert judge(timeline([nothing])).series[0].group == "insufficient"
    assert judge(timeline([])).series == []


def test_versions_and_commits_of_the_step_are_named():
    one = series("k", np.random.default_rng(0), **{JIT: UP, EAGER: UP})
    for values in one.values.values():
        values[38:40] = np.nan
    kinds = {
        "torch": lambda i: "2.13" if i >= 39 else "2.12",
        "commit": lambda i: "abcdef0123" if i < 40 else "9876543210",
    }
    found = judge(timeline([one], **kinds)).series[0]
    assert {c.beside for c in found.changes.values()} == {("torch 2.12 -> 2.13", "commit abcdef0 -> 9876543")}
    kinds["torch"] = lambda i: "2.13" if i >= 41 else "2.12"
    kinds["commit"] = lambda i: ""
    assert {c.beside for c in judge(timeline([one], **kinds)).series[0].changes.values()} == {()}


def test_the_floor_is_the_machines_own_unless_another_is_given():
    t = timeline([series("k", np.random.default_rng(0), sigma=0.005, **{JIT: UP, EAGER: UP})])
    assert judge(t).floor == 0.0
    coarse = replace(t, machine={"floor": 0.07})
    assert (judge(coarse).floor, judge(coarse).series[0].group) == (0.07, "same")
    assert judge(coarse, 0.01).series[0].group == "regressed"
    assert [judge(replace(t, machine={"floor": f})).floor for f in (True, "0.1", float("nan"), -1.0)] == [0.0] * 4


def test_the_id_of_a_change():
    t = timeline([series("k", np.random.default_rng(0), **{JIT: UP, EAGER: UP})])
    id_, change = next(iter(judge(t).series[0].changes.items()))
    text = f"7aaf4e3c4fc0\nmain\nk forward\n{change.quantity}\nrun {change.run}"
    assert id_ == change_id(t, "k forward", change) == hashlib.sha256(text.encode()).hexdigest()[:10]
    assert change_id(replace(t, branch="other"), "k forward", change) != id_


def test_the_groups():
    assert GROUPS == ("regressed", "suspect", "invalid", "improved", "insufficient", "same")
