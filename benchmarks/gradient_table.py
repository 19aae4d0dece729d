"""What check_grads costs, beside torch's gradcheck, JAX's check_grads and one forward and backward pass.

    python benchmarks/gradient_table.py [word of a function's name ...]

Prints two Markdown tables. The unit is one forward and backward pass of the same framework, in float64 on one thread
of the CPU. All sides of a row are sampled in turn, in random order, and medians are taken, so that the noise of the
machine hits all alike: the ratios mean something, the milliseconds only here.
"""

import os

# Read by the frameworks' thread pools when they are loaded.
os.environ |= dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC"], "1")

import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import jax.test_util
import numpy as np
import optree
import torch
from gradient_cases import Case, all_cases

from pytest_dualfw import check_grads

ROUNDS = 9
FIRST_CALLS = 3
SAMPLE_SECONDS = 0.01
MOST_CALLS = 100

# From here on slow gradcheck is reckoned, not run.
MEASURED_BELOW = 1000

TARGETS = {"torch": "torch-cpu-float64-eager", "jax": "jax-cpu-float64-jit"}
UNIT = "forward and backward"

# The peer's verdict is not asked for, its time is: at its default tolerance it flags the right gradient of the MLP.
LOOSE = 1e9

Side = Callable[[], Any]


def planted(f: Callable[..., Any], detached: Callable[[Any], Any]) -> Callable[..., Any]:
    """``f`` of the same value, with twice the gradient in the first leaf of its first argument."""

    def doubled(x: Any) -> Any:
        return 2 * x - detached(x)

    def wrong(first: Any, *rest: Any) -> Any:
        first = [doubled(first[0]), *first[1:]] if isinstance(first, list) else doubled(first)
        return f(first, *rest)

    return wrong


def unchanged(x: Any) -> Any:
    """In the place of ``detached``: the right gradient, at the same cost."""
    return x


def fresh(f: Callable[..., Any]) -> Callable[..., Any]:
    """The same function as a new object, for which nothing is compiled yet."""
    return lambda *args: f(*args)


def passing(case: Case, framework: str, f: Callable[..., Any]) -> Side:
    return lambda: check_grads(f, *case.arguments, fw=TARGETS[framework], wrt=case.wrt)


def failing(case: Case, framework: str, f: Callable[..., Any]) -> Side:
    check = passing(case, framework, f)

    def run() -> None:
        try:
            check()
        except AssertionError:
            return
        raise RuntimeError(f"the planted error was not found: {case.name} on {framework}")

    return run


def torch_sides(case: Case) -> dict[str, Side]:
    torch.set_num_threads(1)
    f = case.torch
    assert f is not None
    differentiated, rest = case.split(torch.tensor)
    leaves, structure = optree.tree_flatten(differentiated)
    for x in leaves:
        x.requires_grad_()

    def forward(*given: Any) -> tuple[Any, ...]:
        return tuple(optree.tree_leaves(f(*optree.tree_unflatten(structure, given), *rest)))

    cotangents = [torch.randn_like(y) for y in forward(*leaves)]
    sides: dict[str, Side] = {
        UNIT: lambda: torch.autograd.grad(forward(*leaves), leaves, cotangents),
        "forward": lambda: forward(*leaves),
        "check_grads": passing(case, "torch", f),
        "passing twin": passing(case, "torch", planted(f, unchanged)),
        "failing": failing(case, "torch", planted(f, torch.Tensor.detach)),
        "gradcheck, fast": lambda: torch.autograd.gradcheck(forward, leaves, fast_mode=True),
    }
    if case.inputs < MEASURED_BELOW:
        sides["gradcheck, slow"] = lambda: torch.autograd.gradcheck(forward, leaves)
    return sides


def torch_outputs(case: Case) -> int:
    """Number of output entries."""
    assert case.torch is not None
    outs = case.torch(*(optree.tree_map(torch.tensor, a) for a in case.arguments))
    return sum(y.numel() for y in optree.tree_leaves(outs))


def compiled_pull(f: Callable[..., Any], rest: tuple[Any, ...]) -> Callable[..., Any]:
    """Value and reverse mode of ``f`` in one compiled call."""

    def pull(differentiated: Any, cotangents: Any) -> Any:
        out, pullback = jax.vjp(lambda d: f(*d, *rest), differentiated)
        return out, pullback(cotangents)

    return jax.jit(pull)


