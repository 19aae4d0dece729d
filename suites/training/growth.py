"""How fast two runs part that differ by roundings: exponentially, as in any unstable system, or not at all.

The distance is taken as d(t) = d(0) exp(rate t), a line through its logarithm: rate estimates the largest Lyapunov
exponent, per step. Source: A. Wolf, J. B. Swift, H. L. Swinney and J. A. Vastano, Physica D 16 (1985) 285, section 3.
"""

import math
from dataclasses import dataclass

import numpy as np

from ..models.initial import Array

# Beyond this two runs are as far apart as they ever will be, and grow no more.
SATURATED = 0.1
# A line needs some points.
POINTS = 5


@dataclass(frozen=True)
class Growth:
    """``start`` is the distance at step 0, relative to the loss, and ``rate`` its growth in each step."""

    start: float
    rate: float

    @classmethod
    def of(cls, distances: Array) -> "Growth":
        """Fitted to the relative distance at each step, until it saturates; no growth where there are few points."""
        far = np.flatnonzero(distances >= SATURATED)
        rising = distances[: far[0] if far.size else len(distances)]
        t = np.flatnonzero(rising > 0)
        if len(t) < POINTS:
            return cls(float(rising.max(initial=0.0)), 0.0)
        rate, start = np.polyfit(t, np.log(rising[t]), 1)
        return cls(math.exp(start), float(rate))

    @property
    def doubling(self) -> float:
        """Steps in which the distance doubles; infinite where it does not grow."""
        return math.log(2) / self.rate if self.rate > 0 else math.inf

    def reaches(self, part: float) -> float:
        """The step at which the distance is expected to be ``part`` of the loss; infinite where it never will."""
        if self.start >= part:
            return 0.0
        if self.rate <= 0 or self.start == 0:
            return math.inf
        return math.log(part / self.start) / self.rate
