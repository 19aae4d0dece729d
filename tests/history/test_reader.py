"""Whatever lies in the folder: the good lines are used, and each other one is told in a sentence."""

import json
import os
import random
import tracemalloc

import numpy as np
import pytest

from pytest_dualfw.history.problems import HistoryError
from pytest_dualfw.history.reader import read
from pytest_dualfw.history.writer import append

from .stored import BOTH, MACHINE, file_of, line, stored, told, without

GOOD = json.dumps(line())
EXPECTED = "expected one measurement of schema 'dualfw-bench/1'; the line is left out"

# A line that is of no use -> what is said of it.
LEFT_OUT = {
    GOOD[:-30]: f"got text that is not JSON, {EXPECTED}",
    "<<<<<<< HEAD": f"got text that is not JSON, {EXPECTED}",
    "\0" * 50: f"got text that is not JSON, {EXPECTED}",
    GOOD.encode().replace(b"matmul", b"mat\xffmul"): f"got bytes that are not UTF-8, {EXPECTED}",
    GOOD.encode("utf-16"): f"got bytes that are not UTF-8, {EXPECTED}",
    "[" * 100_000: f"got JSON that is nested too deeply, {EXPECTED}",
    GOOD.replace('"n": 100', '"n": ' + "1" * 5000): f"got a whole number of too many digits, {EXPECTED}",
    GOOD.replace('"status"', '"ratio": null, "status"'): f"got JSON with a key twice in one object, {EXPECTED}",
    "x" * 1_000_001: f"got a line of more than 1,000,000 bytes, {EXPECTED}",
    "[1, 2]": f"got a list, {EXPECTED}",
    "17": f"got 17, {EXPECTED}",
    "null": f"got null, {EXPECTED}",
    '"dualfw-bench/1"': f"got 'dualfw-bench/1', {EXPECTED}",
    '{"name": "hello", "value": 1}': f"got JSON without a schema, {EXPECTED}",
    json.dumps(line(schema="dualfw-bench/2")): (
        "got schema='dualfw-bench/2', expected 'dualfw-bench/1' or a newer pytest-dualfw; the line is left out"
    ),
    json.dumps(line(schema=1)): "got schema=1, expected 'dualfw-bench/1'; the line is left out",
    json.dumps(without("started")): (
        "got started=null, expected a time such as 2026-11-21T23:00:00Z; the line is left out"
    ),
    json.dumps(line(started="0001-01-01T00:00:00+02:00")): (
        "got started='0001-01-01T00:00:00+02:00', expected a time such as 2026-11-21T23:00:00Z; the line is left out"
    ),
    json.dumps(without("bench__id")): (
        "got a line without bench.id, expected the name of what was measured; the line is left out"
    ),
}

# A field changed -> what is said of it; the rest of the line is used.
MISREAD = {
    "ratio__median": (float("nan"), "got ratio.median=nan, expected a number above 0; the value is left out"),
    "ratio__lo": ("nan", "got ratio.lo='nan', expected a number above 0; the value is left out"),
    "ratio__hi": (float("inf"), "got ratio.hi=inf, expected a number above 0; the value is left out"),
    "jit__median": (-1e-3, "got jit.median=-0.001, expected a number above 0; the value is left out"),
    "eager__median": (0, "got eager.median=0, expected a number above 0; the value is left out"),
    "compile__first": (True, "got compile.first=true, expected a number above 0; the value is left out"),
    "jit__peak_bytes": (
        10**400,
        f"got jit.peak_bytes=1{'0' * 56}..., expected a number above 0; the value is left out",
    ),
    "roofline_pct": ([50], "got roofline_pct=a list, expected a number above 0; the value is left out"),
    "eager": (7, "got eager=7, expected an object; it is read as missing"),
    "commit": ("f00", "got commit='f00', expected an object; it is read as missing"),
    "run_id": (7, "got run_id=7, expected text; it is read as missing"),
    "commit__id": ({}, "got commit.id=an object, expected text; it is read as missing"),
    "env__torch": (2.13, "got env.torch=2.13, expected text; it is read as missing"),
    "env__floor": ("3 %", "got env.floor='3 %', expected a number above 0; the value is left out"),
    "reasons": ("noise", "got reasons='noise', expected a list of text; it is read as missing"),
    "remeasured": (-1, "got remeasured=-1, expected a count; it is read as 0"),
    "status": (
        "great\n\ud800",
        "got status='great\\\\n\\\\ud800', expected ok, noisy, invalid, checked or skipped; "
        "no number of the line is used",
    ),
}


def names(history):
    return [s.bench.group for timeline in history.timelines for s in timeline.series]


@pytest.mark.parametrize("bad", LEFT_OUT, ids=range(len(LEFT_OUT)))
def test_a_line_of_no_use(tmp_path, bad):
    good = [stored(name)[0].to_json() for name in ("first", "second")]
    assert told(tmp_path, good[0], bad, good[1]) == [f"line 2: {LEFT_OUT[bad]}"]
    history = read(tmp_path)
    assert (names(history), history.lines) == (["first", "second"], 2)


