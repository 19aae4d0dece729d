"""kernel_benchmark beside pytest-benchmark: its table, its JSON, its options; and what is told to the run's report."""

import json

import pytest

from pytest_dualfw.kernels.fixture import XDIST, VirtualClock, _asked_max_time
from tests.plugin.helpers import assert_lines, outcomes, report_of, run, run_apart, text

KERNEL = """
    import numpy as np
    import pytest

    def affine(x, w):
        return x @ w + 1

    @pytest.mark.parametrize("n", [4, 8])
    def test_affine(kernel_benchmark, rng, n):
        timing = kernel_benchmark(
            affine, rng.normal(size=(n, n)), rng.normal(size=(n, n)),
            reference=affine, reference_vjp=lambda g, x, w: (g @ w.T, x.T @ g), max_time=0.02,
        )
        assert (timing.kernel, timing.params) == ("affine", {"n": n})
        print("statuses", [p.status for p in timing.passes], *timing.forward.reasons)

    def test_plain():
        pass
"""
BOTH_MODES = ("--fw=jax", "--fw-mode=eager,jit")


@pytest.fixture(autouse=True)
def known_roofline(monkeypatch):
    """What a machine attains is measured elsewhere."""

    class Roof:
        def floor(self, work):
            return 0.0

        def share(self, work, seconds):
            return 0.5

    monkeypatch.setattr("pytest_dualfw.kernels.fixture.roofline", lambda fw: Roof())


def benchmarks(pytester):
    return json.loads((pytester.path / "b.json").read_text())["benchmarks"]


def test_both_modes_stand_in_one_group_of_the_table(pytester):
    pytester.makepyfile(KERNEL)
    result = run(pytester, *BOTH_MODES, "--benchmark-json=b.json", "--fw-report=out", "-Werror")
    assert set(outcomes(result).values()) == {"passed"}
    assert result.ret == 0
    groups = [line.partition("benchmark ")[2] for line in result.outlines if line.startswith("---") and "tests" in line]
    assert [g.partition(":")[0] for g in groups] == [f"'test_affine[jax-cpu-float32-{n}]'" for n in (4, 8)]
    assert all(g.partition(": ")[2].startswith("2 tests") for g in groups)
    found = {b["name"]: b for b in benchmarks(pytester)}
    assert set(found) == {f"test_affine[jax-cpu-float32-{mode}-{n}]" for mode in ("eager", "jit") for n in (4, 8)}
    for mode in ("eager", "jit"):
        b = found[f"test_affine[jax-cpu-float32-{mode}-4]"]
        forward = b["extra_info"]["dualfw"]["passes"][0]
        assert b["stats"]["rounds"] == forward["ratio"]["pairs"] == forward[mode]["count"]
        assert b["stats"]["median"] == pytest.approx(forward[mode]["median"], rel=1e-6)
        assert b["stats"]["min"] == pytest.approx(forward[mode]["minimum"], rel=1e-6)


