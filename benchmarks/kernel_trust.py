"""Can a number of kernel_benchmark be trusted? Run: python benchmarks/kernel_trust.py [--processes 10] [--fw torch jax]

Three questions, each asked in fresh processes, of torch and of JAX: does the same compiled function on both sides come
out at 1 (A/A)? Is one matrix product more in thirty seen? What does the clock add to a call of nothing?
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from pytest_dualfw import frameworks
from pytest_dualfw.frameworks.base import Framework
from pytest_dualfw.kernels.inputs import Rotation
from pytest_dualfw.kernels.pairs import Stop, paired
from pytest_dualfw.kernels.statistics import ratio
from pytest_dualfw.kernels.subject import Subject
from pytest_dualfw.numerics import Numerics, in_force, prepare_environment
from pytest_dualfw.target import Target

# Some hundred microseconds a call: a few thousand pairs in two seconds.
N, PRODUCTS = 64, 30
# At most; the A/A control stops as soon as its interval is narrower than 1 %, as the fixture does.
SECONDS = {"A/A": 10.0, "31 for 30": 2.0}

Function = Callable[..., Any]
Answer = dict[str, float]


def chain(products: int) -> Function:
    """x -> x w w w ..., of weights that keep its size."""

    def f(x: Any, w: Any) -> Any:
        for _ in range(products):
            x = x @ w
        return x

    return f


def nothing(x: Any, w: Any) -> Any:
    return x


class Bench:
    """Functions of x and w on one framework's timer, on buffers taken in turn."""

    def __init__(self, fw: Framework) -> None:
        rng = np.random.default_rng(0)
        x, w = rng.normal(size=(N, N)), rng.normal(size=(N, N)) / N**0.5
        self.subject = Subject.of(fw, nothing, (x, w), rng, backward=False)
        self.timer, self.kernel = self.subject.timer, self.subject.kernel(backward=False)
        self.rotation = Rotation(partial(self.timer.give, self.kernel), self.subject.sets, fresh=False)

    def compiled(self, f: Function) -> Function:
        call = self.timer.jit(replace(self.kernel, what=replace(self.kernel.what, f=f)))
        self.timer.compile(call, self.timer.give(self.kernel, *self.subject.first))
        return call

    def sample(self, call: Function, count: int = 1) -> float:
        return self.timer.seconds(call, self.rotation.take(count)) / count


def compared(fw: Framework, a: Function, b: Function, seconds: float) -> Answer:
    """Two functions, both compiled, against each other in pairs, as the fixture does with eager and jit."""
    bench = Bench(fw)
    with bench.timer.scope():
        first = bench.compiled(a)
        second = first if a is b else bench.compiled(b)
        for call in (first, second) * 20:
            bench.sample(call)
        samples = paired(partial(bench.sample, first), partial(bench.sample, second), Stop(max_time=seconds))
    r, us = ratio(samples.a, samples.b), 1e6 * float(np.median(samples.b))
    return {"ratio": r.median, "low": r.low, "high": r.high, "width": r.width, "pairs": r.pairs, "us": us}


def same(fw: Framework) -> Answer:
    f = chain(PRODUCTS)
    return compared(fw, f, f, SECONDS["A/A"])


def slower(fw: Framework) -> Answer:
    return compared(fw, chain(PRODUCTS + 1), chain(PRODUCTS), SECONDS["31 for 30"])


def overhead(fw: Framework) -> Answer:
    """Nanoseconds of a sample of a function that returns its argument: what the clock and the wait add."""
    bench = Bench(fw)
    single = [1e9 * bench.sample(nothing) for _ in range(20_000)]
    batch = [1e9 * bench.sample(nothing, 100) for _ in range(2_000)]
    return {"single": float(np.median(single)), "batch": float(np.median(batch))}


QUESTIONS: dict[str, Callable[[Framework], Answer]] = {"A/A": same, "31 for 30": slower, "overhead": overhead}


def ask(question: str, name: str) -> Answer:
    """In this process."""
    numerics = Numerics(compile_backend="aot_eager")
    prepare_environment(numerics, gpu=False)
    fw = frameworks.framework(Target(name, mode="jit"), numerics)
    with in_force(fw, 0):
        return QUESTIONS[question](fw)


def ask_apart(question: str, name: str) -> Answer:
    """In a process of its own."""
    command = [sys.executable, __file__, "--ask", question, "--fw", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: Answer = json.loads(done.stdout.splitlines()[-1])
    return {**found, "load": os.getloadavg()[0]}


def table(names: Iterable[str], processes: int) -> Iterator[str]:
    yield "| framework | question | a call | ratio: least, median, most | interval | pairs | right | load |"
    yield "|---|---|---|---|---|---|---|---|"
    for name in names:
        for question in ("A/A", "31 for 30"):
            yield f"| {name} | {question} | {_cells(question, [ask_apart(question, name) for _ in range(processes)])} |"
        found = ask_apart("overhead", name)
        told = f"{found['single']:.0f} ns a sample of one call, {found['batch']:.0f} ns a call in a batch"
        yield f"| {name} | overhead | {told} | | | | | {found['load']:.1f} |"


def _cells(question: str, found: list[Answer]) -> str:
    ratios, loads = sorted(f["ratio"] for f in found), sorted(f["load"] for f in found)
    us, width, pairs = (float(np.median([f[key] for f in found])) for key in ("us", "width", "pairs"))
    cells = [
        f"{us:.0f} us",
        f"{ratios[0]:.4f}, {np.median(ratios):.4f}, {ratios[-1]:.4f}",
        f"{width:.2%} wide",
        f"{pairs:.0f}",
        _right(question, found),
        f"{loads[0]:.1f} to {loads[-1]:.1f}",
    ]
    return " | ".join(cells)


def _right(question: str, found: list[Answer]) -> str:
    n = len(found)
    if question != "A/A":
        return f"interval above 1: {sum(f['low'] > 1 for f in found)} of {n}"
    near = sum(abs(f["ratio"] - 1) <= 0.01 for f in found)
    covers = sum(f["low"] <= 1 <= f["high"] for f in found)
    return f"within 1 %: {near} of {n}, interval holds 1: {covers} of {n}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=10)
    parser.add_argument("--fw", nargs="+", default=["torch", "jax"])
    parser.add_argument("--ask", choices=list(QUESTIONS), help="answer one question in this process, as JSON")
    options = parser.parse_args()
    if options.ask:
        print(json.dumps(ask(options.ask, options.fw[0])))
        return
    for line in table(options.fw, options.processes):
        print(line, flush=True)


if __name__ == "__main__":
    main()
