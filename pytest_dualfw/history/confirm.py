"""The second tier: where the step is, whether ranks tell its two sides apart, and how large it is."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri  # type: ignore[import-untyped, unused-ignore]

from .model import Numbers
from .rank_test import mann_whitney, shift
from .robust import CUT, memory, spread

# Nights on both sides of a step: of the new level at least five, so that three bad ones in a row are no step.
FEWEST_AFTER, MOST = 5, 20

# The p of a step. Chosen on synthetic nights, as are the constants of robust.py and suspect.py: docs/nights.md.
ALPHA = 0.0005


@dataclass(frozen=True)
class Step:
    """``at`` is the first night of the new level, ``size`` the logarithm of the factor, ``p`` the test's."""

    at: int
    size: float
    p: float


def confirmed(x: Numbers, direction: int, least: float, first: int) -> Step | None:
    """The step among the last nights of the logarithms ``x`` that is beyond doubt; ``first`` nights or more precede it.

    Beyond doubt: at least ``least`` high in the ``direction`` of the suspicion, held by the last nights, and not by
    chance.
    """
    if len(x) < first + FEWEST_AFTER:
        return None
    at = located(x, first, least)
    before, after = x[max(at - MOST, 0) : at], x[at:]
    size = shift(after, before)
    if size * direction < least or not holds(x[-FEWEST_AFTER:] - np.median(before), size):
        return None
    noise = np.concatenate([x[max(at - 3 * MOST, 0) : at] - np.median(before), after - np.median(after)])
    p = inflated(mann_whitney(after, before), inflation(memory(noise)))
    return Step(at, size, p) if p < ALPHA else None


def inflation(memory: float) -> float:
    """So many nights tell as much as one that owes nothing to its neighbour (Bayley and Hammersley 1946)."""
    return (1 + memory) / (1 - memory)


def inflated(p: float, inflation: float) -> float:
    """The two-sided p where the variance is ``inflation`` times as large as for independent nights."""
    return 2 * float(ndtr(ndtri(p / 2) / math.sqrt(inflation)))


def holds(recent: Numbers, size: float) -> bool:
    """Whether all but one of the last nights lie beyond half of the step."""
    return int(np.sum(recent / size > 0.5)) >= FEWEST_AFTER - 1


def located(x: Numbers, first: int, least: float, fewest_after: int = FEWEST_AFTER) -> int:
    """Where two levels leave the least sum of squares in the last nights. Extreme ones are cut, not the new level."""
    begin = max(len(x) - 2 * MOST, 0)
    y = x[begin:] - np.median(x[begin:])
    cut = abs(float(np.median(y[-fewest_after:]))) + CUT * max(spread(y), least / 10)
    n, sums = len(y), np.cumsum(np.clip(y, -cut, cut))
    at = np.arange(max(first - begin, n - MOST, 1), n - fewest_after + 1)
    gain = (n * sums[at - 1] - at * sums[-1]) ** 2 / (at * (n - at))
    return begin + int(at[np.argmax(gain)])
