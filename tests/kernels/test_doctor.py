"""``dualfw doctor``: what it tells, what it refuses, and the change that it reckons to see."""

import json
import math

import pytest

from pytest_dualfw import command, frameworks, numerics
from pytest_dualfw.frameworks.probe import Device, Probe, ProbeError
from pytest_dualfw.kernels import doctor
from pytest_dualfw.kernels.control import Control, control
from pytest_dualfw.kernels.diagnosis import Diagnosis, Place, System, text
from pytest_dualfw.kernels.model import Ratio
from pytest_dualfw.kernels.nvml import Gpu
from pytest_dualfw.kernels.pairs import Stop
from pytest_dualfw.kernels.roofline import Roofline
from pytest_dualfw.numerics import Numerics
from pytest_dualfw.target import Target

CONTROL = Control((Ratio(1.0, 0.99, 1.01, 200), Ratio(1.002, 0.992, 1.012, 200), Ratio(0.998, 0.988, 0.999, 200)))
SYSTEM = System("0.1.0", "3.11.7", "Linux-6", "A Processor", 2, (0, 1), {"L1": 2**15, "L3": 2**25}, 0.5)
CPU = Probe("0.10.2", (Device("cpu", "cpu"),), "a build for cpu", "cpu", {"cpu": ("float32",)})
CUDA = Probe("2.13.0", (Device("cpu", "cpu"), Device("gpu", "A Card", 80.0)), "built for CUDA 13", "570.1")
PLACE = Place("jax", "cpu", {"jax_enable_x64": "False"}, 80e9, 25e9, {"float64": 45e9, "float32": 90e9}, CONTROL)
CARD = Gpu("A Card", "570.1", 1400, 1980, 2619, 41, ("power cap",))


def diagnosis(**changes):
    return Diagnosis(**{"system": SYSTEM, "found": {"jax": CPU}, "missing": {}, "numerics": Numerics(), **changes})


def test_what_it_tells():
    missing = {"torch": "torch is not installed; pip install 'pytest-dualfw[torch]' brings it"}
    assert text(diagnosis(missing=missing, places=[PLACE])) == (
        """\
pytest-dualfw 0.1.0, Python 3.11.7, Linux-6
  cpu       A Processor, 2 cores for this process (0, 1)
  caches    L1 32 KiB, L3 32 MiB
  load      0.5 in the last minute
  gpu       none found
  jax       0.10.2, a build for cpu
  torch     torch is not installed; pip install 'pytest-dualfw[torch]' brings it
  numerics  full float32 products (no TF32), deterministic algorithms, x64 on float64 targets only, 1 CPU
            thread, torch.compile by aot_eager

jax-cpu-float32
  state     jax_enable_x64 False
  memory    80.0 GB/s in cache, 25.0 GB/s beyond
  matmul    float64 45.0 GFLOP/s, float32 90.0 GFLOP/s (both rows: the best that any framework was seen to do
            here)
  A/A       1.000 [0.990, 1.010], 1.002 [0.992, 1.012], 0.998 [0.988, 0.999]: the interval covers 1 in 2 of 3
            runs
  sees      changes of 1.4 % and more, in 8 of 10 runs"""
    )


def lines(**changes):
    return [" ".join(line.split()) for line in text(diagnosis(**changes)).splitlines()]


def test_a_gpu_with_nvml():
    told = lines(found={"torch": CUDA}, gpus=[CARD])
    assert "torch 2.13.0, built for CUDA 13, driver 570.1" in told
    card = "gpu A Card, driver 570.1, 1400 of 1980 MHz, memory 2619 MHz, 41 degrees Celsius, held back by power cap"
    assert card in told


def test_a_gpu_without_nvml():
    assert "gpu A Card; pip install nvidia-ml-py tells clocks and temperature" in lines(found={"torch": CUDA})


def test_a_gpu_that_does_not_say():
    silent = Gpu("A Slice", "570.1", None, None, None, None, ())
    told = lines(found={"torch": CUDA}, gpus=[silent])
    card = "gpu A Slice, driver 570.1, unknown of unknown MHz, memory unknown MHz, unknown degrees Celsius, not held"
    assert card in told


def test_a_busy_machine():
    busy = System("0.1.0", "3.11.7", "Linux-6", "A Processor", 1, (), {}, 1.5)
    told = lines(system=busy)
    assert "cpu A Processor, 1 core for this process" in told
    assert "caches unknown" in told
    assert "load 1.5 in the last minute, more than the core serves: stop other work for narrower intervals" in told


def test_for_machines():
    told = diagnosis(places=[PLACE], gpus=[CARD]).to_json()
    assert list(told) == [
        *("schema", "plugin", "python", "platform", "cpu", "cores", "affinity", "caches", "load", "gpus"),
        *("frameworks", "missing", "numerics", "places"),
    ]
    assert told["schema"] == "dualfw-doctor/1"
    (place,) = told["places"]
    assert place["roofline"] == {"in_cache": 80e9, "beyond": 25e9, "rates": {"float64": 45e9, "float32": 90e9}}
    assert place["control"]["smallest_change"] == CONTROL.smallest_change
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_the_smallest_change_from_the_width_of_the_intervals():
    """Intervals of +-1 %, every run at 1: the standard error is 1 % / 1.96."""
    found = Control((Ratio(1.0, math.exp(-0.01), math.exp(0.01), 9),) * 3)
    assert found.standard_error == pytest.approx(0.01 / 1.959964)
    assert found.smallest_change == pytest.approx(math.expm1(0.01 * 2.801586 / 1.959964))


