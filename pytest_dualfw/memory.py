"""What a loop leaves behind: arrays, objects and bytes that grow with the number of its steps."""

import ctypes
import gc
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Census = Callable[[], Mapping[str, int]]

# A count that rises in every one of so many blocks of steps grows with the steps: a cache that fills has stopped
# before, and what a collection happens to find goes down as well as up.
BLOCKS = 8
WARM_UP = 10

# Memory of the process comes in pages and is handed back when the allocator likes: less than this in all blocks
# together is not told from that, nor is growth whose least block is under a quarter of the mean one.
LEAST_BYTES = 256 * 1024
STEADY = 0.25

OBJECTS, RESIDENT = "Python objects", "bytes of the process"

_STATM = Path("/proc/self/statm")


@dataclass(frozen=True)
class Course:
    """``counts[what]`` were there at the beginning and after each block of steps, ``resident`` is the least memory of
    the process within each block; empty where the system does not tell.
    """

    steps: int
    counts: Mapping[str, tuple[int, ...]]
    resident: tuple[int, ...]

    @property
    def growth(self) -> dict[str, float]:
        """What grew with the steps, by how much in each; empty for a loop that leaves nothing behind."""
        grown = {what: series for what, series in self.counts.items() if rises(series)}
        if climbs(self.resident):
            grown[RESIDENT] = self.resident
        return {what: float(np.median(np.diff(series))) * BLOCKS / self.steps for what, series in grown.items()}


def rises(series: tuple[int, ...]) -> bool:
    """Whether a count rose in every block."""
    return bool(np.all(np.diff(series) > 0))


def climbs(resident: tuple[int, ...]) -> bool:
    """Whether memory rose in every block, steadily, and by more than pages do."""
    steps = np.diff(resident)
    if not len(steps):
        return False
    return bool(np.sum(steps) >= LEAST_BYTES and np.min(steps) >= STEADY * np.mean(steps))


def watch(step: Callable[[], Any], census: Census, steps: int) -> Course:
    """Run a loop and count what is there: ``census()`` by name, Python objects, memory of the process.

    ``step`` is called some times to warm up, then ``steps`` times; what it returns is dropped. Where memory of the
    process climbs it is run as often again and has to climb again, since one run in many may do so by chance.
    """
    for _ in range(WARM_UP):
        step()
    course = _watched(step, census, steps)
    if RESIDENT in course.growth and not climbs((again := _watched(step, census, steps)).resident):
        return Course(steps, course.counts, again.resident)
    return course


def _watched(step: Callable[[], Any], census: Census, steps: int) -> Course:
    block = max(steps // BLOCKS, 1)
    resident = np.zeros((BLOCKS, block), np.int64)
    with _only_new_objects():
        hand_back()
        counts = {what: np.zeros(BLOCKS + 1, np.int64) for what in (*census(), OBJECTS)}
        _count(census, counts, 0)
        for k in range(BLOCKS):
            for i in range(block):
                step()
                resident[k, i] = resident_bytes() or 0
            _count(census, counts, k + 1)
        series = {what: tuple(int(n) for n in numbers) for what, numbers in counts.items()}
    told = tuple(int(n) for n in resident.min(axis=1)) if resident.any() else ()
    return Course(block * BLOCKS, series, told)


def _count(census: Census, counts: Mapping[str, np.ndarray[Any, Any]], at: int) -> None:
    """Into arrays that are there already: a count leaves nothing behind itself."""
    gc.collect()
    for what, number in census().items():
        counts[what][at] = number
    counts[OBJECTS][at] = len(gc.get_objects())


@contextmanager
def _only_new_objects() -> Iterator[None]:
    """What was there before is left out of all collections and counts, which cost a tenth of a second otherwise."""
    gc.collect()
    before = gc.get_freeze_count()
    gc.freeze()
    try:
        yield
    finally:
        if not before:
            gc.unfreeze()


def hand_back() -> None:
    """What the C library has free goes back to the system: what is taken next would fill it first, and not be seen."""
    if resident_bytes() is not None:
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's
        if trim:
            trim(0)


def resident_bytes() -> int | None:
    """Memory of this process that is in use, in bytes; None where the system does not tell."""
    try:
        return int(_STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None
