"""The roofline by its arithmetic, by stand-ins, and measured once for real on arrays too small to tell anything."""

import json
from types import SimpleNamespace

import pytest

from pytest_dualfw import frameworks, numerics
from pytest_dualfw.frameworks.probe import Device, Probe
from pytest_dualfw.kernels import roofline as module
from pytest_dualfw.kernels.model import Work
from pytest_dualfw.kernels.roofline import Effort, Roofline, fastest, of_parts, roofline
from pytest_dualfw.numerics import Numerics
from pytest_dualfw.target import Target

TINY = Effort(arrays=(4096, 65536), orders=(8, 16), time=0.001, samples=2)
ROOF = Roofline(10e9, 50e9, points=((1e3, 20e9), (1e6, 80e9), (2e8, 5e9)), fastest=100e9)


@pytest.mark.parametrize(
    ("touched", "bandwidth"), [(1, 80e9), (1e3, 80e9), (1e6, 80e9), (1e6 + 1, 10e9), (2e8, 10e9), (1e12, 10e9)]
)
def test_a_smaller_array_moves_at_least_as_fast(touched, bandwidth):
    """What was slow because it was short lowers nothing."""
    assert ROOF.bandwidth_of(touched) == bandwidth


def test_attainable_is_the_slower_of_moving_and_computing():
    assert ROOF.attainable(Work(flops=50e9, bytes=1e10, source="row")) == 1.0
    assert ROOF.attainable(Work(flops=5e9, bytes=2e10, source="row")) == 2.0
    assert ROOF.attainable(Work(flops=0.0, bytes=8e5, source="row")) == 1e-5


def test_share():
    assert ROOF.share(Work(50e9, 0.0, "row"), 2.0) == 0.5


def test_the_floor_lies_far_below():
    """Of bytes: the fastest cache, twice; of operations: the fastest dtype, four times."""
    assert ROOF.floor(Work(0.0, 160e9, "row")) == 1.0
    assert ROOF.floor(Work(400e9, 1.0, "row")) == 1.0
    assert ROOF.floor(Work(800e9, 160e9, "row")) == 2.0
    for work in (Work(50e9, 1e10, "row"), Work(0.0, 1e3, "row")):
        assert ROOF.floor(work) <= ROOF.attainable(work) / 2


def test_two_numbers_are_enough():
    assert Roofline(10.0, 5.0).floor(Work(20.0, 20.0, "row")) == 1.0


def test_the_best_of_all_frameworks():
    parts = {
        "torch 2.13.0+cpu: bandwidth": [[100, 4.0], [200, 3.0], [1000, 1.5], [2000, 1.0]],
        "jax 0.10.2: bandwidth": [[100, 5.0], [200, 2.0], [1000, 1.0], [2000, 1.25]],
        "torch 2.13.0+cpu: float32": 10.0,
        "jax 0.10.2: float32": 12.0,
        "torch 2.13.0+cpu: bfloat16": 40.0,
        "torch 2.13.0+cpu: float16": 0.5,
    }
    found = of_parts(parts, "float32")
    assert (found.bandwidth, found.rate, found.fastest) == (1.5, 12.0, 40.0)
    assert found.bandwidth_of(150) == 3.0
    assert of_parts(parts, "float16").rate == 0.5


