"""Under pytest-xdist the same tests run, end alike, and leave the same report."""

import re

import pytest

from .helpers import assert_lines, outcomes, report_of, run, run_apart, text

SUITE = """
    import numpy as np
    import pytest

    def test_close(fw, rng, assert_close):
        x = rng.normal(size=3)
        assert_close(fw.compile(lambda a: a + a)(fw.asarray(x)), 2 * x)

    def test_far(fw, assert_close):
        assert_close(fw.compile(lambda a: a * 3)(fw.asarray(np.ones(2))), np.full(2, 2.0))

    @pytest.mark.parametrize("n", [1, 2])
    class TestSome:
        def test_rows(self, target, n, report_row):
            report_row("sizes", n=n)

    @pytest.mark.fw_skip(mode="jit", reason="eager only")
    def test_skipped(fw): pass

    @pytest.mark.fw_xfail(mode="jit", reason="not yet")
    def test_xfailed(mode): assert mode == "eager"

    def test_plain(): pass
"""
TARGETS = ["jax-cpu-float64-eager", "jax-cpu-float64-jit"]
ARGS = ["--fw=jax", "--fw-dtype=float64", "--fw-mode=eager,jit", "--fw-seed=7", "--fw-report=out"]


@pytest.fixture
def suite(pytester):
    pytester.makepyfile(test_it=SUITE)
    return pytester


def test_same_as_without(suite):
    plain, spread = run(suite, *ARGS), run_apart(suite, *ARGS[:-1], "--fw-report=spread", "-n", "2")
    assert plain.ret == spread.ret == 1
    assert outcomes(spread) == outcomes(plain)
    assert _comparable(report_of(suite, "spread")) == _comparable(report_of(suite, "out"))
    assert _summary(spread) == _summary(plain)
    assert_lines(spread, f"dualfw targets: {', '.join(TARGETS)}")


def test_what_each_test_came_to(suite):
    assert outcomes(run(suite, *ARGS)) == {
        **{f"test_close[{t}]": "passed" for t in TARGETS},
        **{f"test_far[{t}]": "failed" for t in TARGETS},
        **{f"TestSome::test_rows[{t}-{n}]": "passed" for t in TARGETS for n in (1, 2)},
        **{f"test_skipped[{t}]": end for t, end in zip(TARGETS, ("passed", "skipped"), strict=True)},
        **{f"test_xfailed[{t}]": end for t, end in zip(TARGETS, ("passed", "xfail"), strict=True)},
        "test_plain": "passed",
    }


def test_problems_of_the_run_are_told(pytester):
    """An uncovered target and a stale ledger, found by the controller."""
    pytester.makepyfile(test_it="import pytest\n@pytest.mark.skip\ndef test_it(fw): pass")
    (pytester.path / "known.txt").write_text("test_it.py::test_gone\n", encoding="utf-8")
    result = run_apart(pytester, "--fw=jax", "--fw-xfails=known.txt", "-n", "2")
    assert_lines(
        result,
        "ERROR: jax-cpu-float32-eager was asked for and no test ran on it (all skipped: unconditional skip); "
        "leave it out, or select tests that run there",
        f"ERROR: {pytester.path / 'known.txt'} lists 'test_it.py::test_gone', which no test is called; remove the line",
    )
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_a_test_that_kills_its_worker_has_not_passed(pytester):
    pytester.makepyfile("import os\ndef test_it(fw): os._exit(3)")
    result = run_apart(pytester, "--fw=jax", "--fw-report=out", "-n", "1")
    assert result.ret == 1
    report = report_of(pytester)
    assert report["coverage"] == {"jax-cpu-float32-eager": {"failed": 1}}
    assert report["matrix"] == {"test_it": {"jax-cpu-float32-eager": "failed"}}
    assert "crashed while running" in report["tests"][0]["message"]


def test_rows_of_numpy_numbers_travel(pytester):
    pytester.makepyfile("""
        import numpy as np

        def test_it(fw, report_row): report_row("t", n=np.float64(1.5), m=np.int32(2))
    """)
    result = run_apart(pytester, "--fw=jax", "--fw-report=out", "-n", "1")
    assert result.ret == 0
    assert report_of(pytester)["tables"] == {"t": [{"target": "jax-cpu-float32-eager", "n": 1.5, "m": 2}]}


def _comparable(report):
    """A report without what differs between two runs: times, order, addresses, and how the run was called."""
    for test in report["tests"]:
        test["seconds"] = 0
        test["message"] = re.sub(r"0x[0-9a-f]+", "0x", test["message"])
        test["rows"].sort(key=str)
    for finding in report["findings"]:
        finding["message"] = re.sub(r"0x[0-9a-f]+", "0x", finding["message"])
    report["environment"] |= {"started": "", "command": []}
    ordered = {key: sorted(report[key], key=str) for key in ("tests", "findings")}
    tables = {name: sorted(rows, key=str) for name, rows in report["tables"].items()}
    return {**report, **ordered, "tables": tables}


def _summary(result):
    """The coverage matrix: from its first line to the blank one."""
    lines = text(result).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("target "))
    return lines[start : lines.index("", start)]
