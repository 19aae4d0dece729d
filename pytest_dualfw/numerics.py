"""Numerics in force on a target: set before a test, compared after its body, put back whatever happened."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .frameworks.base import Framework


@dataclass(frozen=True)
class Numerics:
    """The settings in force on every target: TF32 in float32 products, determinism, CPU threads."""

    tf32: bool = False
    deterministic: bool = True
    threads: int = 1
    compile_backend: str = "aot_eager"


@contextmanager
def in_force(fw: "Framework", seed: int) -> Iterator[None]:
    """The target's state inside, the state as it was outside."""
    before, generator = fw.state(), fw.generator_state()
    fw.set_state(fw.wanted_state())
    fw.seed(seed)
    try:
        yield
    finally:
        fw.set_state(before)
        fw.set_generator_state(generator)
        fw.reset()


@contextmanager
def watched(fw: "Framework") -> Iterator[list[str]]:
    """Collects one line for each setting that the body left changed, and puts it back for what comes after."""
    changed: list[str] = []
    before = fw.state()
    yield changed
    after = fw.state()
    changed += [f"{name} from {before[name]} to {after[name]}" for name in before if after[name] != before[name]]
    fw.set_state({name: value for name, value in before.items() if after[name] != value})


def prepare_environment(numerics: Numerics, *, gpu: bool, deterministic_xla: str = "") -> None:
    """What the libraries read only once, before their first use; what the caller has set stays.

    JAX takes three quarters of a GPU's memory unless told otherwise, and the two are to share a card. XLA sizes its
    CPU thread pool by NPROC. cuBLAS is deterministic only with a fixed workspace.
    """
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    os.environ.setdefault("NPROC", str(numerics.threads))
    if gpu:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    if deterministic_xla and deterministic_xla.partition("=")[0] not in os.environ.get("XLA_FLAGS", ""):
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {deterministic_xla}".strip()


def pick_gpu(worker: str, count: int) -> None:
    """Give each xdist worker one GPU, counted within the devices that the caller made visible."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    devices = [d.strip() for d in visible.split(",")] if visible else [str(i) for i in range(count)]
    if devices and worker.startswith("gw"):
        os.environ["CUDA_VISIBLE_DEVICES"] = devices[int(worker[2:]) % len(devices)]


def in_words(numerics: Numerics) -> str:
    """One line for the header."""
    precision = "TF32 allowed" if numerics.tf32 else "full float32 products (no TF32)"
    order = "deterministic algorithms" if numerics.deterministic else "any algorithm"
    threads = f"{numerics.threads} CPU thread{'s' if numerics.threads != 1 else ''}"
    return f"{precision}, {order}, x64 on float64 targets only, {threads}, torch.compile by {numerics.compile_backend}"
