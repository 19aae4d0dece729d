"""Two kernels measured in pairs, in random order, until the ratio is known well enough.

A neighbour on the machine, a clock that drifts: what slows one of a pair down slows the other one too, and leaves
their ratio alone. One side after the other spreads by 37 % between processes where pairs spread by 5 %.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from ..frameworks.program import Array
from .statistics import interval, log_ratios, order_interval

Sample = Callable[[], float]

NARROW, SETTLED, TIME = "the interval is narrow enough", "the noise has settled", "the time is up"

# Between two looks at the interval the number of pairs grows by this factor: looking at each pair would stop at the
# first one that happens to look narrow.
GROWTH = 1.25
# Even of a kernel that takes longer than the time there is.
LEAST = 3


@dataclass(frozen=True)
class Stop:
    """When to stop: the 95 % interval of the ratio is narrower than ``width`` of it; or twice as many pairs made it
    less than ``settled`` narrower (independent noise would shrink by 0.29), seen twice; or ``max_time`` seconds are
    over. Not before ``min_pairs`` and ``min_time`` seconds, unless the time is up; never before LEAST pairs.
    """

    width: float = 0.01
    max_time: float = 2.0
    min_time: float = 0.2
    min_pairs: int = 8
    settled: float = 0.1
    settled_pairs: int = 512


@dataclass
class Samples:
    """Seconds per call, pair by pair, and why there are no more."""

    a: list[float] = field(default_factory=list)
    b: list[float] = field(default_factory=list)
    stop_reason: str = ""

    def width(self, interval: Callable[[Array], tuple[float, float]] = order_interval) -> float:
        """Of an interval of the ratio a / b, as a fraction of it; the order statistics' is the cheap one."""
        low, high = interval(log_ratios(self.a, self.b))
        return float(np.exp((high - low) / 2) - np.exp((low - high) / 2))


def paired(a: Sample, b: Sample, stop: Stop, *, seed: int = 0, now: Callable[[], float] = perf_counter) -> Samples:
    """Run ``a`` and ``b``, which time themselves and return seconds per call, in pairs until ``stop`` says so.

    Which of the two comes first is drawn anew for each pair, so that being second favours none. Garbage is not
    collected inside a sample.
    """
    found = Samples()
    judge, order = _Judge(stop), _coins(seed)
    with collection_paused():
        started = now()
        while not found.stop_reason:
            if next(order):
                found.a.append(_undisturbed(a))
                found.b.append(_undisturbed(b))
            else:
                found.b.append(_undisturbed(b))
                found.a.append(_undisturbed(a))
            found.stop_reason = judge.reason(found, now() - started)
    return found


class _Judge:
    """Looks at the interval now and then."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._next = float(stop.min_pairs)
        self._doubled = stop.settled_pairs
        self._widths: list[float] = []

    def reason(self, found: Samples, elapsed: float) -> str:
        """Empty: go on."""
        stop, n = self._stop, len(found.a)
        if elapsed >= stop.max_time and n >= LEAST:
            return TIME
        if n < self._next or elapsed < stop.min_time:
            return ""
        self._next = n * GROWTH
        width = found.width()
        if width < stop.width and found.width(interval) < stop.width:  # also where noise lasts over several pairs
            return NARROW
        return SETTLED if self._settled(n, width) else ""

    def _settled(self, n: int, width: float) -> bool:
        if n < self._doubled:
            return False
        self._doubled = 2 * n
        self._widths.append(width)
        last = self._widths[-3:]
        least = 1 - self._stop.settled
        return len(last) == 3 and last[1] > least * last[0] and last[2] > least * last[1]


def _coins(seed: int) -> Iterator[bool]:
    rng = np.random.default_rng(seed)
    while True:
        yield from (rng.random(1024) < 0.5).tolist()


def _undisturbed(sample: Sample) -> float:
    """Garbage is collected between samples: switched off for all of them it would pile up arrays."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return sample()
    finally:
        if was_on:
            gc.enable()


@contextmanager
def collection_paused() -> Iterator[None]:
    """What is alive already is not walked through by the collections to come: with torch and JAX loaded, one of them
    takes a tenth of a second. Put back as it was.
    """
    gc.collect()
    frozen_before = gc.get_freeze_count()
    if not frozen_before:
        gc.freeze()
    try:
        yield
    finally:
        if not frozen_before:
            gc.unfreeze()
