"""One quantity of one series, night by night: suspects first, then the steps that stand."""

from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .changes import CONFIRMED, SUSPECT, Change
from .confirm import MOST, Step, confirmed, located
from .model import Numbers
from .robust import measured
from .rules import RULES, factor, least
from .suspect import suspicion

# Nights before the first step that can be told; after a step fewer, for what is mended within a week is to be told too.
FEWEST_BEFORE, FEWEST_BETWEEN = 10, 5
# Nights of the new level that make a suspect.
FEWEST_SUSPECT = 2

# What a walk yields is taken as told if it is answered with True.
Walk = Generator[Change, bool | None, None]


def changes(values: Numbers, floor: float, quantity: str) -> list[Change]:
    """The steps that are confirmed, in their order, then the suspect of the last night, if there is one.

    ``values`` are one for each run; what is not positive (NaN, zero) is a run that measured nothing. ``floor`` is the
    smallest change that the machine can see, as a fraction. Steps are told as they were night by night: one of which
    ``found`` says 40 rests on the runs up to 40.
    """
    walk, told, answer = walked(values, floor, quantity), [], None
    while True:
        try:
            told.append(walk.send(answer))
        except StopIteration:
            return told
        answer = True


def walked(values: Numbers, floor: float, quantity: str) -> Walk:
    """Yields each step at the night at which it can be confirmed, and again at the next night if it is refused; at the
    end the suspect.
    """
    runs = measured(values)
    segment = Segment(quantity, least(quantity, floor), runs, np.log(values[runs]), FEWEST_BEFORE)
    while told := (yield from segment.walk()):
        segment = segment.after(*told)


@dataclass(frozen=True)
class Segment:
    """The nights since the last step: their runs' numbers and logarithms. ``first`` of them at least are a baseline,
    ``past`` of them were judged before the step was told.
    """

    quantity: str
    least: float
    runs: npt.NDArray[np.intp]
    x: Numbers
    first: int
    past: int = 0

    def walk(self) -> Generator[Change, bool | None, tuple[int, int] | None]:
        """Where the step is that was told and taken, and the night on which; None at the end of the nights."""
        direction = suspicion(self.x, self.least, self.first)
        for n in self.past + np.flatnonzero(direction[self.past :]):
            step = confirmed(self.x[: n + 1], direction[n], self.least, self.first)
            if step and (yield self.change(step, int(n), CONFIRMED)):
                return step.at, int(n)
        if len(self.x) > self.past and direction[-1] and (step := self.suspect(direction[-1])):
            yield self.change(step, max(_begun(direction), self.past, step.at), SUSPECT)
        return None

    def after(self, at: int, night: int) -> "Segment":
        return replace(self, runs=self.runs[at:], x=self.x[at:], first=FEWEST_BETWEEN, past=night + 1 - at)

    def suspect(self, direction: int) -> Step | None:
        at = located(self.x, self.first, self.least, FEWEST_SUSPECT)
        size = float(np.median(self.x[at:]) - np.median(self.x[max(at - MOST, 0) : at]))
        return Step(at, size, 1.0) if size * direction >= self.least else None

    def change(self, step: Step, found: int, tier: str) -> Change:
        worse = step.size * RULES[self.quantity].worse > 0
        run, told = int(self.runs[step.at]), int(self.runs[found])
        return Change(self.quantity, run, told, tier, factor(step.size), step.p, worse)


def _begun(direction: npt.NDArray[np.int64]) -> int:
    """Since which night the last night's direction has been seen without a break."""
    other = np.flatnonzero(direction != direction[-1])
    return int(other[-1]) + 1 if len(other) else 0
