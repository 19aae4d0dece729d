"""Many series at once: of what is told in one night, so many are true as Benjamini and Hochberg promise."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .changes import SUSPECT, Change
from .detect import FEWEST_BEFORE, Walk
from .model import Numbers
from .robust import measured

# The share of false ones among what is told.
FALSE_SHARE = 0.05


def limit(p: Sequence[float], tests: int) -> float:
    """The largest p that is a discovery among ``tests``, of which those that are not listed showed nothing; 0 where
    none is. Benjamini and Hochberg (1995): the largest of the sorted p with p_k <= k FALSE_SHARE / tests.
    """
    ordered = sorted(p)
    return max((x for k, x in enumerate(ordered, 1) if x <= k * FALSE_SHARE / tests), default=0.0)


def together(walks: Sequence[Walk], tests: npt.NDArray[np.int64]) -> list[list[Change]]:
    """What each walk tells where all take each night together. ``tests`` are the series judged in each night."""
    told: list[list[Change]] = [[] for _ in walks]
    waiting = {i: change for i, walk in enumerate(walks) if (change := _next(walk, None, told[i]))}
    while waiting:
        night = min(change.found for change in waiting.values())
        tonight = {i: change for i, change in waiting.items() if change.found == night}
        bound = limit([change.p for change in tonight.values()], int(tests[night]))
        for i, change in tonight.items():
            if taken := change.p <= bound:
                told[i].append(change)
            del waiting[i]
            if further := _next(walks[i], taken, told[i]):
                waiting[i] = further
    return told


def judged(series: Sequence[Numbers], runs: int) -> npt.NDArray[np.int64]:
    """How many of the series had a night and enough nights before it, for each of ``runs``."""
    count = np.zeros(runs, dtype=np.int64)
    for values in series:
        count[measured(values)[FEWEST_BEFORE:]] += 1
    return count


def _next(walk: Walk, answer: bool | None, told: list[Change]) -> Change | None:
    """The next step that asks to be told. A suspect asks nobody, and ends the walk."""
    try:
        change = walk.send(answer)
    except StopIteration:
        return None
    if change.tier != SUSPECT:
        return change
    told.append(change)
    return None
