"""The run as a value: statuses, matrix, coverage, findings."""

import json

import pytest

from pytest_dualfw.findings import Check, Discrepancy
from pytest_dualfw.report.model import STATUSES, Outcome, Run, worst_status
from pytest_dualfw.report.terminal import SYMBOLS

A, B = "torch-cpu-float32-eager", "jax-cpu-float32-eager"


def check(verdict="pass", error=1.0, bound=2.0, what="y"):
    return Check(what, "reference", verdict, error, bound)


def outcome(label="op", target=A, outcome="passed", checks=(), reason="", rows=()):
    return Outcome(
        f"t.py::{label}[{target}]",
        label,
        target,
        f"again {label}",
        outcome,
        reason,
        checks=list(checks),
        rows=list(rows),
    )


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (outcome(), "pass"),
        (outcome(checks=[check()]), "pass"),
        (outcome(checks=[check(), check("inconclusive")]), "inconclusive"),
        (outcome(checks=[check("unsupported")]), "unsupported"),
        (outcome(checks=[check(), check("unsupported")]), "pass"),
        (outcome(checks=[check("discrepancy")]), "pass"),
        (outcome(outcome="failed", checks=[check("discrepancy"), check()]), "discrepancy"),
        (outcome(outcome="failed", checks=[check()]), "failed"),
        (outcome(outcome="failed"), "failed"),
        (outcome(outcome="error"), "error"),
        (outcome(outcome="xfailed", checks=[check("discrepancy")]), "xfailed"),
        (outcome(outcome="xpassed"), "xpassed"),
        (outcome(outcome="skipped", reason="slow"), "skipped"),
        (outcome(outcome="skipped", reason="unsupported: no such op"), "unsupported"),
        (outcome(outcome="skipped", reason="is unsupported: here"), "skipped"),
    ],
)
def test_status(given, status):
    """A discrepancy that the test caught is what it wanted."""
    assert given.status == status


def test_worst_status():
    for i, worst in enumerate(STATUSES):
        assert worst_status(STATUSES[i:][::-1]) == worst


def test_every_status_has_a_symbol_of_its_own():
    assert set(SYMBOLS) == set(STATUSES)
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)


def test_matrix_takes_the_worst_of_an_op():
    run = Run({}, [A, B], [
        outcome("mse"), outcome("mse", outcome="skipped"), outcome("mse", B, "failed"), outcome("mse", B),
        outcome("exp", B),
    ])  # fmt: skip
    assert run.matrix() == {"mse": {A: "skipped", B: "failed"}, "exp": {B: "pass"}}
    assert list(run.matrix()) == ["mse", "exp"]


def test_columns():
    run = Run({}, [A, B], [outcome(target="both-cpu-float32-eager"), outcome(target=B)])
    assert run.columns() == [A, B, "both-cpu-float32-eager"]


def test_coverage_counts_also_what_did_not_run():
    run = Run({}, [A, B], [outcome(), outcome(), outcome(outcome="skipped", reason="r")])
    assert run.coverage() == {A: {"passed": 2, "skipped": 1}, B: {}}


def test_skips():
    run = Run({}, [A, B], [
        outcome(outcome="skipped", reason="r"), outcome(outcome="skipped", reason="r"), outcome(target=B),
        outcome(outcome="skipped", reason="s"),
    ])  # fmt: skip
    assert run.skips() == {A: {"r": 2, "s": 1}}


def test_findings_worst_first():
    wrong = [check("discrepancy", error, bound) for error, bound in ((3.0, 1.0), (9.0, 1.0), (1.0, 0.0), (4.0, 2.0))]
    run = Run({}, [A], [
        outcome("one", outcome="failed", checks=[wrong[0], check()]),
        outcome("two", outcome="failed", checks=wrong[1:]),
        outcome("caught", checks=[check("discrepancy", 99.0, 1.0)]),
        outcome("expected", outcome="xfailed", checks=[check("discrepancy", 99.0, 1.0)]),
    ])  # fmt: skip
    assert [(f.op, f.check.error, f.command) for f in run.findings()] == [
        ("two", 1.0, "again two"), ("two", 9.0, "again two"), ("one", 3.0, "again one"), ("two", 4.0, "again two"),
    ]  # fmt: skip


def test_a_finding_without_an_error_comes_first():
    shape = Check("y", "reference", "discrepancy", note="has shape (2,), expected (3,)")
    run = Run({}, [A], [outcome(outcome="failed", checks=[check("discrepancy", 9.0, 1.0), shape])])
    assert [f.check.note for f in run.findings()] == ["has shape (2,), expected (3,)", ""]


def test_tables():
    run = Run({}, [A], [
        outcome(rows=[{"table": "speed", "target": A, "n": 1}, {"table": "size", "target": A, "mb": 2}]),
        outcome(rows=[{"table": "speed", "target": A, "n": 2}]),
    ])  # fmt: skip
    assert run.tables() == {"speed": [{"target": A, "n": 1}, {"target": A, "n": 2}], "size": [{"target": A, "mb": 2}]}


def test_json():
    found = Discrepancy("dx", (0, 1), 2.0, 1.0, 0.1, 1, 4, "counted twice")
    failed = outcome(outcome="failed", checks=[Check("dx", "ladder", "discrepancy", 1.0, 0.1, "", found)])
    run = Run({"seed": 1}, [A], [failed], ["a problem"])
    data = json.loads(json.dumps(run.to_json(), allow_nan=False))
    assert data["schema"] == "dualfw-report/1"
    assert data["problems"] == ["a problem"]
    assert data["tests"][0]["status"] == "discrepancy"
    assert Check.from_json(data["findings"][0]["check"]) == run.outcomes[0].checks[0]


@pytest.mark.parametrize("number", [float("inf"), float("nan"), float("-inf")])
def test_json_of_what_is_not_finite(number):
    found = Discrepancy("dx", (), "nan", 1.0, number, 1, 1)
    run = Run(
        {}, [A], [outcome(outcome="failed", checks=[Check("dx", "ladder", "discrepancy", number, number, "", found)])]
    )
    text = json.dumps(run.to_json(), allow_nan=False)
    assert json.loads(text)["findings"]


def test_an_empty_run():
    run = Run({}, [])
    assert (run.matrix(), run.coverage(), run.findings(), run.columns()) == ({}, {}, [], [])
