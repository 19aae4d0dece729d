"""Which changes still count tonight, and the group of a series that follows from them."""

from dataclasses import dataclass

import numpy as np

from ..kernels.model import INVALID as INVALID_STATUS
from .changes import CONFIRMED, OP, SUSPECT, Change
from .detect import FEWEST_BEFORE
from .model import RATIO, Numbers, Series
from .robust import measured
from .rules import least

# The first that applies is the group of a series.
REGRESSED, SUSPECTED, INVALID, IMPROVED, INSUFFICIENT, SAME = GROUPS = (
    "regressed",
    "suspect",
    "invalid",
    "improved",
    "insufficient",
    "same",
)

# Nights of a level.
NIGHTS = 20


@dataclass(frozen=True)
class Standing:
    """A series, its changes, and those of them that nobody has acknowledged."""

    series: Series
    changes: list[Change]
    open: list[Change]
    floor: float

    @property
    def group(self) -> str:
        last = next((status for status in reversed(self.series.status) if status), "")
        standing = [c for c in self.open if c.tier == CONFIRMED and self.stands(c)]
        nights = max(len(measured(values)) for values in self.series.values.values())
        applies = {
            REGRESSED: any(c.worse for c in standing),
            SUSPECTED: any(c.worse for c in self.open if c.tier == SUSPECT),
            INVALID: last == INVALID_STATUS,
            IMPROVED: any(_better(c) for c in standing),
            INSUFFICIENT: nights <= FEWEST_BEFORE,
            SAME: True,
        }
        return next(group for group in GROUPS if applies[group])

    def stands(self, change: Change) -> bool:
        """Whether no later step of the quantity has brought it back to where it was before the change."""
        later = [c.run for c in self.changes if self._follows(c, change)]
        values, smallest = self.series.values[change.quantity], least(change.quantity, self.floor)
        was, way = _level(values[: change.run]), np.sign(np.log(change.factor))
        ends = [*later[1:], len(values)]
        return all(way * (_level(values[a:b]) - was) >= smallest for a, b in zip(later, ends, strict=False))

    def _follows(self, later: Change, change: Change) -> bool:
        return later.tier == CONFIRMED and later.quantity == change.quantity and later.run > change.run


def _level(values: Numbers) -> float:
    return float(np.median(np.log(values[measured(values)][-NIGHTS:])))


def _better(change: Change) -> bool:
    """A speed-up that grew because eager became slower is no gain."""
    return not change.worse and (change.quantity, change.blame) != (RATIO, OP)