@pytest.mark.parametrize("field", MISREAD)
def test_a_field_of_no_use(tmp_path, field):
    value, sentence = MISREAD[field]
    assert told(tmp_path, line(), line(bench__id="other", **{field: value})) == [f"line 2: {sentence}"]
    assert read(tmp_path).lines == 2


def test_a_value_of_no_use_takes_no_other_with_it(tmp_path):
    path = file_of(tmp_path, line(ratio__median="fast", eager__median=None))
    (series,) = read(path).timelines[0].series
    assert {name: float(found[0]) for name, found in series.values.items()} == pytest.approx(
        {"ratio": np.nan, "jit": 1e-3, "eager": np.nan, "compile": 0.5, "memory": 1_500_000}, nan_ok=True
    )


def test_a_kernel_in_place_takes_no_memory(tmp_path):
    path = file_of(tmp_path, line(jit__peak_bytes=0))
    assert told(tmp_path, line(jit__peak_bytes=0)) == []
    assert np.isnan(read(path).timelines[0].series[0].values["memory"]).all()


@pytest.mark.parametrize("status", ["invalid", "checked", "skipped"])
def test_no_value_of_what_was_not_measured(tmp_path, status):
    path = file_of(tmp_path, line(status=status, reasons=["it compiles", "it lies"]))
    (series,) = read(path).timelines[0].series
    numbers = np.array([*series.values.values(), series.low, series.high, series.roofline])
    assert np.isnan(numbers).all()
    assert (series.status, series.reasons) == ([status], ["it compiles; it lies"])


def test_the_least_that_a_line_says(tmp_path):
    least = {"schema": "dualfw-bench/1", "started": "2026-11-22", "bench": {"id": "theirs"}, "jit": {"median": 2}}
    assert told(tmp_path, least) == []
    (timeline,) = read(tmp_path).timelines
    (series,) = timeline.series
    assert (timeline.key, timeline.branch, timeline.machine) == ("unknown", "unknown", {"key": "unknown"})
    assert [(run.id, run.started, run.commit, run.versions) for run in timeline.runs] == [
        ("2026-11-22T00:00:00Z", "2026-11-22T00:00:00Z", "", {})
    ]
    assert (series.bench.pass_, series.status, series.values["jit"].tolist()) == ("forward", ["ok"], [2.0])


@pytest.mark.parametrize(
    "started",
    ["2026-11-22T01:30:00+02:30", "2026-11-21T23:00:00", "2026-11-21 23:00:00.25Z", "20261121T230000Z"],
)
def test_times_are_compared_in_utc(tmp_path, started):
    history = read(file_of(tmp_path, line(started=started)))
    assert [run.started for run in history.timelines[0].runs] == ["2026-11-21T23:00:00Z"]


def test_equal_problems_of_a_file_are_counted(tmp_path):
    sentence = f"got text that is not JSON, {EXPECTED}"
    assert told(tmp_path, "a", line(), "b", "c") == [f"line 1: {sentence} (and 2 more like it)"]


def test_a_file_full_of_problems_is_short_to_tell(tmp_path):
    sentences = told(tmp_path, *(line(schema=i) for i in range(332)))
    assert len(sentences) == 21
    assert sentences[0] == "line 1: got schema=0, expected 'dualfw-bench/1'; the line is left out"
    assert sentences[-1] == f"{tmp_path / 'kernels.jsonl'}: and 312 more"


def test_what_is_no_matter(tmp_path):
    """Blank lines, ends as Windows writes them, an editor's mark, no end of the last line, fields nobody knows."""
    a, b = (json.dumps(stored(name)[0].to_json()) for name in ("a", "b"))
    known_to_nobody = b.replace("{", '{"mine": [1], ', 1)
    path = file_of(tmp_path, b"\xef\xbb\xbf" + f"{a}\r\n\r\n   \n{known_to_nobody}".encode())
    path.write_bytes(path.read_bytes().rstrip())
    history = read(path)
    assert (names(history), history.problems, history.lines) == (["a", "b"], [], 2)


def test_an_empty_file(tmp_path):
    file_of(tmp_path, "")
    history = read(tmp_path)
    assert (history.timelines, history.problems, history.lines) == ([], [], 0)


def test_the_same_line_twice_is_one(tmp_path):
    """As git's union merge leaves it, and as a report's folder beside the history has it."""
    (path,) = append(tmp_path, stored("a", "b", passes=BOTH))
    path.write_bytes(path.read_bytes() * 2)
    file_of(tmp_path, path.read_bytes(), name="report/kernels.jsonl")
    history = read(tmp_path)
    assert (history.lines, history.problems) == (4, [])


def test_of_two_lines_for_one_measurement_the_later_is_used(tmp_path):
    name = "'matmul torch-cpu-float32 forward'"
    assert told(tmp_path, line(jit__median=1.0), line(), line(jit__median=3.0), line(jit__median=3.0)) == [
        f"line 2: got {name} a second time in the run 'night 1', with other text, expected one line for each; "
        "the later line is used (and 1 more like it)"
    ]
    history = read(tmp_path)
    assert (history.timelines[0].series[0].values["jit"].tolist(), history.lines) == ([3.0], 1)


