"""Files of pytest-benchmark in and out: medians kept, our own timings whole."""

import json
import subprocess
import sys

import pytest

from pytest_dualfw.history.export import CSV_COLUMNS, to_csv, to_pytest_benchmark
from pytest_dualfw.history.foreign import Foreign, from_pytest_benchmark
from pytest_dualfw.history.problems import HistoryError
from pytest_dualfw.history.reader import read
from pytest_dualfw.history.writer import append
from pytest_dualfw.kernels.line import lines
from pytest_dualfw.report.model import finite

from ..kernels.samples import COMPILES, FASTER, NOT_SURE, NOT_TIMED, SLOWER, TIMINGS, timing
from .stored import BOTH, file_of, stored, surroundings

STATS = {"min": 1e-3, "max": 9e-3, "mean": 3e-3, "q1": 1.5e-3, "median": 2e-3, "q3": 2.5e-3, "rounds": 50}
CPU = {"arch": "X86_64", "brand_raw": "a processor", "count": 8}
COMMIT = {"id": "f00", "time": "2026-11-20T08:00:00+00:00", "dirty": True, "project": "mine", "branch": "main"}
EXPECTED = "expected a file of pytest-benchmark (--benchmark-json, --benchmark-autosave); the file is left out"


def theirs(*benchmarks, **changes):
    """A file as version 5 writes it."""
    file = {
        "machine_info": {
            "node": "n",
            "processor": "x86_64",
            "machine": "x86_64",
            "python_version": "3.11.7",
            "cpu": CPU,
        },
        "commit_info": COMMIT,
        "benchmarks": list(benchmarks),
        "datetime": "2026-11-21T23:00:00.123456+00:00",
        "version": "5.3.1",
    }
    return json.dumps({**file, **changes})


def bench(name="test_sort", stats=STATS, **more):
    told = {"group": None, "name": name, "fullname": f"tests/test_it.py::{name}", "params": None, "param": None}
    return {**told, "extra_info": {}, "options": {"warmup": False}, "stats": stats, **more}


def ours(timed, mode):
    return bench(f"test_matmul[{mode}]", extra_info={"dualfw": finite(timed.to_json())})


def test_a_median_of_theirs():
    (line,) = from_pytest_benchmark(theirs(bench(group="sorting", params={"n": 3, "kind": "quick"})))
    assert (line.run_id, line.started) == ("2026-11-21T23:00:00.123456+00:00",) * 2
    assert (line.commit.id, line.commit.branch, line.commit.dirty) == ("f00", "main", True)
    assert (line.machine["cpu"], line.machine["cores"], line.env) == ("a processor", 8, {"python": "3.11.7"})
    assert (line.bench.id, line.bench.group) == ("tests/test_it.py::test_sort", "sorting")
    assert line.bench.params == {"n": 3, "kind": "quick"}
    side = line.measured.eager
    assert (side.median, side.q1, side.q3, side.minimum, side.count) == (2e-3, 1.5e-3, 2.5e-3, 1e-3, 50)
    assert (line.measured.name, line.measured.status, line.measured.jit) == ("forward", "ok", None)


@pytest.mark.parametrize(
    ("name", "params", "jit"),
    [
        ("test_jit_sort", None, True),
        ("test_sort[compiled]", None, True),
        ("test_sort[x]", {"mode": "jit"}, True),
        ("test_sort[x]", {"mode": "Compile"}, True),
        ("test_jitter", None, False),
        ("test_sort[x]", {"mode": "eager", "fast": True, "n": [1]}, False),
    ],
)
def test_which_side_a_name_speaks_of(name, params, jit):
    (line,) = from_pytest_benchmark(theirs(bench(name, params=params)))
    assert (line.measured.jit is not None, line.measured.eager is not None) == (jit, not jit)


def test_version_4_had_no_zone_and_said_less():
    less = {"commit_info": {"id": "unversioned"}, "machine_info": {}, "version": "4.0.0"}
    (line,) = from_pytest_benchmark(theirs(bench(), datetime="2023-01-02T03:04:05.678901", **less))
    assert (line.commit.id, line.commit.branch, line.machine["key"], line.env) == ("", "", "unknown", {})


