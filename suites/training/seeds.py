"""Beyond the horizon: no run can be followed, but over seeds the accuracies of two right trainings are of one law.

An exact permutation test, two-sided, of the difference of mean ranks (ties share a rank): of eight seeds on each side
two in 12870 divisions put all of one side above the other. scipy.stats.permutation_test; E. J. G. Pitman, Supplement
to J. R. Stat. Soc. 4 (1937) 119.
"""

from collections.abc import Sequence
from functools import cache
from math import comb

import numpy as np
from scipy.stats import permutation_test, rankdata  # type: ignore[import-untyped, unused-ignore]

from ..models.initial import Array
from .by_hand import train
from .judge import Training
from .networks import on_digits

NETWORK, EPOCHS = "cnn-digits", 2
SEEDS = 8
# So small that no run of the suites will meet it by chance; eight seeds can go below it, seven could not by far.
LEVEL = 5e-4


def p_value(a: Sequence[float], b: Sequence[float]) -> float:
    """How likely a difference as large as that between ``a`` and ``b`` is where both are drawn from one law."""
    ranks = rankdata([*a, *b])
    if np.ptp(ranks) == 0:
        return 1.0
    found = permutation_test(
        (ranks[: len(a)], ranks[len(a) :]), _apart, n_resamples=comb(len(ranks), len(a)), vectorized=True
    )
    return float(found.pvalue)


def _apart(x: Array, y: Array, axis: int) -> Array:
    return np.asarray(np.mean(x, axis=axis) - np.mean(y, axis=axis))


@cache
def by_hand() -> list[float]:
    """The accuracy of each seed after the run in NumPy."""
    return [end(on_digits(NETWORK, EPOCHS, seed)) for seed in range(SEEDS)]


def end(training: Training) -> float:
    """The accuracy at the end of the run in NumPy."""
    *_, last = train(training.problem, training.recipe)
    return training.problem.accuracy(last.params)
