"""What a run with kernels shows at its end and leaves in its report folder."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from pytest_dualfw.kernels.files import files
from pytest_dualfw.kernels.line import from_json
from pytest_dualfw.kernels.terminal import table

from ..plugin.helpers import IMPORTS, report_of, run, text
from .samples import FASTER, NOT_TIMED, SLOWER, TIMINGS, timing
from .test_line import HERE

# No pytest-benchmark table: what it shows is its own.
ARGS = ["--fw=jax", "--fw-seed=7", "--fw-report=out", "--benchmark-quiet"]

KERNELS = """
    import pytest

    @pytest.mark.parametrize("n", [4, 8])
    def test_doubled(kernel_benchmark, rng, n):
        kernel_benchmark(lambda x: x + x, rng.normal(size=(n, n)), reference=lambda x: 2 * x,
                         reference_vjp=lambda g, x: (2 * g,), max_time=0.02)
"""


@pytest.fixture(autouse=True)
def imports_survive():
    yield
    IMPORTS.put_back()


@pytest.fixture(autouse=True)
def roofline_measured_once(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("PYTEST_DUALFW_CACHE", str(tmp_path_factory.getbasetemp() / "kept"))


@pytest.fixture
def left(pytester):
    """The terminal's text and the files of one run."""
    pytester.makepyfile(test_it=KERNELS)
    result = run(pytester, *ARGS)
    assert result.ret == 0
    return text(result), {p.name: p for p in (pytester.path / "out").iterdir()}, report_of(pytester)


def test_the_end_of_a_run(left):
    told, _, _ = left
    assert "doubled, cpu float32, inputs rotated, wall clock, jit by XLA (JAX)" in told
    for row in ("  n=4", "  n=8", "  JAX   forward ", "  JAX   + backward "):
        assert row in told
    assert "4 measurements: " in told


def test_its_files(left):
    _, found, _ = left
    names = {
        "report.json",
        "kernels.jsonl",
        "speedup-cpu-float32-forward.svg",
        "speedup-cpu-float32-forward_backward.svg",
    }
    assert names <= set(found) <= names | {"time-doubled-cpu-float32.svg"}
    for name in names - {"report.json", "kernels.jsonl"}:
        ElementTree.parse(found[name])


def test_its_lines(left):
    _, found, report = left
    lines = [from_json(json.loads(line)) for line in found["kernels.jsonl"].read_text().splitlines()]
    assert [(line.bench.params["n"], line.measured.name) for line in lines] == [
        *((4, "forward"), (4, "forward+backward"), (8, "forward"), (8, "forward+backward"))
    ]
    assert len({line.run_id for line in lines}) == 1
    for line in lines:
        assert line.started == report["environment"]["started"]
        assert line.machine["key"]
        assert line.env["jax"] == report["environment"]["versions"]["jax"]
        assert line.env["threads"] == 1


def test_its_rows_in_the_report(left):
    rows = left[2]["tables"]["kernels"]
    assert [row["timing"]["params"] for row in rows] == [{"n": 4}, {"n": 8}]
    assert {row["timing"]["schema"] for row in rows} == {"dualfw-bench/1"}


def test_a_run_without_kernels_leaves_none(pytester):
    pytester.makepyfile("def test_it(fw): pass")
    result = run(pytester, *ARGS)
    assert [p.name for p in (pytester.path / "out").iterdir()] == ["report.json"]
    assert "measurement" not in text(result)


def test_files_of_several_kernels_dtypes_and_passes():
    other = timing(FASTER, kernel="conv/2d é", n=8)
    drawn = files([*TIMINGS, other, timing(FASTER, SLOWER, kernel="conv/2d é", n=16)], HERE)
    assert list(drawn) == [
        "kernels.jsonl",
        "speedup-cpu-float32-forward.svg",
        "speedup-cpu-float32-forward_backward.svg",
        "time-matmul-cpu-float32.svg",
        "time-conv_2d-cpu-float32.svg",
    ]
    assert drawn["kernels.jsonl"].count("\n") == 9


def test_one_size_is_no_curve():
    assert list(files([timing(FASTER)], HERE)) == ["kernels.jsonl", "speedup-cpu-float32-forward.svg"]


def test_what_was_only_checked_leaves_no_file():
    assert files([timing(NOT_TIMED)], HERE) == {}


def test_what_an_earlier_run_left_goes(pytester):
    pytester.makepyfile(test_it=KERNELS)
    out = pytester.mkdir("out")
    for name in ("speedup-gpu-float16-forward.svg", "time-old-cpu-float32.svg", "kernels.jsonl", "mine.svg"):
        (out / name).write_text("old")
    assert run(pytester, *ARGS, "--benchmark-disable").ret == 0
    assert {p.name for p in out.iterdir()} == {"report.json", "mine.svg"}


def test_the_time_on_the_device_is_told_below_the_row():
    on_card = replace(FASTER.jit, clock="wall", device=7.5e-4)
    told = table([timing(replace(FASTER, jit=on_card))])
    assert told[-1].strip() == "on the device, by the profiler: jit 750 us"
