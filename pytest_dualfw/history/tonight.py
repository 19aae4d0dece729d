"""One run beside the nights before it: which measurement is to be taken again, and where its lines go."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ..kernels.environment import Surroundings
from ..kernels.line import Line, bench, lines
from ..kernels.measure import Taken
from ..kernels.model import CHECKED, KernelTiming, Measured
from ..kernels.terminal import measured
from .layout import safe
from .model import COMPILE, EAGER, JIT, MEMORY, RATIO, Numbers, Timeline
from .reader import read
from .remeasure import TIMES, needs_remeasuring
from .writer import append

if TYPE_CHECKING:
    from ..frameworks.base import Framework

tonight_key = pytest.StashKey["Tonight"]()

# Of the A/A control, which says what this machine can see tonight.
CONTROL_SECONDS, CONTROL_RUNS = 1.0, 3


@dataclass(frozen=True)
class Suspect:
    """What looks worse than the nights before: which pass, by its place, in which quantity."""

    place: int
    quantity: str

    def of(self, timing: KernelTiming) -> float:
        return number(timing.passes[self.place], self.quantity)


@dataclass
class Tonight:
    """``folder`` holds the history; ``surroundings`` are this run's, so also which of its timelines goes on."""

    folder: Path
    surroundings: Surroundings

    @cached_property
    def before(self) -> Timeline | None:
        """The nights on this machine and branch; None where there are none."""
        where = self.folder / self.surroundings.machine.key / safe(self.surroundings.commit.branch)
        timelines = read(where).timelines if where.is_dir() else []
        return next((t for t in timelines if t.key == self.surroundings.machine.key), None)

    @cached_property
    def _floors(self) -> dict[str, float]:
        return {}

    def floor(self, fw: "Framework") -> float:
        """The smallest change that can be seen on a framework's device, measured once a run."""
        place = f"{fw.name}-{fw.device}"
        if place not in self._floors:
            from ..kernels.control import control
            from ..kernels.pairs import Stop

            found = control(fw.at(mode="jit", dtype="float32"), Stop(max_time=CONTROL_SECONDS), CONTROL_RUNS)
            self._floors[place] = found.smallest_change
        return self._floors[place]

    def settled(self, fw: "Framework", once: Callable[[], Taken]) -> Taken:
        """What ``once`` measures; where that is a suspect, it is measured twice more and the middle one is kept."""
        floor, taken = self.floor(fw), [once()]
        suspect = self.suspect(taken[0].timing, floor)
        if suspect:
            taken += [once() for _ in range(TIMES)]
        kept = taken[middle([t.timing for t in taken], suspect)] if suspect else taken[0]
        passes = tuple(replace(m, remeasured=len(taken) - 1) for m in kept.timing.passes)
        known = {**kept.timing.environment, "floor": floor}
        return replace(kept, timing=replace(kept.timing, passes=passes, environment=known))

    def suspect(self, timing: KernelTiming, floor: float) -> Suspect | None:
        """The first number of the timing that lies so far on the worse side of the nights before that chance alone is
        to be ruled out by measuring again.
        """
        return next(self._suspects(timing, floor), None)

    def _suspects(self, timing: KernelTiming, floor: float) -> Iterator[Suspect]:
        for place, m in enumerate(timing.passes):
            for quantity, earlier in self._earlier(timing, m).items():
                if needs_remeasuring(earlier, number(m, quantity), quantity, floor):
                    yield Suspect(place, quantity)

    def _earlier(self, timing: KernelTiming, m: Measured) -> dict[str, Numbers]:
        name = bench(timing).id
        found = [s for s in self.before.series if (s.bench.id, s.bench.pass_) == (name, m.name)] if self.before else []
        return found[0].values if found else {}

    def keep(self, timings: Iterable[KernelTiming]) -> list[Path]:
        """Append what was measured. What was only checked leaves no line."""
        return append(self.folder, list(self._lines(timings)))

    def _lines(self, timings: Iterable[KernelTiming]) -> Iterator[Line]:
        for line in (line for t in measured(timings) for line in lines(t, self.surroundings)):
            if line.measured.status != CHECKED:
                yield line


def middle(timings: list[KernelTiming], suspect: Suspect) -> int:
    """Which of several measurements of one kernel to keep: the middle one in what was suspected, of those that have a
    number there; the first where none has.
    """
    known = sorted((suspect.of(t), i) for i, t in enumerate(timings) if not math.isnan(suspect.of(t)))
    return known[(len(known) - 1) // 2][1] if known else 0


def number(m: Measured, quantity: str) -> float:
    """A measured quantity; NaN where it was not measured."""
    found: dict[str, float | None] = {
        RATIO: m.ratio.median if m.ratio else None,
        JIT: m.jit.median if m.jit else None,
        EAGER: m.eager.median if m.eager else None,
        COMPILE: m.compilation.first if m.compilation else None,
        MEMORY: m.jit.peak_bytes if m.jit else None,
    }
    value = found[quantity]
    return math.nan if value is None else float(value)
