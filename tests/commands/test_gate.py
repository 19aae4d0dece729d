"""``dualfw gate``: a working tree against a revision, with tests that leave planted times in place of measured ones."""

import json
import subprocess

import pytest

from pytest_dualfw import command

# Leaves the seconds that stand in a file beside it, as the jit time of a kernel.
TESTS = """\
import json
from pathlib import Path

import seconds


def test_kernels(request):
    report = Path(request.config.getoption("fw_report"))
    report.mkdir(parents=True, exist_ok=True)
    line = {
        "schema": "dualfw-bench/1",
        "started": f"2026-01-01T00:00:{int(report.name):02d}Z",
        "machine": {"key": "m"},
        "bench": {"id": "matmul"},
        "jit": {"median": seconds.JIT},
    }
    (report / "planted.jsonl").write_text(json.dumps(line))


def test_that_fails():
    assert seconds.JIT < 0
"""
OUR_TEST = ("--", "-k", "kernels")


def git(folder, *arguments):
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A repository of one commit, in which the command stands."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_project.py").write_text(TESTS)
    takes(folder, 1e-3)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest -p no:randomly -p no:xdist")  # seconds of imports
    return folder


def takes(folder, seconds):
    (folder / "seconds.py").write_text(f"JIT = {seconds}\n")


def told(capsys, *arguments):
    status = command.main(["gate", *map(str, arguments)])
    heard = capsys.readouterr()
    return status, heard.out.splitlines(), heard.err.splitlines()


def trees(folder):
    """Git's own list of the trees of a repository."""
    done = subprocess.run(["git", "-C", folder, "worktree", "list"], capture_output=True, text=True, check=True)
    return len(done.stdout.splitlines())


def test_a_slower_tree(project, tmp_path, capsys):
    """What is not committed is what is measured, and five rounds are enough."""
    takes(project, 1.1e-3)
    json_, md = tmp_path / "c.json", tmp_path / "c.md"
    arguments = ("--base", "main", "--rounds", 5, "--json", json_, "--md", md, *OUR_TEST)
    status, out, err = told(capsys, *arguments)
    assert (status, out) == (
        1,
        [
            "bench           quantity  before   after    factor  runs  p",
            "matmul forward  jit       1.00 ms  1.10 ms  1.100   5     0.0e+00  confirmed, worse",
            "1 number compared: 1 worse, 0 suspect, 0 better",
        ],
    )
    took_turns = ("main", "this tree", "this tree", "main")
    sides = [*took_turns, *took_turns, "main", "this tree"]
    assert err == [f"round {i // 2 + 1} of 5: {side}" for i, side in enumerate(sides)]
    assert json.loads(json_.read_text())["differences"][0]["factor"] == pytest.approx(1.1)
    assert "| matmul forward | jit | 1.00 ms | 1.10 ms | 1.100 | 5 |" in md.read_text(encoding="utf-8")
    assert trees(project) == 1


def test_an_equal_tree(project, capsys):
    status, out, _ = told(capsys, "--base", "HEAD", "--rounds", 1, *OUR_TEST)
    assert (status, out) == (0, ["1 number compared: 0 worse, 0 suspect, 0 better"])


def test_a_suspect_of_one_round(project, capsys):
    takes(project, 1.5e-3)
    status, out, _ = told(capsys, "--base", "HEAD", "--rounds", 1, "--fail-on", "suspect", *OUR_TEST)
    assert (status, out[-1]) == (3, "1 number compared: 0 worse, 1 suspect, 0 better")


def test_in_a_folder_of_the_repository(project, capsys, monkeypatch):
    folder = project / "kernels"
    folder.mkdir()
    for name in ("pytest.ini", "test_project.py", "seconds.py"):
        (project / name).rename(folder / name)
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "moved")
    takes(folder, 2e-3)
    monkeypatch.chdir(folder)
    status, out, _ = told(capsys, "--base", "HEAD", "--rounds", 1, *OUR_TEST)
    assert status == 0
    assert out[1].startswith("matmul forward  jit       1.00 ms  2.00 ms")
    assert told(capsys, "--base", "HEAD~1", "--rounds", 1) == (
        2,
        [],
        ["dualfw gate: kernels is not in 'HEAD~1'; run the command in a folder of both"],
    )
    assert trees(project) == 1


def test_nothing_but_what_is_timed_runs_where_nothing_is_said(project, capsys):
    """Which here is nothing: no test of the project is a benchmark."""
    assert told(capsys, "--base", "HEAD", "--rounds", 1)[:2] == (
        5,
        ["0 numbers compared: 0 worse, 0 suspect, 0 better"],
    )


def test_tests_that_fail(project, capsys):
    status, out, err = told(capsys, "--base", "HEAD", "--rounds", 1, "--", "-k", "fails")
    assert (status, out) == (2, [])
    assert err[0] == "round 1 of 1: HEAD"
    assert any("assert 0.001 < 0" in row for row in err)
    assert err[-1] == "dualfw gate: pytest ended with status 1 on HEAD; its output stands above"
    assert trees(project) == 1


def test_what_is_no_number_is_told(project, capsys):
    takes(project, -1)
    status, _, err = told(capsys, "--base", "HEAD", "--rounds", 1, *OUR_TEST)
    assert status == 5
    assert err[-1].startswith("dualfw gate: ")
    assert err[-1].endswith(
        "planted.jsonl, line 1: got jit.median=-1, expected a number above 0; the value is left out"
    )


def test_a_revision_that_is_none(project, capsys):
    for given in ("nowhere", "--all", ""):
        sentence = f"dualfw gate: {given!r} is no revision of {project}; name a branch, a tag or a commit"
        assert told(capsys, f"--base={given}") == (2, [], [sentence])


def test_outside_of_a_repository(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    sentence = f"dualfw gate: {tmp_path} is in no git repository; run the command in the project's checkout"
    assert told(capsys, "--base", "main") == (2, [], [sentence])


def test_a_hook_that_refuses(project, capsys):
    hook = project / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no >&2\nexit 3\n")
    hook.chmod(0o755)
    status, out, (sentence,) = told(capsys, "--base", "HEAD", "--rounds", 1)
    assert (status, out) == (2, [])
    assert sentence.startswith("dualfw gate: git worktree add ended with status 3 (Preparing worktree (detached HEAD ")
    assert sentence.endswith(") no); mend that first")
    assert trees(project) == 1


@pytest.mark.parametrize("rounds", ["0", "-1", "ten", "1.5", "²"])
def test_rounds_that_are_no_number(capsys, rounds):
    with pytest.raises(SystemExit) as ended:
        told(capsys, "--base", "main", f"--rounds={rounds}")
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        f"dualfw gate: argument --rounds: {rounds!r} is no number of rounds; give a whole number from 1 on; "
        "see dualfw gate --help\n"
    )


def test_a_place_that_cannot_be_written(project, tmp_path, capsys):
    status, _, err = told(capsys, "--base", "HEAD", "--rounds", 1, "--json", tmp_path, *OUR_TEST)
    assert (status, err[-1]) == (2, f"dualfw gate: {tmp_path} cannot be written (Is a directory); name another place")
