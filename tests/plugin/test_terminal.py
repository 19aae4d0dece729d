"""The end of a run, line by line."""

import pytest

from pytest_dualfw.findings import Check, Discrepancy
from pytest_dualfw.report import terminal
from pytest_dualfw.report.model import Run

from .test_model import A, B, check, outcome

BOTH = "both-cpu-float32-eager"


def wrong(error=1.0, what="dx"):
    found = Discrepancy(what, (0, 1), 2.0, 1.0, 0.5, 1, 4, "counted twice, or a missing 1/2")
    return Check(what, "difference ladder", "discrepancy", error, 0.5, "", found)


def test_a_small_run_whole():
    run = Run({}, [A, B], [
        outcome("mse"),
        outcome("mse", B, "failed", [wrong()]),
        outcome("exp", B, "skipped", reason="unsupported: no such op"),
        outcome("pair", BOTH),
    ], ["something about the run"])  # fmt: skip
    assert terminal.summary(run) == [
        "target                    passed   failed  skipped",
        "torch-cpu-float32-eager        1        0        0",
        "jax-cpu-float32-eager          0        1        1",
        "both-cpu-float32-eager         1        0        0",
        "skipped on jax-cpu-float32-eager: unsupported: no such op",
        "",
        "      a torch-cpu-float32-eager",
        "      b jax-cpu-float32-eager",
        "      c both-cpu-float32-eager",
        "op    a b c",
        "mse   . D  ",
        "exp     u  ",
        "pair      .",
        ". pass  D discrepancy  u unsupported",
        "4 op-target pairs: 2 pass, 1 discrepancy, 1 unsupported",
        "",
        "1 finding, the worst first",
        "",
        "mse: dx[0, 1] on jax-cpu-float32-eager disagrees with the difference ladder\n"
        "  obtained  2.0\n"
        "  expected  1.0\n"
        "  error     1, allowed 0.5\n"
        "  wrong     1 of 4 entries\n"
        "  ratio     2: counted twice, or a missing 1/2",
        "  again     again mse",
        "",
        "ERROR: something about the run",
    ]


def test_coverage_shows_only_columns_in_use():
    assert terminal.coverage(Run({}, ["jax"], [])) == ["target   passed", "jax           0"]
    skipped = Run({}, ["jax"], [outcome(target="jax", outcome="skipped", reason="r") for _ in range(3)])
    assert terminal.coverage(skipped) == ["target  skipped", "jax           3", "skipped on jax: r (3 times)"]


def test_every_symbol():
    outcomes = [
        outcome("pass"), outcome("discrepancy", outcome="failed", checks=[wrong()]),
        outcome("inconclusive", checks=[check("inconclusive")]), outcome("unsupported", checks=[check("unsupported")]),
        *(outcome(end, outcome=end) for end in ("failed", "error", "xfailed", "xpassed", "skipped")),
    ]  # fmt: skip
    lines = terminal.verdict_table(Run({}, [A], outcomes))
    assert lines[2:-2] == [
        "pass          .", "discrepancy   D", "inconclusive  ?", "unsupported   u", "failed        F",
        "error         E", "xfailed       x", "xpassed       X", "skipped       s",
    ]  # fmt: skip
    assert lines[-2] == (
        ". pass  D discrepancy  ? inconclusive  u unsupported  F failed  E error  x xfailed  X xpassed  s skipped"
    )


@pytest.mark.parametrize("n", [terminal.LONGEST_TABLE, terminal.LONGEST_TABLE + 1])
def test_a_long_table_keeps_what_happened(n):
    outcomes = [outcome(f"op{i:03d}", outcome="failed" if i == 7 else "passed") for i in range(n)]
    lines = terminal.verdict_table(Run({}, [A], outcomes))
    if n <= terminal.LONGEST_TABLE:
        assert len(lines) == n + 4
    else:
        assert lines == [
            f"       a {A}",
            "op     a",
            "op007  F",
            f"and {n - 1} more that pass wherever they ran",
            ". pass  F failed",
            f"{n} op-target pairs: {n - 1} pass, 1 failed",
        ]


def test_a_long_table_with_nothing_to_show():
    lines = terminal.verdict_table(Run({}, [A], [outcome(f"op{i}") for i in range(200)]))
    assert lines == [
        f"    a {A}",
        "op  a",
        "and 200 more that pass wherever they ran",
        ". pass",
        "200 op-target pairs: 200 pass",
    ]


def test_more_columns_than_letters():
    targets = [f"t{i}" for i in range(60)]
    lines = terminal.verdict_table(Run({}, targets, [outcome(target=t) for t in targets]))
    names = [line.split()[0] for line in lines[:60]]
    assert len(set(names)) == 60
    assert lines[60].split()[1:] == names


def test_findings_worst_in_full_and_the_rest_in_a_line():
    errors = [3.0, 5.0, 1.0, 4.0, 2.0]
    run = Run({}, [A], [outcome(f"op{error:g}", outcome="failed", checks=[wrong(error)]) for error in errors])
    lines = terminal.findings(run)
    assert lines[0] == "5 findings, the worst first"
    assert [line.partition(":")[0] for line in lines if line.startswith("op") and "disagrees" in line] == [
        "op5",
        "op4",
        "op3",
    ]
    assert lines[-2:] == [
        f"op2 on {A}: dx against the difference ladder, error 2, allowed 0.5",
        f"op1 on {A}: dx against the difference ladder, error 1, allowed 0.5",
    ]


def test_a_finding_without_numbers_in_a_line():
    shape = Check("y", "reference", "discrepancy", note="has shape (2,), expected (3,)")
    (finding,) = Run({}, [A], [outcome(outcome="failed", checks=[shape])]).findings()
    assert terminal.in_a_line(finding) == f"op on {A}: y against the reference, has shape (2,), expected (3,)"
    assert terminal.in_full(finding) == [
        f"op: y on {A} has shape (2,), expected (3,)",
        "  again     again op",
    ]


def test_a_long_table_is_cut():
    rows = [{"table": "speed", "n": k} for k in range(terminal.SHOWN + 2)]
    lines = terminal.tables(Run({}, [A], [outcome(rows=rows)]))
    assert lines[-2:] == [str(terminal.SHOWN - 1), "2 more rows in the report (--fw-report=DIR)"]


def test_tables():
    rows = [
        {"table": "speed", "target": A, "n": 1, "seconds": 0.123456, "ok": True},
        {"table": "speed", "target": B, "n": 200, "note": "slow"},
        {"table": "size", "mb": 1e10},
    ]
    assert terminal.tables(Run({}, [A], [outcome(rows=rows)])) == [
        "",
        "speed",
        "target                   n    seconds  ok    note",
        f"{A}  1    0.1235   True",
        f"{B}    200                 slow",
        "",
        "size",
        "mb",
        "1e+10",
    ]


def test_a_run_without_findings_says_nothing_of_them():
    assert terminal.findings(Run({}, [A], [outcome()])) == []
    assert terminal.tables(Run({}, [A], [outcome()])) == []
