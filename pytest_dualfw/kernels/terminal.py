"""Kernel timings as text: one table per kernel, a row for each framework and pass, eager beside jit. Pure functions."""

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from . import units
from .line import in_words
from .model import BACKWARD, CHECKED, COLUMN, INVALID, NOISY, STATUSES, KernelTiming, Measured, Ratio

WIDTH = 116
NAMES = {"jax": "JAX"}
# Beside its forward row: forward and backward together.
PASSES = {BACKWARD: "+ backward"}
ABSENT = "-"
# Column -> its width. The label takes what is left.
COLUMNS = {
    "eager": 9,
    "jit": 9,
    "speed-up": 9,
    "95 % interval": 16,
    "jit is": 7,
    "compile": 9,
    "break-even": 13,
    "peak memory": 16,
    "roofline": 9,
}
_LABEL = WIDTH - sum(COLUMNS.values())
LEGEND = (
    "eager, jit: median of one call. speed-up: median of the paired ratios eager/jit. compile: the first jitted call.",
    "break-even: calls until compiling has paid. peak memory: eager / jit. roofline: jit, of what the machine attains.",
)

# torch's backend that traces and then runs operation by operation: no measure of what a user gets.
TRACED_ONLY = "aot_eager"
UNCOMPILED = (
    "torch jit by aot_eager traces and compiles nothing; --fw-compile-backend=inductor measures what is compiled."
)


def summary(timings: Iterable[KernelTiming]) -> list[str]:
    """All tables, what the columns mean, and how many measurements stand; nothing where there is no kernel. What was
    only checked has no table: it is counted.
    """
    found = list(timings)
    if not found:
        return []
    shown = measured(found)
    by_kernel: dict[tuple[str, str, str], list[KernelTiming]] = {}
    for t in shown:
        by_kernel.setdefault((t.kernel, t.device, t.dtype), []).append(t)
    tables = [line for group in by_kernel.values() for line in ("", *table(group))]
    legend = ["", *LEGEND] if shown else []
    untold = [UNCOMPILED] if any(compiler(t) == TRACED_ONLY for t in shown) else []
    return [*tables, *legend, *untold, counts(found)]


def measured(timings: Iterable[KernelTiming]) -> list[KernelTiming]:
    """Those of which a pass was timed, or was to be."""
    return [t for t in timings if any(m.status != CHECKED for m in t.passes)]


def table(timings: Sequence[KernelTiming]) -> list[str]:
    """One kernel on one device and dtype: its sizes below each other."""
    by_params: dict[str, list[KernelTiming]] = {}
    for t in timings:
        by_params.setdefault(in_words(t.params), []).append(t)
    header = "".join(name.rjust(width) for name, width in COLUMNS.items())
    lines = [heading(timings), " " * _LABEL + header]
    for params, group in by_params.items():
        lines += [f"  {params}"] if params else []
        lines += [line for t in group for m in t.passes for line in row(t.framework, m)]
    return lines


def heading(timings: Sequence[KernelTiming]) -> str:
    """``matmul, cpu float32, inputs rotated, wall clock, jit by inductor (torch) and XLA (JAX)``."""
    first = timings[0]
    sides = [side for t in timings for m in t.passes for side in (m.eager, m.jit) if side]
    clocks = _joined(side.clock for side in sides)
    jit = _joined((f"{compiler(t)} ({named(t.framework)})" for t in timings if compiler(t)), " and ")
    told = [first.kernel, f"{first.device} {first.dtype}", f"inputs {_joined(t.cache for t in timings)}"]
    return ", ".join([*told, *([f"{clocks} clock"] if clocks else []), *([f"jit by {jit}"] if jit else [])])


def _joined(words: Iterable[str], between: str = "/") -> str:
    return between.join(dict.fromkeys(words))


def compiler(t: KernelTiming) -> str:
    """What compiled the jitted side; empty where nobody says."""
    return str(t.environment.get("compile_backend", ""))


def by(t: KernelTiming) -> str:
    """`` (inductor)``, beside a framework's name."""
    return f" ({compiler(t)})" if compiler(t) else ""


def named(framework: str) -> str:
    """As its makers write it."""
    return NAMES.get(framework, framework)