def in_double(side: Side) -> Side:
    def run() -> Any:
        with jax.enable_x64(True):
            return jax.block_until_ready(side())

    return run


def jax_sides(case: Case) -> dict[str, Side]:
    f = case.jax
    assert f is not None
    with jax.enable_x64(True):
        differentiated, rest = case.split(jnp.asarray)
        cotangents = jax.tree.map(jnp.ones_like, f(*differentiated, *rest))
    pull = compiled_pull(f, rest)
    compiled = jax.jit(lambda *d: f(*d, *rest))
    return {
        UNIT: in_double(lambda: pull(differentiated, cotangents)),
        "check_grads": passing(case, "jax", f),
        "passing twin": passing(case, "jax", planted(f, unchanged)),
        "failing": failing(case, "jax", planted(f, jax.lax.stop_gradient)),
        "check_grads of JAX": in_double(
            lambda: jax.test_util.check_grads(compiled, differentiated, order=1, atol=LOOSE, rtol=LOOSE)
        ),
    }


def first_call_sides(case: Case) -> dict[str, Side]:
    """First calls on new function objects: tracing, lowering, compiling and one run."""
    f = case.jax
    assert f is not None
    with jax.enable_x64(True):
        differentiated, rest = case.split(jnp.asarray)
        cotangents = jax.tree.map(jnp.ones_like, f(*differentiated, *rest))
    return {
        "first vjp": in_double(lambda: compiled_pull(fresh(f), rest)(differentiated, cotangents)),
        "first check_grads": lambda: passing(case, "jax", fresh(f))(),
    }


def seconds(side: Side, calls: int = 1) -> float:
    """Seconds of one call, the mean over ``calls``."""
    start = time.perf_counter()
    for _ in range(calls):
        side()
    return (time.perf_counter() - start) / calls


def calls_of(side: Side) -> int:
    """How many calls make a sample that the clock can tell. The first call warms up."""
    side()
    return min(MOST_CALLS, max(1, round(SAMPLE_SECONDS / seconds(side))))


def medians(sides: dict[str, Side], rounds: int = ROUNDS, *, warm: bool = True) -> dict[str, float]:
    """Median seconds of one call of each side; in each round all sides run once, in random order."""
    calls = {name: calls_of(side) if warm else 1 for name, side in sides.items()}
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name in random.sample(list(sides), len(sides)):
            found[name].append(seconds(sides[name], calls[name]))
    return {name: statistics.median(samples) for name, samples in found.items()}


def slow_seconds(case: Case, t: dict[str, float]) -> float:
    """Of slow gradcheck: measured, or what it takes at least by the medians ``t``: two evaluations for each input, and
    two backward passes for each output.
    """
    if "gradcheck, slow" in t:
        return t["gradcheck, slow"]
    backward = max(0.0, t[UNIT] - t["forward"])
    return 2 * case.inputs * t["forward"] + 2 * torch_outputs(case) * backward


def torch_row(case: Case) -> list[str]:
    t = medians(torch_sides(case))
    unit, ours, slow = t[UNIT], t["check_grads"], slow_seconds(case, t)
    n, m = case.inputs, torch_outputs(case)
    mark = "" if "gradcheck, slow" in t else "*"
    return [
        case.name,
        f"{n} / {m}",
        f"{unit * 1e3:.3g}",
        f"{ours * 1e3:.3g}",
        f"{ours / unit:.3g}",
        f"{t['gradcheck, fast'] / unit:.3g}",
        f"{slow / unit:,.0f}{mark}",
        f"{slow / ours:,.0f}{mark}",
        f"{t['failing'] / t['passing twin']:.2f}",
    ]


TORCH_HEAD = [
    "torch",
    "inputs / outputs",
    "forward and backward, ms",
    "check_grads, ms",
    "check_grads",
    "gradcheck, fast",
    "gradcheck, slow",
    "slow / check_grads",
    "failing / passing",
]


