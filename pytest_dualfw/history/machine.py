"""When everything moves at once it is the machine: found in what all series share, told once, taken out of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .changes import MACHINE, Change
from .detect import walked
from .model import COMPILE, EAGER, JIT, Numbers, Series
from .robust import measured, medians

# Fewer series make no machine; of those that there are so many move alike: by half to one and a half of what is shared.
FEWEST_SERIES, ALIKE = 8, 0.75
# Nights of a level.
NIGHTS = 20
# A slow machine runs both sides slower. Compilers run on it too, though not always on the part that is slow.
SIDES, TIMES = (JIT, EAGER), (JIT, EAGER, COMPILE)


@dataclass(frozen=True)
class Shift:
    """A change of the machine, and the factor by which it moved each quantity."""

    change: Change
    factors: dict[str, float]


def move(values: Numbers, change: Change) -> float:
    """The logarithm by which the level of ``values`` moved at a change, from the nights known when it was told; NaN
    where one side has none.
    """
    before, after = values[: change.run], values[change.run : change.found + 1]
    x, y = np.log(before[measured(before)][-NIGHTS:]), np.log(after[measured(after)])
    return float(np.median(y) - np.median(x)) if len(x) and len(y) else float("nan")


def shifts(series: Sequence[Series], floor: float) -> list[Shift]:
    """The machine's own changes, in their order; none where there are fewer than FEWEST_SERIES series."""
    if len(series) < FEWEST_SERIES:
        return []
    walk, found, answer = walked(shared(series), floor, JIT), list[Shift](), None
    while True:
        try:
            change = walk.send(answer)
        except StopIteration:
            return found
        if answer := alike(series, change):
            found.append(_shift(series, change))


def shared(series: Sequence[Series]) -> Numbers:
    """The level that all sides of all series share, night by night: the median of them, each in units of its own first
    nights.
    """
    rows = np.array([_relative(s.values[side]) for s in series for side in SIDES])
    enough = np.sum(~np.isnan(rows), axis=0) >= FEWEST_SERIES
    return np.where(enough, np.exp(medians(rows.T)), np.nan)


def alike(series: Iterable[Series], change: Change) -> bool:
    """Whether jit moved alike in nearly all series, and eager did."""
    size = np.log(change.factor)
    return all(_share(_moves(series, side, change), size) >= ALIKE for side in SIDES)


def relieved(series: Series, found: Iterable[Shift]) -> Series:
    """The series as it would be on the machine as it was at first."""
    values = dict(series.values)
    for shift in found:
        for quantity, factor in shift.factors.items():
            nights = np.arange(len(values[quantity])) >= shift.change.run
            values[quantity] = np.where(nights, values[quantity] / factor, values[quantity])
    return replace(series, values=values)


def _shift(series: Iterable[Series], change: Change) -> Shift:
    moves = {quantity: _moves(series, quantity, change) for quantity in TIMES}
    factors = {q: float(np.exp(np.median(m))) for q, m in moves.items() if len(m) >= FEWEST_SERIES}
    return Shift(change.blamed(MACHINE), factors)


def _moves(series: Iterable[Series], quantity: str, change: Change) -> Numbers:
    found = np.array([move(s.values[quantity], change) for s in series])
    return np.asarray(found[~np.isnan(found)])


def _share(moves: Numbers, size: float) -> float:
    return float(np.mean(np.abs(moves - size) <= abs(size) / 2)) if len(moves) >= FEWEST_SERIES else 0.0


def _relative(values: Numbers) -> Numbers:
    at, x = measured(values), np.full(len(values), np.nan)
    x[at] = np.log(values[at]) - np.median(np.log(values[at[:NIGHTS]])) if len(at) else np.nan
    return x
