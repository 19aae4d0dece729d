"""Level, scale and memory of noisy nights, by medians: one bad night in five moves none of them far."""

import numpy as np
import numpy.typing as npt

from .model import Numbers

# Of a normal law the standard deviation is so many times the median absolute deviation.
MAD_TO_SD = 1.4826

# Where deviations are cut before they are squared, in standard deviations (Huber 1981: 1.5 to 3).
CUT = 2.5

# The autocorrelation that a machine is taken to have, and for how many nights that speaks; and the most of it: more
# cannot be told from a drift.
USUAL, USUAL_WEIGHT, MOST_MEMORY = 0.3, 15, 0.5


def measured(values: Numbers) -> npt.NDArray[np.intp]:
    """Which of them are numbers of a night: positive and finite."""
    return np.flatnonzero(np.isfinite(values) & (values > 0))


def trailing(x: Numbers, length: int, *, own: bool = False) -> Numbers:
    """Row i holds the ``length`` values before x[i], or with ``own`` up to it; NaN where x does not reach."""
    padded = np.concatenate([np.full(length, np.nan), x])
    return np.lib.stride_tricks.sliding_window_view(padded, length)[int(own) : len(x) + int(own)]


def medians(windows: Numbers) -> Numbers:
    """Of each row, without its NaN; NaN where nothing is left. ``np.nanmedian`` takes a hundred times as long."""
    ordered = np.sort(windows, axis=1)
    count = np.sum(~np.isnan(ordered), axis=1)
    rows = np.arange(len(ordered))
    below, above = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, windows.shape[1] - 1)
    return np.asarray((ordered[rows, below] + ordered[rows, above]) / 2)


def spread(deviations: Numbers) -> float:
    """The standard deviation, by the median absolute deviation."""
    return MAD_TO_SD * float(np.median(np.abs(deviations)))


def memory(deviations: Numbers) -> float:
    """How much of its deviation a night leaves to the next: the first autocorrelation, from 0 on.

    Large deviations are cut, what few nights make it fall short by is added (Kendall 1954), and so many nights as an
    estimate needs to mean something speak for the usual machine's.
    """
    n, cut = len(deviations), CUT * spread(deviations)
    d = np.clip(deviations, -cut, cut)
    square = float(np.sum(d * d))
    found = float(np.sum(d[1:] * d[:-1])) / square if square else 0.0
    found += (1 + 3 * found) / n
    return float(np.clip((n * found + USUAL_WEIGHT * USUAL) / (n + USUAL_WEIGHT), 0.0, MOST_MEMORY))