class Fake:
    """A framework whose arrays are anything."""

    name = "torch"
    xp = SimpleNamespace(negative=lambda x: x, sum=lambda x: x, matmul=lambda a, b: a)

    def __init__(self, dtype="float32", threads=1, dtypes=("float64", "float32", "bfloat16")):
        self.device, self.dtype, self.numerics = "cpu", dtype, Numerics(threads=threads)
        self.target = Target("torch", dtype=dtype)
        self.asked = []
        type(self).dtypes = dtypes

    def at(self):
        return self

    def asarray(self, x, dtype):
        self.asked.append((dtype, x.shape))
        return x

    def synchronize(self, x):
        return x

    @classmethod
    def probe(cls):
        return Probe("0", (Device("cpu", "cpu"),), dtypes={"cpu": cls.dtypes})


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A folder for the measurements, and a process that has read none."""
    monkeypatch.setenv("PYTEST_DUALFW_CACHE", str(tmp_path / "kept"))
    monkeypatch.setattr(module, "_known", {})
    return tmp_path / "kept"


def another_process(monkeypatch):
    monkeypatch.setattr(module, "_known", {})


def test_measured_once(kept, monkeypatch):
    first = roofline(Fake(), TINY)
    assert min(first.bandwidth, first.rate, first.fastest) > 0
    for _ in range(2):
        again = Fake()
        assert roofline(again, TINY) == first
        assert again.asked == []
        another_process(monkeypatch)
    assert len(list(kept.iterdir())) == 1


def test_measured_again_the_better_stays(kept, monkeypatch):
    found = {"bandwidth": [[1, 5.0], [2, 1.0]], "float32": 3.0, "bfloat16": 7.0}
    monkeypatch.setattr(module, "_measured", lambda fw, part, effort: found[part])
    roofline(Fake(), TINY)
    found |= {"bandwidth": [[1, 4.0], [2, 2.0]], "float32": 9.0, "bfloat16": 1.0}
    again = roofline(Fake(), TINY, again=True)
    assert (again.points, again.rate, again.fastest) == (((1.0, 5.0), (2.0, 2.0)), 9.0, 9.0)
    another_process(monkeypatch)
    assert roofline(Fake(), TINY) == again


def test_another_dtype_measures_its_own_part(kept):
    roofline(Fake(), TINY)
    other = Fake("float64")
    roofline(other, TINY)
    assert other.asked == [("float64", (n, n)) for n in (8, 8, 16, 16)]


def test_dtypes_that_a_device_lacks_are_not_asked_for(kept):
    fw = Fake(dtypes=("float32",))
    roofline(fw, TINY)
    assert {dtype for dtype, _ in fw.asked} == {"float32"}


def test_other_threads_are_another_machine(kept):
    roofline(Fake(), TINY)
    roofline(Fake(threads=2), TINY)
    assert len(list(kept.iterdir())) == 2


@pytest.mark.parametrize("spoilt", ["", "{", "[]", '{"schema": "dualfw-roofline/0", "parts": {"a": 1}}', "\x00"])
def test_a_file_that_cannot_be_read_is_replaced(kept, monkeypatch, spoilt):
    first = roofline(Fake(), TINY)
    (file,) = kept.iterdir()
    file.write_text(spoilt)
    another_process(monkeypatch)
    assert roofline(Fake(), TINY).points != ()
    assert len(first.points) == 4
    assert json.loads(file.read_text())["schema"] == "dualfw-roofline/1"


def test_a_folder_that_cannot_be_written(kept, monkeypatch):
    kept.write_text("a file")
    first = roofline(Fake(), TINY)
    again = Fake()
    assert roofline(again, TINY) == first
    assert again.asked == []


def test_where_it_is_kept(monkeypatch, tmp_path):
    monkeypatch.delenv("PYTEST_DUALFW_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert module.folder() == tmp_path / "pytest-dualfw"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert module.folder() == tmp_path / ".cache" / "pytest-dualfw"


def test_the_fastest_of_many_samples(monkeypatch):
    """Each call moves the clock by a time of its own; short calls are timed together."""
    now, times = [0.0], iter([9.0, 5.0, 4.0, 2.0, 3.0, 8.0])

    def call():
        now[0] += next(times)

    monkeypatch.setattr(module, "perf_counter", lambda: now[0])
    assert fastest(call, lambda x: x, Effort((), (), time=100.0, samples=4)) == 2.0


def test_it_stops_when_the_time_is_up(monkeypatch):
    now = [0.0]

    def call():
        now[0] += 1.0

    monkeypatch.setattr(module, "perf_counter", lambda: now[0])
    fastest(call, lambda x: x, Effort((), (), time=2.5, samples=1000))
    assert now[0] == 5.0  # one to warm up, one to see how long it takes, three until the time is up


def test_short_calls_are_timed_together(monkeypatch):
    now, waits = [0.0], []

    def call():
        now[0] += 1e-4

    monkeypatch.setattr(module, "perf_counter", lambda: now[0])
    found = fastest(call, lambda x: waits.append(len(x or [0])), Effort((), (), time=1.0, samples=2))
    assert found == pytest.approx(1e-4)
    assert waits[1:] == [1, 5, 5]


def test_arrays_go_beyond_the_last_cache(monkeypatch):
    monkeypatch.setattr(module.environment, "caches", lambda: {"L1": 2**15, "L3": 2**25})
    assert module.effort_for("cpu").arrays[-1] == 2**27
    monkeypatch.setattr(module.environment, "caches", dict)
    assert module.effort_for("cpu").arrays[-1] == 2**26
    assert module.effort_for("gpu").arrays[-1] == 2**29


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_for_real(kept, name):
    fw = frameworks.framework(Target(name))
    with numerics.in_force(fw, 0):
        found = roofline(fw, TINY)
    assert min(found.bandwidth, found.rate, found.fastest) > 0
    assert [touched for touched, _ in found.points] == [4096, 8192, 65536, 131072]
    assert fw.usage.handed == {}
