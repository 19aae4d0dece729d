"""report.json holds whatever tests write: text that would break a page, numbers that JSON has not, rows of tables."""

import json

import pytest

from .helpers import assert_lines, report_of, run

J = "jax-cpu-float64-eager"
ARGS = ["--fw=jax", "--fw-dtype=float64", "--fw-report=out", "--fw-seed=7"]


def by_label(report):
    return {test["label"]: test for test in report["tests"]}


HOSTILE = "</script><script>alert(1)</script> \x00\x1b[31m \ud800 ' \" \\ \u2028 é 漢"


def test_hostile_text_survives(pytester):
    """What tests write is data, whatever it holds."""
    pytester.makepyfile(f"""
        import pytest

        HOSTILE = {HOSTILE!r}

        def test_message(fw): raise ValueError(HOSTILE)

        @pytest.mark.parametrize("n", [HOSTILE.replace(chr(0), "")])
        def test_id(fw, n): pass

        def test_reason(fw): pytest.skip(HOSTILE)

        def test_row(fw, report_row): report_row(HOSTILE, text=HOSTILE, number=float("nan"), more=float("inf"))
    """)
    run(pytester, *ARGS)
    raw = (pytester.path / "out" / "report.json").read_text(encoding="utf-8")
    found = by_label(json.loads(raw, parse_constant=pytest.fail))
    assert "</script><script>alert(1)" in found["test_message"]["message"]
    assert found["test_reason"]["outcome"] == "skipped"
    assert found["test_id"]["outcome"] == "passed"


def test_numbers_that_json_has_not(pytester):
    pytester.makepyfile("""
        import numpy as np

        def test_nan(fw, assert_close):
            assert_close(fw.asarray(np.array([np.nan, 1.0])), np.array([0.0, 1.0]))

        def test_infinite(fw, assert_close):
            assert_close(fw.asarray(np.array([np.inf])), np.array([1.0]))

        def test_infinite_bound(check_grads):
            check_grads(lambda x: x.sum(), np.array([np.inf, 1.0]), reference=lambda x: x.sum())
    """)
    run(pytester, *ARGS)
    raw = (pytester.path / "out" / "report.json").read_text(encoding="utf-8")
    found = by_label(json.loads(raw, parse_constant=pytest.fail))
    assert found["test_nan"]["status"] == "discrepancy"
    assert found["test_infinite"]["status"] == "discrepancy"


def test_rows_of_a_table(pytester):
    pytester.makepyfile("""
        import pytest

        @pytest.mark.parametrize("n", [1, 20])
        def test_it(fw, n, report_row):
            report_row("speed", n=n, seconds=0.123456, name="a")
    """)
    result = run(pytester, *ARGS)
    assert_lines(result, "speed", "target                 n   seconds  name")
    assert_lines(result, f"{J}  1   0.1235   a", f"{J}  20  0.1235   a")
    assert report_of(pytester)["tables"] == {
        "speed": [{"target": J, "n": n, "seconds": 0.123456, "name": "a"} for n in (1, 20)]
    }


def test_a_row_of_what_json_has_not(pytester):
    """A NumPy scalar is a number; anything else is refused, at once and in words."""
    pytester.makepyfile("""
        import numpy as np

        def test_numpy(report_row, fw): report_row("t", n=np.float32(1.5), m=np.int64(2), b=np.bool_(True))
    """)
    run(pytester, *ARGS)
    assert report_of(pytester)["tables"] == {"t": [{"target": J, "n": 1.5, "m": 2, "b": True}]}


def test_a_check_of_the_tests_own_making(pytester):
    """It reaches the report whether the test raises or not, and decides the verdict."""
    pytester.makepyfile("""
        import numpy as np
        from pytest_dualfw.compare import compare

        def test_judged(fw, record_check):
            for place, found in (("near", 1.0), ("far", 2.0)):
                check = record_check(compare(place, "by hand", found, np.asarray(1.0), np.asarray(0.1)))
            assert check.verdict == "pass"
    """)
    run(pytester, *ARGS)
    judged = by_label(report_of(pytester))["test_judged"]
    assert judged["status"] == "discrepancy"
    assert [(c["what"], c["oracle"], c["verdict"]) for c in judged["checks"]] == [
        ("near", "by hand", "pass"),
        ("far", "by hand", "discrepancy"),
    ]
