"""Medians, and how far they can be trusted: intervals of the median of paired ratios."""

from collections.abc import Sequence

import numpy as np

from ..frameworks.program import Array
from .model import Ratio

# 1000 draws settle the ends of a 95 % interval to a few per cent of its width (Efron and Tibshirani 1993, 13.3).
DRAWS = 1000
# Indices held at once while drawing: 32 MB.
AT_ONCE = 4_000_000
# Two-sided 95 % of the normal law.
Z = 1.959964


def quartiles(samples: Sequence[float] | Array) -> tuple[float, float, float]:
    """First quartile, median, third quartile, linear between neighbours."""
    q1, median, q3 = np.percentile(np.asarray(samples, dtype=np.float64), (25, 50, 75))
    return float(q1), float(median), float(q3)


def ratio(eager: Sequence[float] | Array, jit: Sequence[float] | Array, seed: int = 0) -> Ratio:
    """The median of the paired ratios eager / jit, with its 95 % interval; the same for the same ``seed``.

    The interval is the bootstrap's on the logarithm. What is drawn again are runs of neighbours, so that a burst of
    noise that lasts over several pairs counts once and not as often as it was seen (Künsch 1989). It is never narrower
    than the interval between two order statistics, which holds for any law and for few pairs (David and Nagaraja 2003,
    7.1). ValueError where the two are not paired, or empty.
    """
    logs = log_ratios(eager, jit)
    low, high = interval(logs, seed)
    median, low, high = np.exp((np.median(logs), low, high))
    return Ratio(float(median), float(low), float(high), len(logs))


def log_ratios(eager: Sequence[float] | Array, jit: Sequence[float] | Array) -> Array:
    """Of pairs. ValueError where they are not paired, or empty, or not positive."""
    a, b = (np.asarray(x, dtype=np.float64) for x in (eager, jit))
    if a.shape != b.shape or a.ndim != 1 or not a.size:
        raise ValueError(f"there are {a.size} and {b.size} samples; allowed are pairs, at least one")
    if not (np.all(a > 0) and np.all(b > 0)):
        raise ValueError("a sample is not positive; a clock that stands still measures nothing")
    return np.asarray(np.log(a) - np.log(b))


def interval(values: Array, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of the median: the wider of the block bootstrap's and of the order statistics'."""
    low, high = order_interval(values)
    drawn = np.percentile(_drawn_medians(values, seed), (2.5, 97.5))
    return min(low, float(drawn[0])), max(high, float(drawn[1]))


def order_interval(values: Array) -> tuple[float, float]:
    """Between the order statistics whose ranks are 0.98 sqrt(n) to both sides of the middle.

    For any law of independent values; of fewer than six the extremes, which hold the median less often than 95 %.
    """
    n = len(values)
    k = max(int((n - Z * n**0.5) / 2), 0)
    ordered = np.partition(values, (k, n - 1 - k))
    return float(ordered[k]), float(ordered[n - 1 - k])


def _drawn_medians(values: Array, seed: int) -> Array:
    """Medians of series put together from runs of sqrt(n) neighbours, taken around the end."""
    n = len(values)
    length = max(round(n**0.5), 1)
    blocks = -(-n // length)
    rng, steps, found = np.random.default_rng(seed), np.arange(length), []
    rows = max(AT_ONCE // (blocks * length), 1)
    for done in range(0, DRAWS, rows):
        starts = rng.integers(0, n, size=(min(rows, DRAWS - done), blocks, 1))
        at = ((starts + steps) % n).reshape(len(starts), -1)[:, :n]
        found.append(np.median(values[at], axis=1))
    return np.concatenate(found)
