"""Some 11,000 files as nobody would write them: never a traceback, and the good lines beside the bad ones are used.

The same ones each time; ``DUALFW_FUZZ=20 pytest tests/history/test_fuzz.py`` tries twenty times as many, drawn anew.
"""

import atexit
import copy
import json
import math
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_dualfw.history.export import to_csv
from pytest_dualfw.history.model import QUANTITIES
from pytest_dualfw.history.problems import MOST
from pytest_dualfw.history.reader import read
from pytest_dualfw.history.rows import STATUSES
from pytest_dualfw.report.model import finite

from ..kernels.samples import FASTER, SLOWER, timing
from .stored import line

TIMES = int(os.environ.get("DUALFW_FUZZ", "1"))


def inputs(count):
    """Slow examples are the machine's affair."""
    return settings(
        max_examples=count * TIMES,
        derandomize=TIMES == 1,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


FOLDER = Path(tempfile.mkdtemp(prefix="dualfw-fuzz-"))
atexit.register(shutil.rmtree, FOLDER)

# The good lines are of a machine of their own, so that no other line can stand in their place.
KEY = "the good ones"
GOOD = [json.dumps(line(machine__key=KEY, run_id=f"{i}", jit__median=float(i + 1))).encode() for i in range(2)]
BASE = line()
TEXT = json.dumps(BASE)

THEIRS = {
    "machine_info": {"cpu": {"brand_raw": "a processor", "count": 8}, "python_version": "3.11.7"},
    "commit_info": {"id": "f00", "time": "2026-11-20T08:00:00+00:00", "dirty": True, "branch": "main"},
    "benchmarks": [
        {
            "name": "test_sort",
            "fullname": "test_it.py::test_sort",
            "group": None,
            "params": {"n": 3, "mode": "jit"},
            "stats": {"median": 1.0, "q1": 0.5, "q3": 2.0, "min": 0.25, "rounds": 3},
            "extra_info": extra,
        }
        for extra in ({}, {"dualfw": finite(timing(FASTER, SLOWER, n=64).to_json())})
    ],
    "datetime": "2026-11-21T23:00:00+00:00",
    "version": "5.3.1",
}

WRONG = [
    None, True, False, 0, -1, 1, 7, 2**63, 10**400, 0.0, -0.0, 1e-320, 1.5, -2.5, 1e308, math.nan, math.inf, -math.inf,
    "", "x", "nan", "7", "\ud800", "\x00\x1b[2J\n", "é" * 500,
    [], [1], [[]], ["a", 7], {}, {"a": 1}, {"median": "x"}, {"": {}},
]  # fmt: skip


def nested(depth, of="["):
    close = {"[": "]", '{"a":': "}"}[of]
    return of * depth + "1" + close * depth


def paths(data, above=()):
    """Of every field and list entry, however deep."""
    yield above
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from paths(value, (*above, key))


def changed(data, path, value):
    """With another value there."""
    if not path:
        return value
    data = copy.copy(data)
    data[path[0]] = changed(data[path[0]], path[1:], value)
    return data


def removed(data, path):
    data = copy.copy(data)
    if len(path) == 1:
        del data[path[0]]
    else:
        data[path[0]] = removed(data[path[0]], path[1:])
    return data


def expect_sound(raw, name="x.jsonl"):
    """Read without an error; what the history holds is whole, and what it says can be printed."""
    path = FOLDER / name
    path.write_bytes(raw)
    history = read(path)
    for sentence in history.problems:
        assert sentence.startswith(str(path)) and sentence.isprintable() and len(sentence) < 500
    assert len(history.problems) <= MOST + 1
    for timeline in history.timelines:
        assert [(run.started, run.id) for run in timeline.runs] == sorted(
            (run.started, run.id) for run in timeline.runs
        )
        for series in timeline.series:
            expect_whole(series, len(timeline.runs))
    json.dumps([timeline.machine for timeline in history.timelines], allow_nan=False)
    to_csv(history).encode()
    return history


def expect_whole(series, runs):
    assert tuple(series.values) == QUANTITIES
    numbers = np.array([*series.values.values(), series.low, series.high, series.roofline])
    assert numbers.shape == (8, runs) and (np.isnan(numbers) | (numbers > 0) & np.isfinite(numbers)).all()
    assert len(series.status) == len(series.reasons) == len(series.remeasured) == runs
    assert set(series.status) <= {*STATUSES, ""} and series.bench.id and series.bench.name.isprintable()


def expect_good_lines(bad):
    """Beside whatever else stands in the file."""
    history = expect_sound(b"\n".join([GOOD[0], bad, GOOD[1]]))
    (timeline,) = (t for t in history.timelines if t.key == KEY)
    (series,) = timeline.series
    assert series.values["jit"].tolist() == [1.0, 2.0]
    return history


@inputs(1200)
@given(st.binary(max_size=300))
def test_bytes(raw):
    assert expect_good_lines(raw).lines == 2


@inputs(800)
@given(st.text(max_size=200))
def test_text(text):
    assert expect_good_lines(text.encode("utf-8", "surrogatepass")).lines == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@inputs(800)
@given(JSON)
def test_json_of_somebody_else(value):
    assert expect_good_lines(json.dumps(value).encode()).lines == 2


@inputs(500)
@given(st.data())
def test_fields_of_a_line_swapped_for_anything(data):
    expect_good_lines(json.dumps(swapped(data, BASE)).encode())


def swapped(data, found):
    """With up to four of its fields replaced by anything."""
    for path in data.draw(st.lists(st.sampled_from(list(paths(found))[1:]), min_size=1, max_size=4, unique=True)):
        found = put(found, path, data.draw(JSON))
    return found


def put(data, path, value):
    """As ``changed``, where the way is still there."""
    try:
        return changed(data, path, value)
    except (KeyError, IndexError, TypeError):
        return data


@inputs(1000)
@given(st.lists(st.tuples(st.integers(0, len(TEXT) - 1), st.binary(max_size=3)), min_size=1, max_size=8))
def test_flipped_bytes(flips):
    raw = bytearray(TEXT.encode())
    for at, found in flips:
        raw[at : at + 1] = found
    expect_good_lines(bytes(raw))


@inputs(1000)
@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT)), st.booleans())
def test_cut_and_joined(start, end, newline):
    expect_good_lines(TEXT.encode()[:start] + b"\n" * newline + TEXT.encode()[end:])