def test_the_order_of_lines_and_files_is_no_matter(tmp_path):
    nights = [
        one.to_json()
        for day in range(10, 20)
        for one in stored("a", "b", run=f"{day}", started=f"2026-11-{day}T01:00:00Z", passes=BOTH)
    ]
    ordered = read(file_of(tmp_path, *nights, name="ordered/x.jsonl"))
    random.Random(1).shuffle(nights)
    file_of(tmp_path, *nights[:15], name="shuffled/z.jsonl")
    file_of(tmp_path, *nights[15:], name="shuffled/deep/er/a.jsonl")
    shuffled = read(tmp_path / "shuffled")
    assert [run.id for run in shuffled.timelines[0].runs] == [str(day) for day in range(10, 20)]
    assert repr(shuffled) == repr(ordered)


def test_other_files_are_passed_over(tmp_path):
    append(tmp_path, stored())
    for name in ("report.json", "machine.json", "notes.txt", "kernels.jsonl.bak"):
        file_of(tmp_path, '{"schema": "dualfw-report/1", "benchmarks": 3}', name=name)
    (tmp_path / "folder.jsonl").mkdir()
    history = read(tmp_path)
    assert (history.lines, history.problems) == (1, [])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_is_not_waited_for(tmp_path):
    append(tmp_path, stored())
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "dangling.jsonl").symlink_to("nowhere")
    assert read(tmp_path).problems == [
        f"{tmp_path / name}: is no file that can be read; it is left out" for name in ("dangling.jsonl", "pipe.jsonl")
    ]


def test_a_file_that_cannot_be_read(tmp_path, monkeypatch):
    (path,) = append(tmp_path, stored())
    other = file_of(tmp_path, line(), name="other.jsonl")
    opened = type(path).open

    def refused(self, *args, **kwargs):
        if self == other:
            raise PermissionError(13, "Permission denied")
        return opened(self, *args, **kwargs)

    monkeypatch.setattr(type(path), "open", refused)
    history = read(tmp_path)
    assert history.problems == [f"{other}: cannot be read (Permission denied); the rest is left out"]
    assert history.lines == 1


def test_a_folder_below_that_cannot_be_read(tmp_path, monkeypatch):
    append(tmp_path, stored())
    scandir, closed = os.scandir, tmp_path / "closed"
    closed.mkdir()

    def refused(folder):
        if str(folder) in (str(closed), str(refused.also)):
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    refused.also = None
    monkeypatch.setattr(os, "scandir", refused)
    history = read(tmp_path)
    assert history.problems == [f"{closed}: cannot be read (Permission denied); it is left out"]
    assert history.lines == 1
    refused.also = tmp_path
    with pytest.raises(HistoryError) as raised:
        read(tmp_path)
    assert str(raised.value) == (
        f"{tmp_path} cannot be read (Permission denied); give a folder that this user may read"
    )


@pytest.mark.parametrize("name", ["nowhere", "half\ud800name", "a\nb"])
def test_no_such_folder(tmp_path, name):
    with pytest.raises(HistoryError) as raised:
        read(tmp_path / name)
    place = f"{tmp_path}/{name}".replace("\n", "\\n").replace("\ud800", "\\ud800")
    assert str(raised.value) == f"{place} is no folder and no file; give the folder of a history"


def test_a_line_without_end_needs_little_memory(tmp_path):
    path = file_of(tmp_path, line(), "x" * 30_000_000, line(bench__id="last"))
    read(path)
    tracemalloc.start()
    try:
        history = read(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (history.lines, len(history.problems)) == (2, 1)
    assert peak < 5_000_000


def test_problems_need_little_memory(tmp_path):
    path = file_of(tmp_path, *({"schema": f"{i} {'x' * 1000}"} for i in range(4000)))
    tracemalloc.start()
    try:
        assert len(read(path).problems) == 21
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_progress_in_bytes(tmp_path):
    paths = [file_of(tmp_path, *[line()] * 1500, name=name) for name in ("a.jsonl", "b.jsonl")]
    size = paths[0].stat().st_size
    heard = []
    read(tmp_path, lambda done, all_: heard.append((done, all_)))
    assert [all_ for _, all_ in heard] == [2 * size] * 3
    assert [done for done, _ in heard] == [1000 * size // 1500, size + 1000 * size // 1500, 2 * size]


def test_text_in_a_name_stays_on_its_line(tmp_path):
    (series,) = read(file_of(tmp_path, line(bench__id="a\nb\x1b[31m\ud800é"))).timelines[0].series
    assert series.bench.id == "a\\nb\\x1b[31m\\ud800é"


def test_the_key_of_a_machine(tmp_path):
    (timeline,) = read(file_of(tmp_path, line())).timelines
    assert timeline.key == MACHINE.key
