"""Planted timelines as the lines that as many nights would have left in a folder."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from pytest_dualfw.history.model import COMPILE, EAGER, JIT, MEMORY, RATIO
from pytest_dualfw.history.writer import append
from pytest_dualfw.kernels.environment import Commit, Machine
from pytest_dualfw.kernels.line import Bench, Line
from pytest_dualfw.kernels.model import Compilation, Ratio

from ..kernels.samples import invalid, measured
from .planted import series, timeline

NIGHTS, STEP = 40, 30
MACHINE = Machine("a processor", 2, 1)
OTHER = Machine("another processor", 8, 4)
FIRST = datetime(2026, 1, 1, 3, tzinfo=UTC)
QUIET = ("add", "gelu", "softmax")
OLD, NEW = "0ld0ld0ld0", "beefbeefbe"


def stepped(nights=NIGHTS, at=STEP, factor=1.1):
    return np.where(np.arange(nights) >= at, factor, 1.0)


def kernels(*names, nights=NIGHTS, seed=0, **planted):
    """Series of these names with what is planted, then quiet ones."""
    rng = np.random.default_rng(seed)
    steps = [series(name, rng, nights, **planted) for name in names]
    return [*steps, *(series(name, rng, nights) for name in QUIET)]


def lines(many, machine=MACHINE, branch="main", first=FIRST, commit=lambda i: NEW if i >= STEP else OLD):
    """A line for each night and series; where its status is invalid, without a number."""
    found = timeline(many, nights=len(many[0].status))
    for i in range(len(found.runs)):
        started = (first + timedelta(days=i)).strftime("%Y-%m-%dT%H:%M:%SZ")
        env = {"python": "3.11.7", "torch": "2.13.0" if i >= STEP else "2.12.0"}
        where = (f"{branch}{started}", started, Commit(commit(i), branch=branch), machine.to_json(), env)
        yield from (_line(s, i, where) for s in found.series)


def keep(folder, many, **where):
    """The folder, with the lines in it."""
    append(folder, list(lines(many, **where)))
    return folder


def invalid_from(one, night, reason="the output is not finite"):
    """A series that is invalid from this night on."""
    status = [s if i < night else "invalid" for i, s in enumerate(one.status)]
    return replace(one, status=status, reasons=[reason if s == "invalid" else "" for s in status])


def _line(s, i, where):
    bench = Bench(s.bench.id, s.bench.group, {}, "torch", "cpu", "float32", "")
    return Line(
        *where, bench, invalid(s.reasons[i], name=s.bench.pass_) if s.status[i] == "invalid" else _numbers(s, i)
    )


def _numbers(s, i):
    value = {quantity: float(numbers[i]) for quantity, numbers in s.values.items()}
    m = measured(s.bench.pass_, eager=value[EAGER], jit=value[JIT])
    ratio = Ratio(value[RATIO], float(s.low[i]), float(s.high[i]), 100)
    jit = replace(m.jit, peak_bytes=round(value[MEMORY]))
    return replace(m, ratio=ratio, jit=jit, compilation=Compilation(value[COMPILE], {}, "cold"))