@inputs(1000)
@given(st.lists(st.sampled_from([TEXT[:300], TEXT[300:], TEXT, "", "{", "}", '"', "[", "\\", "\r", "\n", "\0", "é"])))
def test_pieces_of_lines(pieces):
    expect_good_lines("".join(pieces).encode())


def test_every_field_of_the_wrong_kind():
    tried = 0
    for path in paths(BASE):
        for value in WRONG:
            expect_good_lines(json.dumps(changed(BASE, path, value)).encode())
            tried += 1
    assert tried > 1900


def test_every_field_missing():
    for path in list(paths(BASE))[1:]:
        expect_good_lines(json.dumps(removed(BASE, path)).encode())


@pytest.mark.parametrize("of", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [50, 300, 900, 5_000, 90_000])
def test_deep_nesting_anywhere(of, depth):
    deep = nested(depth, of)
    for path in paths(BASE):
        expect_good_lines(json.dumps(changed(BASE, path, "HERE")).replace('"HERE"', deep).encode())


@pytest.mark.parametrize("digits", [400, 4_000, 5_000, 500_000])
def test_long_numbers_anywhere(digits):
    for path in paths(BASE):
        expect_good_lines(json.dumps(changed(BASE, path, "HERE")).replace('"HERE"', "7" * digits).encode())


def expect_file(raw):
    return expect_sound(raw, "x.json")


def test_every_field_of_a_foreign_file_of_the_wrong_kind():
    tried = 0
    for path in paths(THEIRS):
        for value in WRONG[::2]:
            expect_file(json.dumps(changed(THEIRS, path, value)).encode())
            tried += 1
    assert tried > 1500


def test_every_field_of_a_foreign_file_missing_or_deep():
    deep = nested(400), nested(400, '{"a":'), nested(900), nested(5_000)
    for path in list(paths(THEIRS))[1:]:
        expect_file(json.dumps(removed(THEIRS, path)).encode())
        for found in deep:
            expect_file(json.dumps(changed(THEIRS, path, "HERE")).replace('"HERE"', found).encode())


@inputs(500)
@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_foreign_file(raw):
    assert expect_file(raw).lines == 0


@inputs(250)
@given(st.data())
def test_fields_of_a_foreign_file_swapped_for_anything(data):
    expect_file(json.dumps(swapped(data, THEIRS)).encode())
