"""The lines of the latest run, as they were written."""

import json

from pytest_dualfw.history.latest import latest
from pytest_dualfw.history.reader import read
from pytest_dualfw.history.writer import append

from .stored import BOTH, file_of, line, stored, without

LATER = "2026-11-22T23:00:00Z"


def found(folder):
    return [one["bench"]["group"] for one in latest(folder, read(folder))]


def test_nothing(tmp_path):
    assert latest(tmp_path, read(tmp_path)) == []


def test_the_run_that_started_last_whatever_the_order(tmp_path):
    append(tmp_path, stored("new", "newer", run="night 2", started=LATER, passes=BOTH))
    append(tmp_path, stored("old"))
    assert found(tmp_path) == ["new", "new", "newer", "newer"]


def test_its_lines_are_as_they_were_written(tmp_path):
    (one,) = stored("matmul")
    append(tmp_path, [one])
    assert latest(tmp_path, read(tmp_path)) == [json.loads(json.dumps(one.to_json()))]


def test_it_may_lie_in_several_files(tmp_path):
    append(tmp_path, stored("a", run="abc", started=LATER))
    append(tmp_path, stored("b", run="abc", started=LATER, branch="other"))
    append(tmp_path, stored("c", run="abd"))
    assert sorted(found(tmp_path)) == ["a", "b"]


def test_one_file(tmp_path):
    path = file_of(tmp_path, line(bench__group="here"))
    file_of(tmp_path, line(bench__group="there", started=LATER), name="other.jsonl")
    assert found(path) == ["here"]


def test_another_tools_line_of_the_same_run_is_passed_over(tmp_path):
    """What lacks a field or is no JSON was told by the reader; a run's name in other text does not make it a line."""
    bad = ("{", '{"schema": "x"}', json.dumps({"note": "night 1"}), without("jit"), without("bench__cache"))
    path = file_of(tmp_path, line(), *bad, line(bench__id="b", bench__group="b"))
    assert found(path) == ["matmul", "b"]


def test_a_run_without_an_id_is_its_start(tmp_path):
    """A line needs an id to be complete: it is read, and not told again."""
    path = file_of(tmp_path, without("run_id"))
    assert read(path).lines == 1
    assert found(path) == []


def test_an_id_that_json_writes_in_another_way(tmp_path):
    for i, name in enumerate(("näht", 'a "b"', "a\\b", "é\n")):
        path = file_of(tmp_path, line(run_id=name), line(run_id="other", started="2026-01-01T00:00:00Z"), name=f"{i}.jsonl")  # fmt: skip  # noqa: E501
        assert len(latest(path, read(path))) == 1, name
