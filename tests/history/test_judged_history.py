"""A whole history judged: its counts, its changes by their ids, its exit status, and all of it as JSON."""

import json
from dataclasses import replace

import numpy as np
import pytest

from pytest_dualfw.commands.status import status
from pytest_dualfw.history.acknowledged import Acknowledged
from pytest_dualfw.history.model import History
from pytest_dualfw.history.nights import nights, rounded

from .disk import invalid_from, kernels, stepped
from .planted import timeline

NIGHTS = 40


def judged(*timelines, accepted=(), problems=()):
    known = {id_: Acknowledged(id_, "Ann", "why", "2026-01-01") for id_ in accepted}
    return nights(History([*timelines], [*problems], 1), known)


def quiet(nights=NIGHTS):
    return timeline(kernels(nights=nights), nights=nights)


def slower(at=30, factor=1.1):
    return timeline(kernels("matmul", jit=stepped(NIGHTS, at, factor)), nights=NIGHTS)


def with_status(one, words):
    """A series that has a word for each of its nights, and a number where that is ok."""
    many = {q: np.where(np.array(words) == "ok", v, np.nan) for q, v in one.values.items()}
    return replace(one, values=many, status=words)


def of_words(*series):
    many = [with_status(one, words) for one, words in zip(kernels("a", nights=3), series, strict=False)]
    return judged(timeline(many, nights=3))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([["ok", "ok", "ok"]], 0),
        ([["ok", "ok", "invalid"], ["ok", "ok", "ok"]], 4),  # had a number
        ([["ok", "invalid", ""], ["ok", "ok", "ok"]], 0),  # not of the last run
        ([["invalid", "invalid", "invalid"], ["ok", "ok", "ok"]], 0),  # never had one
        ([["invalid", "invalid", "invalid"], ["", "", "checked"]], 0),
        ([["invalid", "invalid", "invalid"], ["ok", "ok", ""]], 4),  # nothing else in the last run
        ([["checked", "checked", "skipped"]], 5),
        ([["", "", ""]], 5),
        ([["noisy", "", ""]], 0),
    ],
)
def test_its_status(words, told):
    assert status(of_words(*words)) == told


def test_nothing_was_measured():
    found = judged()
    assert not found.measured and not found.broken and not found.changes()
    assert status(found) == 5
    assert set(found.counts.values()) == {0}


def test_statuses_in_their_order():
    assert [status(judged(slower()), asked) for asked in ("confirmed", "suspect")] == [1, 1]
    assert [status(judged(slower(at=38, factor=1.3)), asked) for asked in ("confirmed", "suspect")] == [0, 3]
    many = slower(at=38, factor=1.3)
    many = replace(many, series=[*many.series[:1], *(invalid_from(s, NIGHTS - 1) for s in many.series[1:])])
    assert [status(judged(many), asked) for asked in ("confirmed", "suspect")] == [4, 3]


def test_one_regression_among_several_timelines():
    found = judged(quiet(), slower(), quiet())
    assert found.counts == {"regressed": 1, "suspect": 0, "invalid": 0, "improved": 0, "insufficient": 0, "same": 9}
    assert found.regressed and not found.suspect
    assert sorted(c.quantity for c in found.changes().values()) == ["jit", "ratio"]


def test_accepted_changes_are_listed_and_stand_no_more():
    ids = [*judged(slower()).changes()]
    found = judged(slower(), accepted=[*ids, "of nothing"])
    assert not found.regressed
    assert [*found.changes()] == ids
    told = [c for s in found.to_json()["timelines"][0]["series"] for c in s["changes"]]
    assert [c["acknowledged"] for c in told] == [{"who": "Ann", "why": "why", "when": "2026-01-01"}] * 2


def test_changes_of_the_machine_have_ids_too():
    many = kernels(*(f"k{i}" for i in range(9)), jit=stepped(NIGHTS), eager=stepped(NIGHTS))[:9]
    found = judged(timeline(many, nights=NIGHTS))
    (told,) = found.to_json()["timelines"]
    assert {c["blame"] for c in told["machine_changes"]} == {"machine"}
    assert {c["id"] for c in told["machine_changes"]} <= {*found.changes()}


def test_it_is_json():
    gap = of_words(["ok", "ok", "invalid"])
    found = json.loads(json.dumps(replace(gap, problems=["p"]).to_json(), allow_nan=False))
    assert [*found] == ["schema", "problems", "counts", "timelines"]
    assert (found["schema"], found["problems"]) == ("dualfw-nights/1", ["p"])
    (told,) = found["timelines"]
    assert [*told] == ["key", "branch", "machine", "floor", "runs", "marks", "machine_changes", "series"]
    (one,) = told["series"]
    assert [*one] == ["bench", "group", "values", "low", "high", "roofline", "status", "changes"]
    assert one["values"]["jit"][2] is None
    assert one["values"]["memory"] == [4096.0, 4096.0, None]
    assert one["bench"]["id"] == "a"


def test_progress_counts_timelines():
    heard = []
    nights(History([quiet(3), quiet(3)], [], 1), {}, lambda done, of: heard.append((done, of)))
    assert heard == [(0, 2), (1, 2), (2, 2)]


def test_numbers_keep_six_digits():
    given = np.array([1.23456789, 123456789.0, 1.23456789e-7, 1e300 / 3, 0.1 + 0.2, 0.0, np.nan, -2.0000004])
    found = rounded(given)
    assert found[:5].tolist() == [1.23457, 123457000.0, 1.23457e-07, 3.33333e299, 0.3]
    assert found[7] == -2.0
    assert found[5] == 0.0 and np.isnan(found[6])