def test_the_report_has_one_row_for_both_modes(pytester):
    pytester.makepyfile(KERNEL)
    run(pytester, *BOTH_MODES, "--fw-report=out", "-k4")
    report = report_of(pytester)
    (row,) = report["tables"]["kernels"]
    timing = row["timing"]
    assert (timing["schema"], timing["kernel"], timing["params"]) == ("dualfw-bench/1", "affine", {"n": 4})
    assert [p["name"] for p in timing["passes"]] == ["forward", "forward+backward"]
    assert timing["environment"]["threads"] == 1
    whats = [c["what"] for t in report["tests"] for c in t["checks"]]
    assert whats[: len(whats) // 2] == whats[len(whats) // 2 :]  # each mode's test tells them
    assert {"forward, eager: out", "forward, jit: out", "forward+backward, jit: dw"} <= set(whats)


def test_the_second_mode_takes_what_the_first_one_measured(pytester):
    pytester.makepyfile(
        """
        drawn = []

        def inputs(rng):
            drawn.append(1)
            return rng.normal(size=8)

        def test_one(kernel_benchmark):
            before = len(drawn)
            kernel_benchmark(lambda x: x * 2, inputs=inputs, backward=False, max_time=0.02)
            print("drawn:", len(drawn) - before > 0)
        """
    )
    result = run(pytester, *BOTH_MODES, "-s", "-pno:randomly")
    assert [line for line in text(result).splitlines() if "drawn:" in line].count("drawn: True") <= 1
    assert text(result).count("drawn: True") == 1
    assert text(result).count("drawn: False") == 1


def test_a_run_of_one_mode_measures_both(pytester):
    pytester.makepyfile(KERNEL)
    result = run(pytester, "--fw=jax", "--fw-mode=jit", "-k4", "--fw-report=out")
    assert outcomes(result) == {"test_affine[jax-cpu-float32-jit-4]": "passed"}
    (row,) = report_of(pytester)["tables"]["kernels"]
    assert row["target"] == "jax-cpu-float32-jit"
    assert row["timing"]["passes"][0]["eager"]["count"] > 0


def test_benchmark_only(pytester):
    pytester.makepyfile(KERNEL)
    result = run(pytester, "--fw=jax", "--benchmark-only")
    ended = outcomes(result)
    assert ended.pop("test_plain") == "skipped"
    assert set(ended.values()) == {"passed"}
    assert result.ret == 0


def test_benchmark_skip(pytester):
    pytester.makepyfile(KERNEL)
    result = run(pytester, "--fw=jax", "--benchmark-skip")
    ended = outcomes(result)
    assert ended.pop("test_plain") == "passed"
    assert set(ended.values()) == {"skipped"}
    assert result.ret == 0


def test_benchmark_disable_checks_and_does_not_time(pytester):
    pytester.makepyfile(KERNEL)
    result = run(pytester, "--fw=jax", "--benchmark-disable", "-rP", "-Werror", "--fw-report=out")
    assert set(outcomes(result).values()) == {"passed"}
    reason = "benchmarks are switched off; run without --benchmark-disable to measure"
    assert_lines(result, f"statuses ['checked', 'checked'] {reason}")
    checks = [c for t in report_of(pytester)["tests"] for c in t["checks"]]
    assert len(checks) == 2 * 8  # of each size: a value in both modes of both passes, two gradients in both of one


WRONG = """
    import numpy as np

    def test_wrong(kernel_benchmark, rng):
        kernel_benchmark(lambda x: x * 2, rng.normal(size=5) + 9, reference=lambda x: x * 3, max_time=0.02)
"""


@pytest.mark.parametrize("options", [[], ["--benchmark-disable"]], ids=["timed", "disabled"])
def test_a_wrong_output_fails_the_test_and_has_no_time(pytester, options):
    pytester.makepyfile(WRONG)
    result = run(pytester, *BOTH_MODES, *options, "--fw-report=out")
    assert set(outcomes(result).values()) == {"failed"}
    assert "KernelMismatch: wrong is not timed, because its result is wrong (forward, eager)" in text(result)
    assert "was not used" not in text(result)
    assert "disagrees with the reference" in text(result)
    assert "ratio     0.666667" in text(result)
    assert "Mean" not in text(result)
    assert report_of(pytester)["matrix"]["test_wrong"] == dict.fromkeys(
        ("jax-cpu-float32-eager", "jax-cpu-float32-jit"), "discrepancy"
    )


def test_a_wrong_gradient_fails_the_test(pytester):
    pytester.makepyfile(
        """
        import jax

        @jax.custom_vjp
        def doubled(x):
            return x * 2

        doubled.defvjp(lambda x: (x * 2, None), lambda _, g: (g,))

        def test_wrong(kernel_benchmark, rng):
            kernel_benchmark(doubled, rng.normal(size=5) + 9, reference=lambda x: x * 2,
                             reference_vjp=lambda g, x: (g * 2,), max_time=0.02)
        """
    )
    result = run(pytester, "--fw=jax")
    assert "KernelMismatch: wrong is not timed, because its result is wrong (forward+backward, eager)" in text(result)
    assert "forward+backward, eager: d" in text(result)


def test_a_number_that_would_lie_is_not_in_the_table(pytester):
    pytester.makepyfile(
        """
        import jax

        def loop(x):
            return jax.lax.scan(lambda c, _: (c * 2, None), x, None, length=3)[0]

        def test_loop(kernel_benchmark, rng):
            timing = kernel_benchmark(loop, rng.normal(size=5), backward=False, max_time=0.02)
            assert timing.forward.status == "invalid"
            assert timing.forward.eager is timing.forward.jit is timing.forward.ratio is None
        """
    )
    result = run(pytester, "--fw=jax", "--benchmark-json=b.json", "-Werror")
    assert outcomes(result) == {"test_loop[jax-cpu-float32-eager]": "passed"}
    assert benchmarks(pytester) == []
    assert "Mean" not in text(result)


def test_marks_of_the_user_are_kept(pytester):
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.benchmark(group="mine", max_time=0.02, min_rounds=3)
        def test_marked(kernel_benchmark, rng):
            kernel_benchmark(lambda x: x * 2, rng.normal(size=5), backward=False, name="twice", params={"k": 1})
        """
    )
    result = run(pytester, "--fw=jax", "--benchmark-json=b.json", "--fw-report=out")
    assert result.ret == 0
    (found,) = benchmarks(pytester)
    assert (found["group"], found["options"]["max_time"], found["options"]["min_rounds"]) == ("mine", 0.02, 3)
    assert found["options"]["timer"] == "kernel_benchmark"
    assert (found["extra_info"]["dualfw"]["kernel"], found["extra_info"]["dualfw"]["params"]) == ("twice", {"k": 1})


def test_timed_false_checks_only(pytester):
    pytester.makepyfile(
        """
        def test_checked(kernel_benchmark, rng):
            timing = kernel_benchmark(lambda x: x * 2, rng.normal(size=5), timed=False)
            assert [(p.status, p.reasons) for p in timing.passes] == 2 * [("checked", ("timed=False was given",))]
        """
    )
    result = run(pytester, "--fw=jax", "-Werror")
    assert outcomes(result) == {"test_checked[jax-cpu-float32-eager]": "passed"}
    assert "Mean" not in text(result)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            "[kernel_benchmark(lambda x: x, rng.normal(size=5), timed=False) for _ in 'ab']",
            "ValueError: kernel_benchmark was called twice in one test, and pytest-benchmark has one row for each; "
            "parametrise the test",
        ),
        (
            "kernel_benchmark(lambda x: x, rng.normal(size=5), inputs=lambda rng: rng.normal(size=5))",
            "TypeError: kernel_benchmark got both arguments and inputs=; pass one of them",
        ),
        (
            "kernel_benchmark(lambda: 1)",
            "ValueError: the kernel has no array argument; pass the arrays that it works on, since a compiler folds "
            "those that it closes over into constants",
        ),
        (
            "kernel_benchmark(lambda x: x > 0, rng.normal(size=5))",
            "ValueError: the kernel returns nothing floating; pass backward=False to measure it forward alone",
        ),
    ],
    ids=["twice", "both", "none", "not floating"],
)
def test_what_cannot_be_measured_is_said_in_a_sentence(pytester, call, sentence):
    pytester.makepyfile(f"def test_bad(kernel_benchmark, rng):\n    {call}")
    result = run(pytester, "--fw=jax")
    assert outcomes(result) == {"test_bad[jax-cpu-float32-eager]": "failed"}
    assert_lines(result, sentence)


def test_another_benchmark_fixture_is_left_alone(pytester):
    """As under --codspeed, which takes pytest-benchmark's place."""
    pytester.makepyfile(
        """
        import pytest

        class Foreign:
            extra_info = {}

            def pedantic(self, target):
                target()

        @pytest.fixture
        def benchmark():
            return Foreign()

        def test_foreign(kernel_benchmark, rng):
            timing = kernel_benchmark(lambda x: x * 2, rng.normal(size=5))
            assert timing.forward.reasons == (
                "another plugin's benchmark fixture is in use; run with pytest-benchmark's to measure",
            )
        """
    )
    result = run(pytester, "--fw=jax", "-pno:benchmark", "--strict-markers")
    assert outcomes(result) == {"test_foreign[jax-cpu-float32-eager]": "passed"}, text(result)


def test_workers_of_xdist_check_and_do_not_time(pytester):
    """On both frameworks: what a worker reports has to be plain data."""
    pytester.makepyfile(KERNEL)
    result = run_apart(pytester, "--fw=torch,jax", "-n2", "--fw-report=out", "-Werror")
    assert list(outcomes(result).values()) == ["passed"] * 5, text(result)
    rows = report_of(pytester)["tables"]["kernels"]
    assert {row["target"] for row in rows} == {"torch-cpu-float32-eager", "jax-cpu-float32-eager"}
    told = {(p["status"], *p["reasons"]) for row in rows for p in row["timing"]["passes"]}
    assert told == {("checked", XDIST)}
    assert XDIST == (
        "pytest-xdist runs tests beside each other, and a time taken so is worth nothing; run without -n to measure"
    )
    assert any(t["checks"] for t in report_of(pytester)["tests"])


def test_workers_of_xdist_find_a_wrong_output(pytester):
    pytester.makepyfile(WRONG)
    result = run_apart(pytester, "--fw=jax", "-n1")
    assert outcomes(result) == {"test_wrong[jax-cpu-float32-eager]": "failed"}
    assert "wrong is not timed, because its result is wrong" in text(result)


def test_a_virtual_clock_moves_when_it_is_told():
    clock = VirtualClock()
    assert clock() == clock() == 0.0
    clock.move(0.25)
    assert clock() == 0.25


@pytest.mark.parametrize(
    ("args", "seconds"), [([], None), (["--benchmark-max-time=0.5"], 0.5), (["--benchmark-max-time", "1.0"], 1.0)]
)
def test_benchmark_max_time_is_ours_where_it_is_given(pytester, args, seconds):
    assert _asked_max_time(pytester.parseconfig(*args)) == seconds


def test_benchmark_max_time_of_an_ini_file(pytester):
    pytester.makeini("[pytest]\naddopts = --benchmark-max-time=0.25\n")
    assert _asked_max_time(pytester.parseconfig()) == 0.25


def test_a_mark_goes_before_the_command_line(pytester):
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.benchmark(max_time=0.125)
        def test_marked(kernel_benchmark, rng):
            assert kernel_benchmark._place.max_time == 0.125
            kernel_benchmark(lambda x: x * 2, rng.normal(size=3), timed=False)

        def test_bare(kernel_benchmark, rng):
            assert kernel_benchmark._place.max_time == 0.5
            kernel_benchmark(lambda x: x * 2, rng.normal(size=3), timed=False)
        """
    )
    assert set(outcomes(run(pytester, "--fw=jax", "--benchmark-max-time=0.5")).values()) == {"passed"}
