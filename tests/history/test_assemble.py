"""Timelines of rows: runs in order, one number for each run, what a machine is and can see."""

import numpy as np

from pytest_dualfw.history.reader import read

from .stored import file_of, line


def night(day, **changes):
    return line(**{"run_id": f"night {day}", "started": f"2026-11-{day:02d}T01:00:00Z", **changes})


def history(folder, *found):
    return read(file_of(folder, *found))


def test_a_series_for_each_bench_and_pass_with_a_place_for_each_run(tmp_path):
    (timeline,) = history(
        tmp_path,
        night(3, bench__id="a", jit__median=3.0, remeasured=2, status="noisy", reasons=["wide"]),
        night(1, bench__id="a", jit__median=1.0),
        night(2, bench__id="b", jit__median=2.0),
        night(2, **{"bench__id": "b", "pass": "forward+backward", "jit__median": 4.0}),
    ).timelines
    assert [run.id for run in timeline.runs] == ["night 1", "night 2", "night 3"]
    assert [s.bench.name for s in timeline.series] == ["a forward", "b forward", "b forward+backward"]
    a, b, backward = timeline.series
    np.testing.assert_array_equal(a.values["jit"], [1.0, np.nan, 3.0])
    np.testing.assert_array_equal(b.values["jit"], [np.nan, 2.0, np.nan])
    np.testing.assert_array_equal(backward.values["jit"], [np.nan, 4.0, np.nan])
    assert (a.status, a.reasons, a.remeasured.tolist()) == (["ok", "", "noisy"], ["", "", "wide"], [0, 0, 2])


def test_every_number_in_its_place(tmp_path):
    numbers = {"ratio__median": 1.0, "jit__median": 2.0, "eager__median": 3.0, "compile__first": 4.0}
    more = {"jit__peak_bytes": 5, "ratio__lo": 6.0, "ratio__hi": 7.0, "roofline_pct": 8.0}
    (series,) = history(tmp_path, night(1, **numbers, **more)).timelines[0].series
    assert {name: found.tolist() for name, found in series.values.items()} == {
        "ratio": [1.0], "jit": [2.0], "eager": [3.0], "compile": [4.0], "memory": [5.0]
    }  # fmt: skip
    assert (series.low.tolist(), series.high.tolist(), series.roofline.tolist()) == ([6.0], [7.0], [8.0])
    b = series.bench
    assert (b.id, b.group, b.framework, b.device, b.dtype) == (
        "matmul torch-cpu-float32", "matmul", "torch", "cpu", "float32"
    )  # fmt: skip


def test_machines_and_branches_stand_apart(tmp_path):
    found = history(
        tmp_path,
        night(1, machine__key="b"),
        night(1, machine__key="a", commit__branch="work"),
        night(1, machine__key="a"),
    )
    assert [(t.key, t.branch) for t in found.timelines] == [("a", "main"), ("a", "work"), ("b", "main")]
    assert [len(t.runs) for t in found.timelines] == [1, 1, 1]
    assert found.lines == 3


def test_the_lines_of_a_run_tell_of_it_together(tmp_path):
    (timeline,) = history(
        tmp_path,
        night(2, bench__id="a", commit__id=None, env__torch=None, started="2026-11-02T01:00:09Z"),
        night(2, bench__id="b", commit__id="c0ffee", env__torch="2.13.0"),
        night(2, bench__id="c", commit__id="other", env__torch="2.14.0"),
    ).timelines
    (run,) = timeline.runs
    assert (run.started, run.commit) == ("2026-11-02T01:00:00Z", "c0ffee")
    assert run.versions == {"python": "3.11.7", "torch": "2.13.0", "driver": "570.1"}


def test_runs_that_start_together_stand_by_their_id(tmp_path):
    when = "2026-11-02T01:00:00Z"
    (timeline,) = history(tmp_path, *(line(run_id=name, started=when) for name in "cab")).timelines
    assert [run.id for run in timeline.runs] == ["a", "b", "c"]


def test_the_machine_as_the_last_run_found_it(tmp_path):
    (timeline,) = history(
        tmp_path,
        night(3, machine__cpu="faster", machine__mine=[1], machine__floor="low"),
        night(1, machine__cpu="slower"),
    ).timelines
    assert timeline.machine["cpu"] == "faster"
    assert set(timeline.machine) == {"key", "cpu", "cores", "gpu", "driver"}


def test_the_last_floor_that_was_measured(tmp_path):
    floors = {3: 0.01, 5: 0.02, 7: None, 9: "low"}
    (timeline,) = history(tmp_path, *(night(day, env__floor=floor) for day, floor in floors.items())).timelines
    assert timeline.machine["floor"] == 0.02


def test_where_versions_changed(tmp_path):
    (timeline,) = history(
        tmp_path,
        night(1),
        night(2, env__torch="2.14.0", machine__driver="580.2"),
        night(3, env__torch=None, machine__driver="580.2"),
        night(4, env__torch="2.14.0", env__python="3.12.1"),
    ).timelines
    assert list(timeline.marks()) == [
        (1, "torch 2.13.0 -> 2.14.0"),
        (1, "driver 570.1 -> 580.2"),
        (3, "python 3.11.7 -> 3.12.1"),
        (3, "driver 580.2 -> 570.1"),
    ]
