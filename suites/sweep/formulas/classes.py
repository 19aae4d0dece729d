"""Losses of a matrix of logits, one row for each example, and of distributions."""

from collections.abc import Sequence
from typing import Any

import mpmath as mp
import numpy as np

from ..tensors import Exacts, each
from .exponentials import log_softmax

# What the rows' examples are of, and how much each class counts.
TARGETS = (1, 0, 3)
CLASS_WEIGHTS = (0.5, 1.0, 2.0, 0.25)


def picked(x: Exacts, targets: Sequence[int] = TARGETS) -> Exacts:
    return np.array([x[i, t] for i, t in enumerate(targets)], dtype=object)


def cross_entropy(x: Exacts) -> Any:
    return -picked(log_softmax(x)).sum() / 3


def smoothed_cross_entropy(x: Exacts) -> Any:
    """A tenth of the target's weight goes to all classes alike."""
    p, smoothing = log_softmax(x), mp.mpf(0.1)
    return -((1 - smoothing) * picked(p).sum() + smoothing / 4 * p.sum()) / 3


def weighted_cross_entropy(x: Exacts) -> Any:
    """A mean, weighted by the target's class."""
    w = [mp.mpf(CLASS_WEIGHTS[t]) for t in TARGETS]
    return -(picked(log_softmax(x)) * w).sum() / sum(w)


def multi_margin(x: Exacts) -> Any:
    """How far each other class comes within 1 of the target: the mean over all entries."""
    zero = mp.mpf(0)
    terms = [max(zero, 1 - row[t] + v) for row, t in zip(x, TARGETS, strict=True) for j, v in enumerate(row) if j != t]
    return mp.fsum(terms) / 12


def kl_div(x: Exacts, y: Exacts) -> Any:
    """Of log probabilities x from probabilities y, over the count of rows."""
    return (y * (each(mp.log)(y) - x)).sum() / len(x)
