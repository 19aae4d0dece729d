"""Every way in which a rank may end: one sentence that names it, in bounded time, and no process left.

These ranks have no framework, so that they start at once; ``test_frameworks.py`` sees it under the real launchers.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pytest_dualfw.ranks import launch as launching
from pytest_dualfw.ranks.launch import Launch, gathered, run
from pytest_dualfw.ranks.launchers import LAUNCHERS, RanksUnsupported, environment, reserved
from pytest_dualfw.ranks.outcome import Outcome, RankFailed
from pytest_dualfw.ranks.plan import Job, Plan
from pytest_dualfw.target import Target

from .conftest import alive

HERE = __package__


def plan_of(*works, **options):
    jobs = tuple(Job(f"{i}:{work}", f"{HERE}.work:{work}") for i, work in enumerate(works))
    return Plan("processes", Target(""), jobs, **options)


def test_each_rank_tells_what_it_computed(launched):
    outcome = launched("count", ranks=3, start=5)
    assert outcome.failure is None
    assert [list(rank["sum"]) for rank in outcome.of("job")] == [[5, 6, 7], [6, 7, 8], [7, 8, 9]]


@pytest.mark.parametrize(
    ("work", "options", "sentence"),
    [
        ("raise_an_error", {}, "rank 1 of 2 (processes) raised in job: ValueError: planted"),
        (
            "exit_hard",
            {},
            "rank 1 of 2 (processes) ended with exit status 3 in job; its last line on stderr: the last words",
        ),
        (
            "exit_hard",
            {"status": 0},
            "rank 1 of 2 (processes) ended with exit status 0 in job; its last line on stderr: the last words",
        ),
        ("end_by_signal", {}, "rank 1 of 2 (processes) was ended by SIGKILL in job; it wrote nothing to stderr"),
        (
            "end_by_signal",
            {"number": int(signal.SIGABRT)},
            "rank 1 of 2 (processes) was ended by SIGABRT in job; it wrote nothing to stderr",
        ),
    ],
    ids=["raises", "exits", "exits-0", "SIGKILL", "SIGABRT"],
)
def test_a_rank_that_dies(launched, work, options, sentence):
    began = time.monotonic()
    outcome = launched(work, who=1, **options)
    assert outcome.failure.sentence == sentence
    assert time.monotonic() - began < 60  # not the five minutes that the other rank sleeps
    with pytest.raises(RankFailed) as raised:
        outcome.of("job")
    assert str(raised.value) == sentence


def test_the_words_of_the_rank_stand_below_the_sentence(launched):
    error = launched("raise_an_error", who=0).error()
    assert any(line.endswith("ValueError: planted\nmore of it") for line in error.__notes__)
    assert "in raise_an_error" in error.__notes__[0]


def test_a_rank_that_hangs(launched):
    outcome = launched("hang", who=1, timeout_s=6)
    lines = Path(__file__).with_name("work.py").read_text().splitlines()
    at = 1 + next(i for i, line in enumerate(lines) if line == "def hang(rank, who):") + 2
    sentence = f"rank 1 of 2 (processes) had not ended after 6 s: it hangs in job, at hang (work.py:{at})"
    assert outcome.failure.sentence == sentence


def test_a_rank_that_does_not_even_answer(launched):
    outcome = launched("stop_still", who=0, timeout_s=6)
    sentence = "rank 0 of 2 (processes) had not ended after 6 s: it hangs in job, at a place it did not tell"
    assert outcome.failure.sentence == sentence


def test_a_job_that_is_not_there_is_told(launched):
    failure = launched("no_such_job").failure.sentence
    assert failure.endswith(f"raised in job: AttributeError: module '{HERE}.work' has no attribute 'no_such_job'")


def test_what_a_job_started_goes_with_it(launched):
    outcome = launched("have_a_child", ranks=1)
    (rank,) = outcome.of("job")
    stat = Path(f"/proc/{int(rank['pid'])}/stat")
    assert not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


def test_jobs_before_the_failure_have_their_results(tmp_path):
    outcome = run(plan_of("count", "no_such_job", "count"), tmp_path / "launch")
    assert [list(rank["sum"]) for rank in outcome.of("0:count")] == [[0, 1, 2], [1, 2, 3]]
    for job in ("1:no_such_job", "2:count"):
        with pytest.raises(RankFailed, match="raised in 1:no_such_job"):
            outcome.of(job)


def test_who_asks_second_gets_the_first_ones_outcome(tmp_path, monkeypatch):
    plan = plan_of("count")
    first = gathered(plan, tmp_path)
    monkeypatch.setattr(launching, "run", lambda *_: pytest.fail("launched again"))
    second = gathered(plan, tmp_path)
    assert [list(rank["sum"]) for rank in second.of("0:count")] == [list(rank["sum"]) for rank in first.of("0:count")]


def test_a_failure_is_shared_too(tmp_path):
    first, second = (gathered(plan_of("no_such_job"), tmp_path) for _ in range(2))
    assert first.failure == second.failure is not None


def test_an_interrupted_launch_leaves_nothing(tmp_path):
    (tmp_path / "launch").mkdir()
    job = Job("job", f"{HERE}.work:hang", {"who": 0})
    launch = Launch(Plan("processes", Target(""), (job,)), launching.Folder(tmp_path / "launch"))
    with pytest.raises(KeyboardInterrupt), launch.running():  # noqa: PT012
        assert alive(tmp_path)
        raise KeyboardInterrupt
    assert alive(tmp_path) == []


@pytest.mark.parametrize("launcher", sorted(LAUNCHERS))
def test_ranks_go_with_a_launching_process_that_is_killed(tmp_path, launcher):
    """Nobody is there to clean up: the shepherds see it themselves."""
    code = (
        "import sys; from pathlib import Path; from pytest_dualfw.ranks.launch import run; "
        "from pytest_dualfw.ranks.plan import *; from pytest_dualfw.target import Target; "
        f"run(Plan({launcher!r}, Target(''), (Job('job', '{HERE}.work:hang', {{'who': 0}}),)), Path(sys.argv[1]))"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "launch")], env=environ)
    try:
        wait_until(lambda: (tmp_path / "launch" / "rank-0.job.json").exists())
    finally:
        parent.kill()
        parent.wait()
    wait_until(lambda: not alive(tmp_path))


def wait_until(holds, seconds=90):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_plan_comes_back_from_json_as_it_was():
    plan = Plan("torchrun", Target("torch", "gpu", index=1), (Job("a", "b:c", {"d": [1, 2]}),), ranks=4)
    assert Plan.from_json(plan.to_json()) == plan
    outcome = Outcome(plan, Path("/x"))
    assert Outcome.from_json(outcome.to_json()) == outcome


def test_a_reserved_port_is_nobody_elses():
    with reserved() as one, reserved() as other:
        assert one.getsockname()[1] != other.getsockname()[1]


def test_ranks_have_the_threads_and_the_modules_of_this_process(launched):
    (rank,) = launched("thread_counts", ranks=1).of("job")
    assert rank["threads"] == 1
    found = environment(plan_of("count"))["PYTHONPATH"].split(os.pathsep)
    assert [os.path.abspath(p) for p in sys.path] == found


@pytest.mark.parametrize("framework", ["torch", "jax"])
def test_too_few_gpus_are_one_sentence(tmp_path, framework):
    plan = Plan("processes", Target(framework, "gpu"), (), ranks=4096, devices=2)
    with pytest.raises(RanksUnsupported) as raised:
        gathered(plan, tmp_path)
    there = str(raised.value).partition(" sees ")[2].partition(";")[0]
    assert str(raised.value) == (
        f"4096 ranks with 2 gpu each need 8192 and {framework} sees {int(there)}; "
        "run on a machine that has them, without pytest-xdist (it gives each worker one)"
    )


def test_results_keep_their_dtype_and_shape(launched):
    (rank,) = launched("count", ranks=1).of("job")
    assert rank["sum"].dtype == np.float64
    assert rank["sum"].shape == (3,)
