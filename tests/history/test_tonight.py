"""A run beside the nights before it: what is measured again, which of several is kept, what is stored."""

import json
import math
from types import SimpleNamespace

import pytest

from pytest_dualfw.history.tonight import Suspect, Tonight, middle, number
from pytest_dualfw.kernels import environment
from pytest_dualfw.kernels.environment import Commit, Machine, Surroundings
from pytest_dualfw.kernels.measure import Taken
from tests.kernels.samples import COMPILES, NOT_TIMED, measured, timing
from tests.plugin.helpers import has_line, run, text

HERE = Machine("a processor", 2, 1)
FW = SimpleNamespace(name="jax", device="cpu")


def night(folder, number=0, machine=HERE, branch="main"):
    """The run of one night, whose machine sees changes of 1 %."""
    started = f"2026-{1 + number // 28:02d}-{1 + number % 28:02d}T03:00:00Z"
    tonight = Tonight(folder, Surroundings(f"run{number}", started, machine, Commit("f00", "", False, branch)))
    tonight._floors["jax-cpu"] = 0.01
    return tonight


@pytest.fixture
def history(tmp_path):
    """Twenty nights at 1 ms."""
    for i in range(20):
        night(tmp_path, i).keep([timing(measured(jit=1e-3), n=64)])
    return tmp_path


def settled(folder, *jits, **where):
    """What is kept of measurements that come one after the other, and how many were made."""
    coming = [Taken(timing(measured(eager=2e-3 * jit / 1e-3, jit=jit), n=64), {}) for jit in jits]
    made = []
    kept = night(folder, 20, **where).settled(FW, lambda: made.append(coming[len(made)]) or made[-1])
    return kept.timing, len(made)


def test_an_ordinary_night_is_measured_once(history):
    kept, count = settled(history, 1.02e-3)
    assert (count, kept.forward.remeasured, kept.forward.jit.median) == (1, 0, 1.02e-3)
    assert kept.environment == {"threads": 1, "compile_backend": "inductor", "floor": 0.01}


def test_a_suspect_is_measured_twice_more_and_the_middle_one_is_kept(history):
    kept, count = settled(history, 1.2e-3, 1.0e-3, 1.1e-3)
    assert (count, kept.forward.remeasured, kept.forward.jit.median) == (3, 2, 1.1e-3)


@pytest.mark.parametrize("where", [{"branch": "other"}, {"machine": Machine("another", 2, 1)}])
def test_other_machines_and_branches_say_nothing(history, where):
    assert settled(history, 1.2e-3, **where)[1] == 1


def test_before_there_is_a_history_nothing_is_a_suspect(tmp_path):
    assert settled(tmp_path / "nothing", 1.2e-3)[1] == 1


def test_the_middle_of_what_has_a_number():
    timings = [timing(measured(jit=1e-3 * k)) for k in (5, 1, 4)]
    assert middle(timings, Suspect(0, "jit")) == 2
    assert middle([timing(COMPILES), timings[0]], Suspect(0, "jit")) == 1
    assert middle([timing(COMPILES), timing(COMPILES)], Suspect(0, "jit")) == 0


def test_every_quantity_of_a_pass():
    found = {q: number(measured(), q) for q in ("ratio", "jit", "eager", "compile", "memory")}
    assert found == {"ratio": 2.0, "jit": 1e-3, "eager": 2e-3, "compile": 0.5, "memory": 1_500_000}
    assert all(math.isnan(number(COMPILES, q)) for q in found)


def test_what_was_only_checked_leaves_no_line(tmp_path):
    assert night(tmp_path).keep([timing(NOT_TIMED)]) == []
    assert list(tmp_path.iterdir()) == []
    (path,) = night(tmp_path).keep([timing(measured(), NOT_TIMED), timing(COMPILES)])
    assert [json.loads(line)["status"] for line in path.read_text().splitlines()] == ["ok", "invalid"]


KERNEL = """
    def test_doubled(kernel_benchmark, rng):
        kernel_benchmark(lambda x: x + x, rng.normal(size=(8, 8)), backward=False, max_time=0.02)
"""
ARGS = ("--fw=jax", "--fw-history=nights", "--benchmark-quiet")


@pytest.fixture
def quick_control(monkeypatch):
    monkeypatch.setattr("pytest_dualfw.history.tonight.CONTROL_SECONDS", 0.01)


@pytest.mark.usefixtures("quick_control")
def test_a_run_appends_to_its_history(pytester):
    pytester.makepyfile(KERNEL)
    for count in (1, 2):
        result = run(pytester, *ARGS)
        assert result.ret == 0
        (path,) = (pytester.path / "nights").rglob("*.jsonl")
        assert has_line(result, f"history: {path}")
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert len({line["run_id"] for line in lines}) == len(lines) == count
        assert lines[-1]["env"]["floor"] > 0


def test_a_run_that_times_nothing_says_so(pytester):
    pytester.makepyfile(KERNEL)
    result = run(pytester, *ARGS, "--benchmark-disable")
    assert result.ret == 0
    assert has_line(result, "history: nothing was timed, nothing is stored; --benchmark-only times the suites' kernels")
    assert not (pytester.path / "nights").exists()


@pytest.mark.usefixtures("quick_control")
def test_a_history_that_cannot_be_written_is_a_problem_of_the_run(pytester):
    pytester.makepyfile(KERNEL)
    pytester.mkdir("nights").joinpath(environment.machine(1).key).write_text("a file in the place of a folder")
    result = run(pytester, *ARGS)
    assert result.ret == 4
    assert "give a folder that this user may write" in text(result)


def test_a_file_is_no_history(pytester):
    pytester.makepyfile(KERNEL)
    pytester.makefile(".txt", nights="")
    result = run(pytester, "--fw=jax", "--fw-history=nights.txt")
    assert f"--fw-history names '{pytester.path / 'nights.txt'}', which is not a folder; name another one" in text(
        result
    )
