"""report.json: what a run leaves for machines."""

import pytest

from .helpers import assert_lines, outcomes, report_of, run

J = "jax-cpu-float64-eager"
ARGS = ["--fw=jax", "--fw-dtype=float64", "--fw-report=out", "--fw-seed=7"]

SUITE = """
    import numpy as np
    import pytest

    def test_right(check_grads, rng):
        check_grads(lambda x: (x * x).sum(), rng.normal(size=3), reference=lambda x: np.sum(x * x),
                    reference_vjp=lambda g, x: (2 * x * g,))

    def test_wrong(check_grads):
        check_grads(lambda x: (x * x).sum(), np.array([1.0, 2.0]), reference=lambda x: 2 * np.sum(x * x),
                    reference_vjp=lambda g, x: (4 * x * g,))

    def test_raises(fw): raise ValueError("its own")

    @pytest.mark.fw_skip(fw="jax", reason="no such op")
    def test_skips(fw): pass

    @pytest.mark.fw_xfail(fw="jax", reason="not yet")
    def test_xfails(fw): assert 0

    def test_missing(fw): pytest.skip("unsupported: no such op")

    def test_plain(): pass
"""


@pytest.fixture
def report(pytester):
    pytester.makepyfile(test_it=SUITE)
    result = run(pytester, *ARGS)
    assert result.ret == 1
    assert_lines(result, f"report: {pytester.path / 'out' / 'report.json'}")
    return report_of(pytester)


def by_label(report):
    return {test["label"]: test for test in report["tests"]}


def test_its_keys(report):
    assert list(report) == [
        "schema", "environment", "targets", "coverage", "matrix", "tables", "findings", "problems", "tests",
    ]  # fmt: skip
    assert report["schema"] == "dualfw-report/1"
    assert report["targets"] == [J]
    assert report["problems"] == []


def test_its_environment(report):
    from importlib.metadata import version

    found = report["environment"]
    assert " ".join(found) == ("started plugin python platform versions devices numerics profile seed left_out command")
    assert found["versions"] == {name: version(name) for name in ("jax", "numpy", "scipy", "pytest")}
    assert found["seed"] == 7
    assert found["profile"] == "quick"
    assert found["plugin"] == version("pytest-dualfw")
    assert found["command"][0] == "pytest"
    assert set(ARGS) <= set(found["command"])


def test_its_tests(report):
    found = by_label(report)
    assert {label: (t["outcome"], t["status"], t["reason"]) for label, t in found.items()} == {
        "test_right": ("passed", "pass", ""),
        "test_wrong": ("failed", "discrepancy", ""),
        "test_raises": ("failed", "failed", ""),
        "test_skips": ("skipped", "skipped", "no such op"),
        "test_xfails": ("xfailed", "xfailed", "not yet"),
        "test_missing": ("skipped", "unsupported", "unsupported: no such op"),
    }
    for label, test in found.items():
        assert test["test"] == f"test_it.py::{label}[{J}]"
        assert test["target"] == J
        assert test["seconds"] > 0
        assert test["command"] == (
            f"pytest 'test_it.py::{label}[{J}]' --fw=jax --fw-dtype=float64 --fw-mode=eager --fw-seed=7"
        )
    assert "ValueError: its own" in found["test_raises"]["message"]


def test_its_matrix_and_coverage(report):
    assert report["matrix"] == {
        "test_right": {J: "pass"},
        "test_wrong": {J: "discrepancy"},
        "test_raises": {J: "failed"},
        "test_skips": {J: "skipped"},
        "test_xfails": {J: "xfailed"},
        "test_missing": {J: "unsupported"},
    }
    assert report["coverage"] == {J: {"passed": 1, "failed": 2, "skipped": 2, "xfailed": 1}}


def test_its_checks(report):
    for label, verdict in (("test_right", "pass"), ("test_wrong", "discrepancy")):
        checks = by_label(report)[label]["checks"]
        assert {check["oracle"] for check in checks} == {"reference", "reference vjp"}
        for check in checks:
            assert set(check) == {"what", "oracle", "verdict", "error", "bound", "note", "discrepancy", "heading"}
            assert check["verdict"] == verdict
            assert check["bound"] > 0
            assert (check["error"] > check["bound"]) is (verdict == "discrepancy")


def test_its_findings(report):
    assert report["findings"]
    for finding in report["findings"]:
        assert set(finding) == {"op", "test", "target", "check", "command", "message", "script"}
        assert finding["op"] == "test_wrong"
        assert finding["test"] == f"test_it.py::test_wrong[{J}]"
        assert finding["command"].startswith("pytest 'test_it.py::test_wrong[")
        assert finding["check"]["verdict"] == "discrepancy"
        assert "GradientMismatch" in finding["message"]
        assert "import pytest_dualfw" not in finding["script"]
        compile(finding["script"], "script", "exec")
        assert "obtained" in finding["script"]
    gradient = next(f["check"]["discrepancy"] for f in report["findings"] if f["check"]["oracle"] == "reference vjp")
    assert gradient["expected"] == pytest.approx(2 * gradient["obtained"])
    assert gradient["hint"] == "halved"


def test_written_also_when_the_run_stops(pytester):
    pytester.makepyfile("def test_a(fw): assert 0\ndef test_b(fw): pass")
    assert run(pytester, *ARGS, "-x").ret == 1
    assert list(by_label(report_of(pytester))) == ["test_a"]


def test_written_also_when_the_run_is_interrupted(pytester):
    pytester.makepyfile("import pytest\ndef test_a(fw): pass\ndef test_b(fw): pytest.exit('enough')")
    run(pytester, *ARGS)
    found = by_label(report_of(pytester))
    assert found["test_a"]["outcome"] == "passed"
    assert "test_b" not in found or found["test_b"]["outcome"] != "passed"


def test_not_written_by_a_mere_listing(pytester):
    pytester.makepyfile("def test_a(fw): pass")
    run(pytester, *ARGS, "--collect-only")
    assert not (pytester.path / "out").exists()


def test_the_problems_of_the_run_are_in_it(pytester):
    pytester.makepyfile("import pytest\n@pytest.mark.skip(reason='no')\ndef test_it(fw): pass")
    assert run(pytester, *ARGS).ret == 4
    assert report_of(pytester)["problems"] == [
        f"{J} was asked for and no test ran on it (all skipped: no); leave it out, or select tests that run there"
    ]


def test_in_a_new_folder_and_over_an_old_report(pytester):
    pytester.makepyfile("def test_it(fw): pass")
    (pytester.path / "deep").mkdir()
    for _ in range(2):
        run(pytester, "--fw=jax", "--fw-report=deep/er")
    assert [p.name for p in (pytester.path / "deep" / "er").iterdir()] == ["report.json"]
    assert report_of(pytester, "deep/er")["coverage"] == {"jax-cpu-float32-eager": {"passed": 1}}


def test_from_the_configuration(pytester):
    pytester.makeini("[pytest]\nfw = jax\nfw_report = results\n")
    pytester.makepyfile("def test_it(fw): pass")
    run(pytester)
    assert report_of(pytester, "results")["targets"] == ["jax-cpu-float32-eager"]


def test_a_folder_that_cannot_be_written(pytester):
    pytester.makepyfile("def test_it(fw): pass")
    (pytester.path / "out").write_text("a file", encoding="utf-8")
    result = run(pytester, *ARGS)
    assert list(outcomes(result).values()) in ([], ["passed"])
    assert result.ret == 4
    assert not any("INTERNALERROR" in line for line in result.outlines)