def test_both_modes_of_a_kernel_are_one_timing():
    timed = timing(FASTER, SLOWER, n=64)
    told = []
    found = from_pytest_benchmark(theirs(ours(timed, "eager"), ours(timed, "jit"), bench()), told.append)
    assert [(line.bench.id, line.measured) for line in found[:2]] == [
        ("matmul n=64 torch-cpu-float32", FASTER),
        ("matmul n=64 torch-cpu-float32", SLOWER),
    ]
    assert (len(found), told) == (3, [])


def test_a_timing_of_another_form():
    told = []
    (line,) = from_pytest_benchmark(theirs(bench(extra_info={"dualfw": {"schema": "dualfw-bench/9"}})), told.append)
    assert line.measured.eager.median == 2e-3
    assert told == [
        "got benchmarks[0].extra_info.dualfw of another form, expected a kernel timing; the benchmark's stats are used"
    ]


def test_benchmarks_of_no_use():
    told = []
    found = from_pytest_benchmark(
        theirs(7, bench(stats={}), bench(stats={"median": "fast"}), bench("kept")), told.append
    )
    assert [line.bench.id for line in found] == ["tests/test_it.py::kept"]
    assert told == [
        "got benchmarks[0]=7, expected an object; it is left out",
        "got benchmarks[1] without a name or a median, expected both; it is left out",
        "got benchmarks[2].stats.median='fast', expected a number above 0; the value is left out",
        "got benchmarks[2] without a name or a median, expected both; it is left out",
    ]


@pytest.mark.parametrize(
    ("text", "error", "got"),
    [
        ("{", HistoryError, "text that is not JSON"),
        (b"\xff", HistoryError, "bytes that are not UTF-8"),
        ("[]", Foreign, "JSON of another tool"),
        ('{"benchmarks": []}', Foreign, "JSON of another tool"),
        ('{"benchmarks": {}, "machine_info": {}}', Foreign, "JSON of another tool"),
        (theirs(datetime="now"), HistoryError, "datetime='now'"),
        (theirs(datetime=None), HistoryError, "datetime=''"),
    ],
)
def test_files_of_no_use(text, error, got):
    with pytest.raises(HistoryError) as raised:
        from_pytest_benchmark(text)
    assert type(raised.value) is error
    assert str(raised.value) == f"got {got}, {EXPECTED}"


def test_files_in_the_folder_of_a_history(tmp_path):
    append(tmp_path, stored())
    path = file_of(tmp_path, theirs(bench(), 7), name="Linux-CPython-3.11-64bit/0001_f00.json")
    torn = file_of(tmp_path, theirs(bench())[:-9], name="torn.json")
    history = read(tmp_path)
    assert {s.bench.group or s.bench.id for t in history.timelines for s in t.series} == {
        "matmul",
        "tests/test_it.py::test_sort",
    }
    assert history.problems == [
        f"{path}: got benchmarks[1]=7, expected an object; it is left out",
        f"{torn}: got text that is not JSON, {EXPECTED}",
    ]


def test_a_file_that_was_named(tmp_path):
    path = file_of(tmp_path, "{}", name="report.json")
    assert read(path).problems == [f"{path}: got JSON of another tool, {EXPECTED}"]


def test_a_file_with_a_lot_of_raw_data(tmp_path, monkeypatch):
    monkeypatch.setattr("pytest_dualfw.history.reader.LARGEST", 1000)
    path = file_of(tmp_path, " " * 1001, name="raw.json")
    assert read(tmp_path).problems == [
        f"{path}: got more than 1,000 bytes, expected a file without raw data; it is left out"
    ]


def test_what_pytest_benchmark_writes(pytester):
    """With raw data and without, by the version that is installed."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("mode", ["eager", "jit"])
        def test_it(benchmark, mode):
            benchmark.pedantic(sum, args=([1, 2],), rounds=5)
        """
    )
    options = ["-p", "no:randomly", "-p", "no:xdist", "--benchmark-storage=file://./saved"]
    pytester.runpytest_inprocess(*options, "--benchmark-json=raw.json", "--benchmark-save=short").assert_outcomes(
        passed=2
    )
    saved = [pytester.path / "raw.json", *pytester.path.glob("saved/*/*.json")]
    medians = [[b["stats"]["median"] for b in json.loads(path.read_text())["benchmarks"]] for path in saved]
    for path, (eager, jit) in zip(saved, medians, strict=True):
        first, second = read(path).timelines[0].series
        assert (first.values["eager"].tolist(), second.values["jit"].tolist()) == ([eager], [jit])
    assert len(saved) == 2