TORCH_NOTES = f"""\
Columns without a unit are multiples of one forward and backward pass. The failing check is of the same function with
twice the gradient in one argument, the passing one of its twin that costs as much and is right.
\\* From {MEASURED_BELOW} inputs on what slow gradcheck takes at least: two evaluations of the function for each input,
and two backward passes for each output.
"""


def jax_row(case: Case) -> list[str]:
    first = medians(first_call_sides(case), FIRST_CALLS, warm=False)
    t = medians(jax_sides(case))
    unit, ours = t[UNIT], t["check_grads"]
    return [
        case.name,
        f"{case.inputs}",
        f"{unit * 1e3:.3g}",
        f"{ours * 1e3:.3g}",
        f"{ours / unit:.3g}",
        f"{t['check_grads of JAX'] / unit:.3g}",
        f"{first['first vjp']:.3g}",
        f"{first['first check_grads']:.3g}",
        f"{first['first check_grads'] / first['first vjp']:.2f}",
        f"{t['failing'] / t['passing twin']:.2f}",
    ]


JAX_HEAD = [
    "JAX",
    "inputs",
    "forward and backward, ms",
    "check_grads, ms",
    "check_grads",
    "check_grads of JAX",
    "first vjp, s",
    "first check_grads, s",
    "first check_grads / first vjp",
    "failing / passing",
]


JAX_NOTES = f"""\
Columns without a unit are multiples of one forward and backward pass; the function is compiled on all sides. First
calls trace, lower, compile and run a new function object: medians of {FIRST_CALLS} pairs.
"""


def print_table(head: list[str], rows: Iterable[list[str]]) -> None:
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)
    print()


def memory_line(framework: str) -> str:
    unit, ours = (peak(framework, side) for side in (UNIT, "check_grads"))
    return (
        f"{framework}, {all_cases()[0].name}: first forward and backward pass {unit:.1f} MiB, "
        f"first check_grads {ours:.1f} MiB, {ours / unit:.2f} times"
    )


def peak(framework: str, side: str) -> float:
    """MiB by which the resident set of a new process rises in one call. Freed blocks go back to the system."""
    settings = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    command = [sys.executable, __file__, "--peak", framework, side]
    run = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | settings)
    return float(run.stdout)


def print_peak(framework: str, side: str) -> None:
    """In the new process: the first case's, once the last case has loaded what the frameworks load late."""
    sides_of = torch_sides if framework == "torch" else jax_sides
    run, warm_up = (sides_of(case)[side] for case in (all_cases()[0], all_cases()[-1]))
    warm_up()
    Path("/proc/self/clear_refs").write_text("5")  # sets the high-water mark back
    before = resident("VmRSS")
    run()
    print(resident("VmHWM") - before)


def resident(key: str) -> float:
    """MiB, as the system counts them."""
    line = next(s for s in Path("/proc/self/status").read_text().splitlines() if s.startswith(key))
    return float(line.split()[1]) / 1024


def environment() -> str:
    cpu = Path("/proc/cpuinfo")
    models = [s for s in cpu.read_text().splitlines() if s.startswith("model name")] if cpu.exists() else []
    model = models[0].partition(": ")[2] if models else platform.processor()
    packages = {"Python": platform.python_version(), "torch": torch.__version__, "JAX": jax.__version__}
    versions = ", ".join(f"{name} {version}" for name, version in packages.items())
    threads = f"{os.cpu_count()} cores, {torch.get_num_threads()} thread"
    return f"{versions}, NumPy {np.__version__}; {model}, {threads}; {time.strftime('%Y-%m-%d')}"


def main(words: list[str]) -> None:
    torch.set_num_threads(1)
    cases = [c for c in all_cases() if not words or any(w in c.name for w in words)]
    print_table(TORCH_HEAD, (torch_row(c) for c in cases if c.torch))
    print(TORCH_NOTES)
    print_table(JAX_HEAD, (jax_row(c) for c in cases if c.jax))
    print(JAX_NOTES)
    if Path("/proc/self/clear_refs").exists():  # Linux
        print("Rise of the peak resident set, each in a process of its own, JAX's compilation included:")
        print(f"{memory_line('torch')}\n{memory_line('jax')}\n")
    print(environment())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        print_peak(*sys.argv[2:4])
    else:
        main(sys.argv[1:])
