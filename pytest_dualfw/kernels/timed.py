"""One pass under the clock: warmed up, guarded, timed in pairs, summed up."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from statistics import median
from time import perf_counter
from typing import Protocol

from ..tolerance import SMALLEST_NORMAL
from . import guards
from .model import INVALID, NOISY, OK, Measured, Side, Work
from .pairs import Samples, Stop, paired
from .passes import Pass
from .statistics import quartiles, ratio

MODES = ("eager", "jit")

# Steady: the median of the last WINDOW calls lies within STEADY of that of the WINDOW before, or among these.
WINDOW, STEADY = 5, 0.05
WARM_UP_CALLS, WARM_UP_SECONDS = 3, 2.0

# A wider interval is told, and told to be noisy.
NOISY_WIDTH = 0.10

# So many calls show the dispatch, or fewer where they would take longer than that.
DISPATCHED, DISPATCH_SECONDS = 7, 0.2


class Roof(Protocol):
    """What a machine attains."""

    def floor(self, work: Work) -> float:
        """Seconds below which nobody can have done ``work``."""
        ...

    def share(self, work: Work, seconds: float) -> float:
        """Which part of the attainable rate was reached."""
        ...


@dataclass(frozen=True)
class Limits:
    """``work`` of one call, None where it is not known; ``least`` seconds that the machine needs for what it surely has
    to do, 0 where that is not known.
    """

    work: Work | None = None
    least: float = 0.0
    roof: Roof | None = None

    def share(self, seconds: float) -> float | None:
        return self.roof.share(self.work, seconds) if self.roof and self.work else None


@dataclass
class Watched:
    """A pass whose calls are counted, and what is compiled in them."""

    p: Pass
    calls: Counter[str] = field(default_factory=Counter)
    compiled: Counter[str] = field(default_factory=Counter)

    def seconds(self, mode: str, count: int) -> float:
        before = self.p.timer.compilations()
        seconds = self.p.seconds(mode, count)
        self.compiled[mode] += self.p.timer.compilations() - before
        self.calls[mode] += count
        return seconds

    def recompiled(self) -> list[str]:
        return [guards.recompiled(m, n, self.calls[m]) for m in MODES if (n := self.compiled[m])]


def timed(p: Pass, stop: Stop, unchecked: str, limits: Limits) -> tuple[Measured, Samples]:
    """What was measured, and from what. No number where there is a reason not to believe it."""
    if unchecked:
        return _invalid(p, [f"the output was not checked: {unchecked}; pass reference="])
    if folded := guards.folded(p.timer.folded(p.calls["jit"], p.rotation.take(1)[0])):
        return _invalid(p, [folded])
    once, warm = {}, Watched(p)
    for mode in MODES:
        once[mode] = _warmed_up(warm, mode)
    if reasons := warm.recompiled():
        return _invalid(p, reasons, sum(warm.compiled.values()))
    counts = {mode: _count(p, mode, once[mode]) for mode in MODES}
    reasons = [r for m in MODES if (r := guards.nonlinear(m, partial(p.seconds, m), counts[m]))]
    return _invalid(p, reasons) if reasons else _in_pairs(p, stop, counts, limits)


def _warmed_up(warm: Watched, mode: str) -> float:
    """Seconds of a call once they are steady, or the time for that is up. Compilations count from where the first
    calls are over: what a mode compiles then, it compiles again and again.
    """
    times: list[float] = []
    started = perf_counter()
    while len(times) < WARM_UP_CALLS or (not _steady(times) and perf_counter() - started < WARM_UP_SECONDS):
        times.append(warm.seconds(mode, 1))
        if len(times) < WARM_UP_CALLS:
            warm.calls[mode] = warm.compiled[mode] = 0
    return median(times[-WINDOW:])


def _steady(times: list[float]) -> bool:
    if len(times) < 2 * WINDOW:
        return False
    before, last = times[-2 * WINDOW : -WINDOW], median(times[-WINDOW:])
    return abs(last - median(before)) <= STEADY * median(before) or min(before) <= last <= max(before)


def _count(p: Pass, mode: str, once: float) -> int:
    """Calls of one sample: one where it is long enough by itself, else as many as fill a batch."""
    if once >= p.timer.single:
        return 1
    rough = ceil(p.timer.batch / once)
    return ceil(p.timer.batch / (p.seconds(mode, rough) / rough))


def _in_pairs(p: Pass, stop: Stop, counts: dict[str, int], limits: Limits) -> tuple[Measured, Samples]:
    watched = Watched(p)
    eager, jit = (_sample(watched, mode, counts[mode]) for mode in MODES)
    samples = paired(eager, jit, stop)
    sides = {mode: _side(p, mode, found) for mode, found in zip(MODES, (samples.a, samples.b), strict=True)}
    reasons = watched.recompiled()
    reasons += [r for m in MODES if (r := guards.too_fast(m, sides[m].minimum, limits.least))]
    if reasons:
        return _invalid(p, reasons, sum(watched.compiled.values()))
    return _summed_up(p, samples, sides, limits), samples


def _sample(watched: Watched, mode: str, count: int) -> Callable[[], float]:
    return lambda: watched.seconds(mode, count) / count


def _side(p: Pass, mode: str, seconds: list[float]) -> Side:
    q1, middle, q3 = quartiles(seconds)
    call = p.calls[mode]
    calls = max(1, min(DISPATCHED, int(DISPATCH_SECONDS / middle)))
    dispatch = median(p.timer.dispatch(call, given) for given in p.rotation.take(calls))
    peak = p.timer.peak_bytes(call, p.rotation.take(1)[0])
    busy = p.timer.busy(call, p.rotation.take(calls))
    return Side(middle, q1, q3, min(seconds), len(seconds), dispatch, p.timer.clock, peak, busy)


def _invalid(p: Pass, reasons: list[str], recompiles: int = 0) -> tuple[Measured, Samples]:
    return Measured(p.name, INVALID, tuple(reasons), recompiles=recompiles), Samples()


def _summed_up(p: Pass, samples: Samples, sides: dict[str, Side], limits: Limits) -> Measured:
    found = ratio(samples.a, samples.b)
    doubts = [*filter(None, [guards.wide(found.width, samples.stop_reason, NOISY_WIDTH)]), *_subnormal(p)]
    return Measured(
        name=p.name,
        status=NOISY if doubts else OK,
        reasons=tuple(doubts),
        eager=sides["eager"],
        jit=sides["jit"],
        ratio=found,
        compilation=p.compilation,
        work=limits.work,
        roofline=limits.share(sides["jit"].median),
        stop_reason=samples.stop_reason,
    )


def _subnormal(p: Pass) -> list[str]:
    """On a GPU they cost nothing."""
    subject, result = p.subject, p.results["eager"]
    if subject.fw.device != "cpu":
        return []
    smallest = SMALLEST_NORMAL[subject.fw.dtype]
    inputs = zip(subject.problem.names, subject.first[0], strict=True)
    outputs = zip(result.names, result.outputs, strict=True)
    return [r for name, x in (*inputs, *outputs) if (r := guards.subnormal(name, x, smallest))]