def test_there_and_back():
    found = [
        line
        for t in (timing(FASTER, NOT_SURE, n=64, causal=True), timing(SLOWER, framework="jax"))
        for line in lines(t, surroundings())
    ]
    told = []
    assert from_pytest_benchmark(json.dumps(to_pytest_benchmark(found)), told.append) == found
    assert told == []


def test_what_has_no_time_is_not_there():
    found = [line for passes in (COMPILES, NOT_TIMED) for line in lines(timing(passes), surroundings())]
    assert to_pytest_benchmark(found)["benchmarks"] == []


def test_an_imported_benchmark_goes_out_as_it_came():
    exported = to_pytest_benchmark(from_pytest_benchmark(theirs(bench())))
    (told,) = exported["benchmarks"]
    assert (told["group"], told["params"]) == ("tests/test_it.py::test_sort forward", {"mode": "eager"})
    assert told["extra_info"] == {}
    assert {key: told["stats"][key] for key in ("min", "q1", "median", "q3", "rounds")} == {
        key: STATS[key] for key in ("min", "q1", "median", "q3", "rounds")
    }


def test_a_line_that_comes_twice_goes_out_once():
    exported = to_pytest_benchmark([*stored("a"), *stored("b"), *stored("a")])
    assert [told["name"] for told in exported["benchmarks"]] == [
        f"{kernel} torch-cpu-float32 forward {mode}" for kernel in "ab" for mode in ("eager", "jit")
    ]


@pytest.mark.parametrize("runs", [(), ("night 1", "night 2")])
def test_a_file_holds_one_run(runs):
    with pytest.raises(HistoryError) as raised:
        to_pytest_benchmark(line for run in runs for line in stored(run=run))
    assert str(raised.value) == f"got the lines of {len(runs)} runs, expected those of one; a file holds one run"


def test_pytest_benchmark_compares_two_nights(tmp_path):
    nights = {"0001_first": FASTER, "0002_second": SLOWER}
    files = [
        file_of(tmp_path, to_pytest_benchmark(lines(timing(m, n=64), surroundings(run=name))), name=f"{name}.json")
        for name, m in nights.items()
    ]
    command = [sys.executable, "-m", "pytest_benchmark", "compare", *map(str, files), "--columns=median,iqr,rounds"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("matmul n=64")]
    assert [(row[3], row[4], row[6]) for row in rows if row[3] == "forward"] == [
        ("forward", "jit", "1,000.0000"),
        ("forward", "eager", "2,000.0000"),
    ]
    assert len(rows) == 4


def test_csv_of_a_history(tmp_path):
    append(
        tmp_path, [*stored("a", run="1", passes=BOTH), *lines(TIMINGS[3], surroundings("2", "2026-11-22T23:00:00Z"))]
    )
    key = stored()[0].machine["key"]
    assert to_csv(read(tmp_path)).splitlines() == [
        ",".join(CSV_COLUMNS),
        f"{key},main,1,2026-11-21T23:00:00Z,f00,a torch-cpu-float32,a,forward,torch,cpu,float32,ok,"
        "2.0,0.001,0.002,0.5,1500000.0,1.98,2.02,50.0,0,",
        f"{key},main,1,2026-11-21T23:00:00Z,f00,a torch-cpu-float32,a,forward+backward,torch,cpu,float32,ok,"
        "0.5,0.002,0.001,0.5,1500000.0,0.495,0.505,50.0,0,",
        f"{key},main,2,2026-11-22T23:00:00Z,f00,matmul n=2048 jax-cpu-float32,matmul,forward,jax,cpu,float32,invalid,"
        ",,,,,,,,0,eager compiled 3 times in 3 calls; allowed is none; 2 calls take 1.10 times as long as 1",
    ]
