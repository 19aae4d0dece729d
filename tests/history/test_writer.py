"""What is appended stays, whatever happens to the writer."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_dualfw.history import writer
from pytest_dualfw.history.problems import HistoryError
from pytest_dualfw.history.reader import read
from pytest_dualfw.history.writer import append

from .stored import BOTH, MACHINE, file_of, line, stored

# Appends run after run to the folder, and says after each that it is there.
APPENDING = """
import sys
from pathlib import Path
from pytest_dualfw.history.writer import append
from tests.history.stored import stored

folder, name, runs = sys.argv[1:]
for i in range(int(runs)):
    append(Path(folder), stored(*(f"kernel {k}" for k in range(20)), run=f"{name} {i}"))
    print(i, flush=True)
"""


def appending(folder, name, runs):
    command = [sys.executable, "-c", APPENDING, str(folder), name, str(runs)]
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root, env={**os.environ, "PYTHONPATH": str(root)})


def test_each_line_in_the_file_of_its_month(tmp_path):
    found = [
        *stored("a", started="2026-11-30T23:59:59Z"),
        *stored("b", started="2026-11-30T23:59:59-02:00"),
        *stored("c", branch="feature/x y"),
        *stored("d", branch=""),
    ]
    machine = tmp_path / MACHINE.key
    names = ["main/2026-11.jsonl", "main/2026-12.jsonl", "feature_x_y/2026-11.jsonl", "unknown/2026-11.jsonl"]
    assert append(tmp_path, found) == [machine / name for name in names]
    stored_there = [json.loads((machine / name).read_text())["bench"]["group"] for name in names]
    assert stored_there == ["a", "b", "c", "d"]


@pytest.mark.parametrize("branch", ["../../etc", "..", ".git", "", "\0", "a\nb", "x" * 300, "C:\\con"])
def test_no_branch_leads_out_of_the_folder(tmp_path, branch):
    (path,) = append(tmp_path / "history", stored(branch=branch))
    assert path.parent.parent.parent.resolve() == (tmp_path / "history").resolve()
    assert not path.parent.name.startswith(".")
    assert [t.branch for t in read(tmp_path).timelines] != []


def test_git_is_told_to_keep_the_lines_of_both_sides(tmp_path):
    append(tmp_path, stored())
    assert (tmp_path / ".gitattributes").read_text() == "*.jsonl merge=union\n"
    (tmp_path / ".gitattributes").write_text("the user's own\n")
    append(tmp_path, stored("other"))
    assert (tmp_path / ".gitattributes").read_text() == "the user's own\n"


def test_lines_are_added_behind_those_that_are_there(tmp_path):
    (path,) = append(tmp_path, stored("a", "b"))
    before = path.read_bytes()
    assert append(tmp_path, stored("c", passes=BOTH)) == [path]
    assert path.read_bytes().startswith(before)
    assert [json.loads(raw)["bench"]["group"] for raw in path.read_text().splitlines()] == ["a", "b", "c", "c"]


def test_nothing_to_store_makes_nothing(tmp_path):
    assert append(tmp_path / "history", []) == []
    assert not (tmp_path / "history").exists()


def test_a_torn_line_takes_no_other_with_it(tmp_path):
    (path,) = append(tmp_path, stored("a", "b"))
    path.write_bytes(path.read_bytes()[:-100])
    append(tmp_path, stored("c"))
    history = read(tmp_path)
    assert [s.bench.group for s in history.timelines[0].series] == ["a", "c"]
    assert len(history.problems) == 1
    assert history.problems[0].startswith(f"{path}, line 2: got text that is not JSON")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such lock")
def test_what_another_writer_left_is_looked_at_under_the_lock(tmp_path, monkeypatch):
    (path,) = append(tmp_path, stored("a"))

    def locked_after_another(descriptor, operation):
        assert operation == writer.fcntl.LOCK_EX
        with path.open("ab") as file:
            file.write(b'{"torn')

    monkeypatch.setattr(writer.fcntl, "flock", locked_after_another)
    append(tmp_path, stored("b"))
    assert b'}\n{"torn\n{' in path.read_bytes()
    assert [s.bench.group for s in read(tmp_path).timelines[0].series] == ["a", "b"]


def test_without_a_lock_nothing_is_written_over(tmp_path, monkeypatch):
    """As on Windows, where another's line may come between a look at the file and the write."""
    (path,) = append(tmp_path, stored("a"))
    write = os.write

    def after_another(descriptor, data):
        with path.open("ab") as file:
            file.write(json.dumps(line(bench__group="another", bench__id="another")).encode() + b"\n")
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", after_another)
    append(tmp_path, stored("b"))
    assert [s.bench.group for s in read(tmp_path).timelines[0].series] == ["a", "another", "b"]


def test_a_disk_that_takes_a_part_at_a_time(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:700]))
    append(tmp_path, stored("a", "b"))
    monkeypatch.undo()
    assert (read(tmp_path).lines, read(tmp_path).problems) == (2, [])


def test_all_is_on_the_disk(tmp_path, monkeypatch):
    sizes = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: sizes.append(os.fstat(descriptor).st_size))
    (path,) = append(tmp_path, stored())
    assert sizes == [path.stat().st_size]


def test_processes_that_append_at_once_lose_nothing(tmp_path):
    writers = [appending(tmp_path, name, 15) for name in ("first", "second", "third")]
    for process in writers:
        process.communicate()
    assert [process.returncode for process in writers] == [0, 0, 0]
    history = read(tmp_path)
    assert (history.lines, history.problems) == (3 * 15 * 20, [])


def test_a_killed_writer_loses_at_most_what_it_was_writing(tmp_path):
    said = 0
    for kill in range(3):
        process = appending(tmp_path, f"writer {kill}", 100_000)
        for _ in range(5 + 7 * kill):
            said += bool(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate()
        said += len(rest.splitlines())
    append(tmp_path, stored(run="last"))
    history = read(tmp_path)
    (timeline,) = history.timelines
    runs = [run.id for run in timeline.runs]
    assert said >= 5 + 12 + 19
    assert len(history.problems) <= 3 and len(runs) - 1 in range(said, said + 4)
    counts = [sum(s.status[i] == "ok" for s in timeline.series) for i, run in enumerate(runs) if run != "last"]
    assert sum(count == 20 for count in counts) >= said


def test_a_line_without_a_time(tmp_path):
    with pytest.raises(HistoryError) as raised:
        append(tmp_path, [*stored("a"), *stored("b", started="yesterday")])
    assert str(raised.value) == (
        "got a line with started='yesterday', expected a time such as 2026-11-21T23:00:00Z; nothing was stored"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file(tmp_path):
    folder = file_of(tmp_path, line(), name="history")
    with pytest.raises(HistoryError) as raised:
        append(folder, stored())
    place = folder / MACHINE.key / "main"
    assert str(raised.value) == (
        f"the history at {place} cannot be written (Not a directory); give a folder that this user may write"
    )
