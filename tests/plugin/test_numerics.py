"""The environment that the libraries read, the GPU of each worker, a framework's state: without either library."""

import os
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from pytest_dualfw import Target, numerics
from pytest_dualfw.numerics import Numerics
from pytest_dualfw.running import Running, label_of, without_target

FLAG, OFF = "--xla_gpu_deterministic_ops=true", "--xla_gpu_deterministic_ops=false"
CLAIM = "XLA_PYTHON_CLIENT_PREALLOCATE"
READ = (CLAIM, "NPROC", "CUBLAS_WORKSPACE_CONFIG", "XLA_FLAGS", "CUDA_VISIBLE_DEVICES")


@pytest.fixture
def environ(monkeypatch):
    """Only what a case sets; what the code under test sets is undone."""
    for name in READ:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return lambda **given: [monkeypatch.setenv(name, value) for name, value in given.items()]


def _read():
    return {name: os.environ[name] for name in READ if name in os.environ}


@pytest.mark.parametrize(
    ("given", "how", "after"),
    [
        ({}, {"gpu": False}, {}),
        ({}, {"gpu": True}, {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}),
        ({"CUBLAS_WORKSPACE_CONFIG": ":16:8"}, {"gpu": True}, {"CUBLAS_WORKSPACE_CONFIG": ":16:8"}),
        ({"NPROC": "8", CLAIM: "true"}, {"gpu": False}, {"NPROC": "8", CLAIM: "true"}),
        ({}, {"gpu": False, "deterministic_xla": FLAG}, {"XLA_FLAGS": FLAG}),
        ({"XLA_FLAGS": "--a"}, {"gpu": False, "deterministic_xla": FLAG}, {"XLA_FLAGS": f"--a {FLAG}"}),
        ({"XLA_FLAGS": OFF}, {"gpu": False, "deterministic_xla": FLAG}, {"XLA_FLAGS": OFF}),
    ],
)
def test_environment(environ, given, how, after):
    """What the caller has set stays."""
    environ(**given)
    numerics.prepare_environment(Numerics(threads=2), **how)
    assert _read() == {"NPROC": "2", CLAIM: "false"} | after


def test_environment_twice_is_once(environ):
    for _ in range(2):
        numerics.prepare_environment(Numerics(), gpu=True, deterministic_xla=FLAG)
    assert os.environ["XLA_FLAGS"] == FLAG


@pytest.mark.parametrize(
    ("visible", "worker", "count", "picked"),
    [
        (None, "gw0", 4, "0"),
        (None, "gw3", 4, "3"),
        (None, "gw5", 4, "1"),
        ("2,3", "gw0", 4, "2"),
        ("2,3", "gw1", 4, "3"),
        ("2,3", "gw2", 4, "2"),
        ("1", "gw7", 1, "1"),
        ("GPU-ab, GPU-cd", "gw1", 2, "GPU-cd"),
        (None, "master", 4, None),
        (None, "", 4, None),
        ("2,3", "", 4, "2,3"),
        ("", "gw0", 0, ""),
    ],
)
def test_gpu_of_a_worker(environ, visible, worker, count, picked):
    """Counted within what the caller made visible; nothing visible stays nothing."""
    environ(**({} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}))
    numerics.pick_gpu(worker, count)
    assert os.environ.get("CUDA_VISIBLE_DEVICES") == picked


class FakeFramework:
    """A framework with one setting."""

    def __init__(self, wanted):
        self.now, self.wanted, self.log = {"width": 1, "mode": "a"}, wanted, []

    def state(self):
        return dict(self.now)

    def wanted_state(self):
        return self.wanted

    def set_state(self, state):
        self.now |= state

    def seed(self, seed):
        self.log.append(f"seed {seed}")

    def generator_state(self):
        return "as it was"

    def set_generator_state(self, state):
        self.log.append(f"generator {state}")

    def reset(self):
        self.log.append("reset")


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_state_is_set_and_put_back(error):
    fw = FakeFramework({"width": 2})
    with pytest.raises(error) if error else nullcontext(), numerics.in_force(fw, 5):
        assert fw.now == {"width": 2, "mode": "a"}
        fw.now["mode"] = "b"
        if error:
            raise error
    assert fw.now == {"width": 1, "mode": "a"}
    assert fw.log == ["seed 5", "generator as it was", "reset"]


def test_changes_are_told_and_put_back():
    fw = FakeFramework({})
    with numerics.watched(fw) as changed:
        fw.now |= {"width": 3, "mode": "b"}
    assert changed == ["width from 1 to 3", "mode from a to b"]
    assert fw.now == {"width": 1, "mode": "a"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            Numerics(),
            "full float32 products (no TF32), deterministic algorithms, x64 on float64 targets only, 1 CPU thread, "
            "torch.compile by aot_eager",
        ),
        (
            Numerics(True, False, 4, "inductor"),
            "TF32 allowed, any algorithm, x64 on float64 targets only, 4 CPU threads, torch.compile by inductor",
        ),
    ],
)
def test_in_words(given, words):
    assert numerics.in_words(given) == words


TARGET = Target("jax", "cpu", "float32", "jit")


@pytest.mark.parametrize(
    ("nodeid", "without", "label"),
    [
        ("t.py::test_x[jax-cpu-float32-jit]", "t.py::test_x", "test_x"),
        ("t.py::test_x[jax-cpu-float32-jit-3]", "t.py::test_x[3]", "test_x"),
        ("t.py::TestA::test_x[jax-cpu-float32-jit-a[0]]", "t.py::TestA::test_x[a[0]]", "TestA::test_x"),
        ("t.py::test_x", "t.py::test_x", "test_x"),
    ],
)
def test_test_without_its_target(nodeid, without, label):
    assert without_target(nodeid, TARGET) == without
    assert label_of(nodeid, TARGET) == label


def test_label_is_the_name_of_the_op():
    assert label_of("t.py::test_x[jax-cpu-float32-jit-mse]", TARGET, SimpleNamespace(op_name="mse")) == "mse"


def test_command_names_the_very_device():
    running = Running("t.py::test_x[jax-gpu-float32-eager]", "x", Target("jax", "gpu", index=1), 3)
    assert running.command() == (
        "pytest 't.py::test_x[jax-gpu-float32-eager]' --fw=jax --fw-device=gpu:1 "
        "--fw-dtype=float32 --fw-mode=eager --fw-seed=3"
    )
