"""A framework or a device that was named and is not there; and ``all``, which takes what is there and says the rest."""

import functools

import pytest

from pytest_dualfw import frameworks, plugin
from pytest_dualfw.frameworks.probe import Device, Probe, ProbeError
from pytest_dualfw.options import Resolver

from .helpers import ADDS_ONE, NOT_TO_BE_COLLECTED, assert_lines, assert_usage_error, outcomes, run, run_apart

NO_GPU = {
    "torch": "it is a CPU-only build and finds cpu",
    "jax": "it is a build for cpu and finds cpu",
}
NEITHER = (
    "pytest-dualfw found no framework: neither torch nor jax is installed; "
    "run pip install 'pytest-dualfw[torch]', 'pytest-dualfw[jax]' or 'pytest-dualfw[all]'"
)

# Loaded by `-p` in a process of its own: only the names in INSTALLED are found.
FOUND_ONLY = """
    from pytest_dualfw import frameworks
    frameworks.is_installed = lambda name: name in {names!r}
"""


@pytest.fixture
def installed(monkeypatch):
    """``installed("jax")``: nothing else is found."""
    return lambda *names: monkeypatch.setattr(frameworks, "is_installed", lambda name: name in names)


@pytest.fixture
def answers(monkeypatch):
    """``answers(probe)``: what every framework says when it is asked for its devices."""
    return lambda ask: monkeypatch.setattr(plugin, "Resolver", functools.partial(Resolver, ask=ask))


@pytest.mark.parametrize(("absent", "there"), [("torch", "jax"), ("jax", "torch")])
def test_named_framework_is_not_installed(pytester, installed, absent, there):
    installed(there)
    pytester.makepyfile(NOT_TO_BE_COLLECTED)
    assert_usage_error(
        run(pytester, "--fw=torch,jax"),
        f"--fw names {absent!r}, which is not installed; run pip install {absent}, or leave it out",
    )


@pytest.mark.parametrize("option", ["--fw=all", "--fw-mode=eager"])
def test_neither_is_installed(pytester, installed, option):
    installed()
    pytester.makepyfile(NOT_TO_BE_COLLECTED)
    assert_usage_error(run(pytester, option), NEITHER)


def test_not_installed_under_xdist(pytester):
    pytester.makepyfile(found_only=FOUND_ONLY.format(names=["jax"]), test_it=NOT_TO_BE_COLLECTED)
    pytester.syspathinsert()
    assert_usage_error(
        run_apart(pytester, "-p", "found_only", "--fw=torch", "-n", "2"),
        "--fw names 'torch', which is not installed; run pip install torch, or leave it out",
    )


@pytest.mark.parametrize("args", [["--fw=all"], ["--fw-dtype=float32"]])
def test_all_takes_what_is_installed(pytester, installed, args):
    installed("jax")
    pytester.makepyfile(ADDS_ONE)
    result = run(pytester, *args)
    assert outcomes(result) == {"test_adds_one[jax-cpu-float32-eager]": "passed"}
    assert_lines(result, "dualfw left out: torch (not installed)", "dualfw targets: jax-cpu-float32-eager")
    assert result.ret == 0


@pytest.mark.parametrize("name", ["torch", "jax"])
@pytest.mark.parametrize("device", ["gpu", "gpu:1"])
def test_no_gpu(pytester, name, device):
    """The real libraries are asked."""
    found = frameworks.probe.probe(name)
    if "gpu" in found.kinds():
        pytest.skip("this machine has a GPU")
    pytester.makepyfile(NOT_TO_BE_COLLECTED)
    result = run(pytester, f"--fw={name}", f"--fw-device={device}")
    assert_usage_error(
        result,
        f"--fw-device names {device!r}, and {name} {found.version} does not see it: {NO_GPU[name]}; "
        f"install a build of {name} for that device, or name another one",
    )


def test_no_gpu_under_xdist(pytester):
    found = frameworks.probe.probe("jax")
    if "gpu" in found.kinds():
        pytest.skip("this machine has a GPU")
    pytester.makepyfile(NOT_TO_BE_COLLECTED)
    assert_usage_error(
        run_apart(pytester, "--fw=jax", "--device=gpu", "-n", "2"),
        f"--fw-device names 'gpu', and jax {found.version} does not see it: {NO_GPU['jax']}; "
        "install a build of jax for that device, or name another one",
    )


