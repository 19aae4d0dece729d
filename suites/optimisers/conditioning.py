"""How far rounding may drive a run of many steps from the same run in exact arithmetic."""

from collections.abc import Callable
from typing import Any

import numpy as np

from pytest_dualfw.tolerance import Floats, conditioned_bound, jitter_spread

Runs = Callable[[list[Floats]], list[Floats]]

# Times three draws.
REPEATS = 4


def expected_within(
    run: Runs, leaves: list[Floats], dtype: str, rng: np.random.Generator
) -> tuple[list[Floats], list[float]]:
    """``run(leaves)``, and for each of its arrays the distance that the rounding of ``dtype`` explains.

    That is C (S + u max|p|), the rule by which values are judged everywhere. S is how far an entry moves when every
    leaf moves by one ulp. Where the leaves hold the ``roundings`` of each step too, S grows along the run just as the
    run itself forgets or magnifies a rounding; C = 10 stands for the roundings inside a step. u max|p| keeps it
    from falling below a few ulp. One number serves a whole array, that of its least steady entry.

    A run has thousands of comparisons, so S comes from more draws than one value needs: with three, one entry in a
    thousand seems steady by chance.
    """
    draws = [jitter_spread(run, leaves, dtype, rng) for _ in range(REPEATS)]
    centre = draws[0][0]
    spread = [np.max(of_one, axis=0) for of_one in zip(*(s for _, s in draws), strict=True)]
    bounds = [conditioned_bound(y, s, dtype) for y, s in zip(centre, spread, strict=True)]
    return centre, [float(np.max(bound, initial=0.0)) for bound in bounds]


def roundings(steps: int, like: Floats) -> Floats:
    """Factors of 1 for the result of each step. Jitter moves a leaf by one ulp, and so it rounds each of them anew."""
    return np.ones((steps, *like.shape))


def rounded(fw: Any, x: Any) -> Floats:
    """``x`` as the target sees it: rounded to its dtype, exactly in float64."""
    out: Floats = fw.to_numpy(fw.asarray(x)).astype(np.float64)
    return out