def row(framework: str, m: Measured) -> list[str]:
    """One pass: its numbers, or in their place why there are none; what is to be known of them below."""
    label = f"  {named(framework):5s} {PASSES.get(m.name, m.name)}".ljust(_LABEL)
    if m.eager is None or m.jit is None or m.ratio is None:
        return _spoken(label, without_number(m))
    cells = [
        units.seconds(m.eager.median),
        units.seconds(m.jit.median),
        f"{units.times(m.ratio.median)}x",
        f"[{units.times(m.ratio.low)}, {units.times(m.ratio.high)}]",
        verdict(m.status, m.ratio),
        units.seconds(m.compilation.first) if m.compilation else ABSENT,
        break_even(m),
        memory(m),
        ABSENT if m.roofline is None else units.percent(m.roofline),
    ]
    drawn = "".join(cell.rjust(width) for cell, width in zip(cells, COLUMNS.values(), strict=True))
    return [label + drawn, *(line for note in notes(m) for line in _spoken(" " * _LABEL, note))]


def verdict(status: str, ratio: Ratio) -> str:
    """What the interval says of jit: ``same`` where it covers 1; nothing but ``noisy`` where it is too wide."""
    if status == NOISY:
        return NOISY
    return "same" if ratio.covers_one else "faster" if ratio.low > 1 else "slower"


def break_even(m: Measured) -> str:
    """Calls; ``never`` where jit is slower, ``unclear`` where it may be, or where the medians contradict the ratio."""
    after = m.break_even
    if after is None or m.ratio is None:
        return ABSENT
    if m.ratio.high < 1:
        return units.count(math.inf)
    return "unclear" if m.ratio.covers_one or math.isinf(after) else units.count(after)


def memory(m: Measured) -> str:
    peaks = [side.peak_bytes if side else None for side in (m.eager, m.jit)]
    told = [ABSENT if peak is None else units.memory(peak) for peak in peaks]
    (eager, unit), (jit, other) = (text.partition(" ")[::2] for text in told)
    if peaks == [None, None]:
        return ABSENT
    return f"{eager} / {jit} {unit}" if unit == other else " / ".join(told)


def in_a_line(m: Measured) -> str:
    """``1.033x [1.023, 1.044] faster, eager 1.24 ms, jit 1.20 ms``, or why there is no number."""
    if m.eager is None or m.jit is None or m.ratio is None:
        return without_number(m)
    r = m.ratio
    told = f"{units.times(r.median)}x [{units.times(r.low)}, {units.times(r.high)}] {verdict(m.status, r)}"
    return f"{told}, eager {units.seconds(m.eager.median)}, jit {units.seconds(m.jit.median)}"


def without_number(m: Measured) -> str:
    """What stands where a number would lie, or was not asked for."""
    return f"{_WORDS[m.status]}: {'; '.join(m.reasons)}" if m.reasons else _WORDS[m.status]


def notes(m: Measured) -> list[str]:
    """What a reader must know besides the numbers."""
    warm = m.compilation is not None and m.compilation.cache != "cold"
    told = [f"noisy: {'; '.join(m.reasons) or m.stop_reason}"] if m.status == NOISY else []
    told += [f"compile: {m.compilation.cache}"] if warm and m.compilation else []
    return told + on_device(m)


def on_device(m: Measured) -> list[str]:
    """``on the device, by the profiler: eager 80.1 us, jit 71.3 us``; nothing where no profiler was asked."""
    sides = {"eager": m.eager, "jit": m.jit}
    told = [f"{mode} {units.seconds(side.device)}" for mode, side in sides.items() if side and side.device is not None]
    return [f"on the device, by the profiler: {', '.join(told)}"] if told else []


def counts(timings: Iterable[KernelTiming]) -> str:
    """``12 measurements: 9 ok, 1 noisy, 1 invalid, 1 checked (timed=False was given)``."""
    passes = [m for t in timings for m in t.passes]
    statuses = [m.status for m in passes]
    told = [f"{statuses.count(s)} {s}" for s in STATUSES if s in statuses]
    why = "; ".join(dict.fromkeys(reason for m in passes if m.status == CHECKED for reason in m.reasons))
    return f"{len(passes)} measurement{'s' if len(passes) > 1 else ''}: {', '.join(told)}" + (
        f" ({why})" if why else ""
    )


def of_rows(rows: Iterable[Mapping[str, Any]]) -> list[KernelTiming]:
    """The timings in the rows that tests left."""
    return [KernelTiming.from_json(row[COLUMN]) for row in rows]


_WORDS = {INVALID: "INVALID", CHECKED: "checked, not timed"}


def _spoken(label: str, words: str) -> list[str]:
    """Words in the place of the numbers, wrapped there."""
    inside = textwrap.wrap(words, WIDTH - _LABEL - 2)
    return [(label if i == 0 else " " * _LABEL) + "  " + text for i, text in enumerate(inside)]