def test_the_smallest_change_from_runs_that_differ():
    """Narrow intervals around ratios of +-2 %: what changes from run to run counts."""
    runs = tuple(Ratio(math.exp(x), math.exp(x - 1e-4), math.exp(x + 1e-4), 9) for x in (0.02, -0.02))
    assert Control(runs).standard_error == pytest.approx(0.02)
    assert Control(runs).covering == 0


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_the_control_runs(name):
    fw = frameworks.framework(Target(name, mode="jit"))
    found = control(fw, Stop(max_time=0.02), repeats=2)
    assert len(found.runs) == 2
    assert all(r.low <= r.median <= r.high and r.pairs > 0 for r in found.runs)
    assert found.smallest_change > 0


@pytest.fixture
def quick(monkeypatch):
    """A machine on which jax is found, whose roofline is known and whose runs take no time."""
    monkeypatch.setattr(doctor.frameworks, "is_installed", lambda name: name == "jax")
    monkeypatch.setattr(doctor, "probe", lambda name: CPU)
    monkeypatch.setattr(doctor, "roofline", lambda fw, again=False: Roofline(25e9, 90e9, ((1e6, 80e9),)))
    monkeypatch.setattr(doctor, "control", lambda fw, stop, repeats: Control(CONTROL.runs[:repeats]))
    monkeypatch.setattr(numerics, "prepare_environment", lambda *args, **kwargs: None)
    return monkeypatch


def test_one_framework(quick, capsys):
    assert command.main(["doctor", "--json", "--repeats=2"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["missing"] == {"torch": "torch is not installed; pip install 'pytest-dualfw[torch]' brings it"}
    assert [(p["framework"], p["device"], len(p["control"]["runs"])) for p in told["places"]] == [("jax", "cpu", 2)]
    assert told["places"][0]["state"]["jax_enable_x64"] == "False"


def test_in_words(quick, capsys):
    assert command.main(["doctor"]) == 0
    assert "\njax-cpu-float32\n" in capsys.readouterr().out


@pytest.mark.parametrize("known", [True, False])
def test_a_gpu_is_prepared_for_as_in_a_run(quick, known):
    """Before a framework is imported: cuBLAS and XLA read their settings once."""
    asked = []
    quick.setattr(numerics, "prepare_environment", lambda n, **given: asked.append(given))
    quick.setattr(doctor, "knows_deterministic_flag", lambda: known)
    quick.setattr(doctor, "probe", lambda name: CUDA)
    quick.setattr(
        doctor.frameworks, "framework", lambda target, settings: pytest.fail("imported") if not asked else 1 / 0
    )
    with pytest.raises(ZeroDivisionError):
        command.main(["doctor", "--device=gpu"])
    assert asked == [{"gpu": True, "deterministic_xla": "--xla_gpu_deterministic_ops=true" if known else ""}]


def test_no_framework(quick, capsys):
    quick.setattr(doctor.frameworks, "is_installed", lambda name: False)
    assert command.main(["doctor"]) == 5
    told = capsys.readouterr().out
    for name in ("torch", "jax"):
        assert f"{name} is not installed; pip install 'pytest-dualfw[{name}]' brings it" in told


def test_a_framework_that_cannot_be_imported(quick, capsys):
    def broken(name):
        raise ProbeError("ImportError: libcuda.so.1 is missing")

    quick.setattr(doctor, "probe", broken)
    assert command.main(["doctor", "--json"]) == 5
    assert json.loads(capsys.readouterr().out)["missing"]["jax"] == (
        "jax is installed and cannot be used (ImportError: libcuda.so.1 is missing); install it anew"
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["--fw=numpy"], "argument --fw: 'numpy' is not a framework; known are jax and torch"),
        (["--fw=torch"], "torch is not installed; pip install 'pytest-dualfw[torch]' brings it"),
        (["--device=gpu"], "jax found no gpu here; see 'pytest-dualfw[cuda]', or leave --device out"),
        (["--repeats=0"], "argument --repeats: '0' is not a number of runs; give 1 or more"),
        (["--repeats=two"], "argument --repeats: 'two' is not a number of runs; give 1 or more"),
        (["--max-time=-1"], "argument --max-time: '-1' is not a time; give seconds above 0"),
        (["--max-time=inf"], "argument --max-time: 'inf' is not a time; give seconds above 0"),
        (["--max-time=soon"], "argument --max-time: 'soon' is not a time; give seconds above 0"),
        (["now"], "unrecognized arguments: now"),
    ],
)
def test_wrong_usage(quick, capsys, given, sentence):
    with pytest.raises(SystemExit) as ended:
        command.main(["doctor", *given])
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"dualfw doctor: {sentence}; see dualfw doctor --help\n")
