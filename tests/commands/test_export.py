"""``dualfw export``: CSV and pytest-benchmark's JSON, to a file or to standard output."""

import csv
import json

import pytest

from pytest_dualfw import command
from pytest_dualfw.history.export import CSV_COLUMNS
from tests.history.disk import keep, kernels
from tests.history.stored import file_of

NIGHTS = 3


@pytest.fixture
def history(tmp_path):
    return keep(tmp_path / "h", kernels("matmul", nights=NIGHTS))


def told(capsys, *arguments):
    status = command.main(["export", *map(str, arguments)])
    heard = capsys.readouterr()
    return status, heard.out, heard.err


def test_csv_has_a_row_for_each_night_and_series(history, capsys):
    status, out, err = told(capsys, history)
    assert (status, err) == (0, "")
    head, *rows = csv.reader(out.splitlines())
    assert head == list(CSV_COLUMNS)
    assert len(rows) == NIGHTS * 4
    assert {row[head.index("bench")] for row in rows} == {"add", "gelu", "matmul", "softmax"}


def test_the_latest_run_as_pytest_benchmark_keeps_it(history, tmp_path, capsys):
    out = tmp_path / "run.json"
    assert told(capsys, history, "--format", "pytest-benchmark", "--out", out) == (0, "", "")
    found = json.loads(out.read_text())
    assert found["datetime"] == "2026-01-03T03:00:00Z"
    assert len(found["benchmarks"]) == 4 * 2


def test_the_same_to_a_file(history, tmp_path, capsys):
    printed = told(capsys, history)[1]
    assert told(capsys, history, "--out", tmp_path / "all.csv") == (0, "", "")
    assert (tmp_path / "all.csv").read_text(encoding="utf-8") == printed


def test_bad_lines_are_told(history, capsys):
    path = file_of(history, "{")
    status, out, err = told(capsys, history)
    assert (status, len(out.splitlines())) == (0, 1 + NIGHTS * 4)
    assert err == (
        f"dualfw export: {path}, line 1: got text that is not JSON, expected one measurement of schema "
        "'dualfw-bench/1'; the line is left out\n"
    )


@pytest.mark.parametrize("form", ["csv", "pytest-benchmark"])
def test_nothing_to_export(tmp_path, capsys, form):
    out = tmp_path / "out"
    sentence = f"dualfw export: {tmp_path} holds no measurement to export\n"
    assert told(capsys, tmp_path, "--format", form, "--out", out) == (5, "", sentence)
    assert not out.exists()


def test_a_folder_that_is_not_there(tmp_path, capsys):
    missing = tmp_path / "nowhere"
    sentence = f"dualfw export: {missing} is no folder and no file; give the folder of a history\n"
    assert told(capsys, missing) == (2, "", sentence)


def test_a_place_that_cannot_be_written(history, tmp_path, capsys):
    sentence = f"dualfw export: {tmp_path} cannot be written (Is a directory); name another place\n"
    assert told(capsys, history, "--out", tmp_path) == (2, "", sentence)


def test_a_form_that_is_none(history, capsys):
    with pytest.raises(SystemExit) as ended:
        told(capsys, history, "--format", "xml")
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("dualfw export: argument --format: invalid choice: 'xml' (choose from ")