def test_all_devices_says_what_was_not_found(pytester, answers):
    answers(lambda name: Probe("9.9", (Device("cpu", "a chip"),), "a build"))
    pytester.makepyfile(ADDS_ONE)
    result = run(pytester, "--fw=torch,jax", "--fw-device=all")
    assert_lines(
        result,
        "dualfw left out: torch-gpu (not found), torch-tpu (not found), jax-gpu (not found), jax-tpu (not found)",
        "dualfw devices: torch sees cpu a chip; jax sees cpu a chip",
    )
    assert list(outcomes(result)) == [f"test_adds_one[{fw}-cpu-float32-eager]" for fw in ("torch", "jax")]
    assert result.ret == 0


def test_second_gpu_of_one(pytester, answers):
    answers(lambda name: Probe("9.9", (Device("cpu", "cpu"), Device("gpu", "A100", 80.0)), "built for CUDA 13"))
    pytester.makepyfile(NOT_TO_BE_COLLECTED)
    assert_usage_error(
        run(pytester, "--fw=torch", "--fw-device=gpu:1"),
        "--fw-device names 'gpu:1', and torch 9.9 does not see it: it is built for CUDA 13 and finds cpu and gpu; "
        "install a build of torch for that device, or name another one",
    )


def test_two_gpus_in_one_run(pytester):
    pytester.makepyfile(NOT_TO_BE_COLLECTED)
    assert_usage_error(
        run(pytester, "--fw=torch", "--fw-device=gpu:0,gpu:1"),
        "--fw-device names gpu:0 and gpu:1, and a run uses one gpu; "
        "name one of them, or spread the run over several with -n",
    )


def test_broken_framework(pytester, answers):
    def broken(name):
        raise ProbeError("ImportError: libcudart.so.13: cannot open shared object file")

    answers(broken)
    pytester.makepyfile(NOT_TO_BE_COLLECTED)
    assert_usage_error(
        run(pytester, "--fw=torch", "--fw-device=gpu"),
        "torch is installed but could not be asked for its devices "
        "(ImportError: libcudart.so.13: cannot open shared object file); see what python -c 'import torch' says",
    )


def test_broken_framework_for_real(pytester, monkeypatch):
    """A torch that fails when it is imported is told by its own last line."""
    (pytester.mkdir("broken") / "torch.py").write_text("raise ImportError('libcudart is gone')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(pytester.path / "broken"))
    pytester.makepyfile(NOT_TO_BE_COLLECTED)
    assert_usage_error(
        run_apart(pytester, "--fw=torch", "--fw-device=gpu"),
        "torch is installed but could not be asked for its devices (ImportError: libcudart is gone); "
        "see what python -c 'import torch' says",
    )


def test_framework_that_does_not_answer(pytester, monkeypatch, answers):
    """A driver that hangs must not hang the run, nor end it in a traceback."""
    (pytester.mkdir("hangs") / "torch.py").write_text("import time; time.sleep(60)", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(pytester.path / "hangs"))
    monkeypatch.setattr(frameworks.probe, "TIMEOUT_S", 1)
    answers(frameworks.probe.probe.__wrapped__)
    pytester.makepyfile(NOT_TO_BE_COLLECTED)
    result = run(pytester, "--fw=torch", "--fw-device=gpu")
    assert result.ret == 4
    (line,) = [line for line in result.errlines if line]
    assert line.startswith("ERROR: torch is installed but could not be asked for its devices (")
    assert line.endswith("); see what python -c 'import torch' says")


def test_dtype_that_the_device_lacks(pytester, answers):
    answers(
        lambda name: Probe("9.9", (Device("cpu", "c"), Device("tpu", "v5e")), "", "", {"tpu": ("float32", "bfloat16")})
    )
    pytester.makepyfile(NOT_TO_BE_COLLECTED)
    assert_usage_error(
        run(pytester, "--fw=jax", "--fw-device=tpu", "--fw-dtype=float32,float64"),
        "--fw-dtype names 'float64', which jax does not have on tpu; it has float32 and bfloat16",
    )
