"""How far rounding may drive a run of many steps from the same run in exact arithmetic."""

from collections.abc import Callable
from typing import Any

import numpy as np

from pytest_dualfw.tolerance import Floats, conditioned_bound, jitter_spread

Runs = Callable[[list[Floats]], list[Floats]]


def expected_within(
    run: Runs, leaves: list[Floats], dtype: str, rng: np.random.Generator
) -> tuple[list[Floats], list[float]]:
    """``run(leaves)``, and for each of its arrays the distance that the rounding of ``dtype`` explains.

    That is C (S + u max|p|), the rule by which values are judged everywhere: S is how far an entry moves when every
    input moves by one ulp, so it grows along the run as fast as the run itself forgets or magnifies a rounding, and
    C = 10 stands for the roundings on the way. u max|p| keeps it from falling below a few ulp. One number serves a
    whole array, that of its least steady entry.
    """
    centre, spread = jitter_spread(run, leaves, dtype, rng)
    return centre, [float(np.max(conditioned_bound(y, s, dtype), initial=0.0)) for y, s in zip(centre, spread)]


def rounded(fw: Any, x: Any) -> Floats:
    """``x`` as the target sees it: rounded to its dtype, exactly in float64."""
    out: Floats = fw.to_numpy(fw.asarray(x)).astype(np.float64)
    return out
