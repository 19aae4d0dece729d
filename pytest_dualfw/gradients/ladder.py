"""A difference ladder: central differences at h, h/4, h/16, ... with Romberg's extrapolation and its own error.

phi(t) is a real function of one variable, smooth near 0. T_k0 = (phi(h_k) - phi(-h_k)) / 2 h_k has an error series in
even powers of h, so T_kj = T_k,j-1 + (T_k,j-1 - T_k-1,j-1) / (16^j - 1) removes one power after the other. The entry
of the smallest estimated error wins; the estimate is the larger difference to its two neighbours, or the noise of phi
divided by the step. Source: W. Romberg (1955); J. N. Lyness and C. B. Moler (1966), for the error by neighbours.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

FIRST_STEP = 2.0**-5
SHRINK = 4.0
LEVELS = 8

# A kink shows as one-sided slopes that stay apart while the step shrinks.
KINK_LEVELS = (5, 6)
KINK_STEADY = 0.1
KINK_SLACK = 0.02

Phi = Callable[[float], float]


@dataclass(frozen=True)
class Slope:
    """A derivative and how far it may be off."""

    value: float
    error: float


@dataclass(frozen=True)
class Kink:
    """One-sided derivatives that differ: any number between them is a subgradient's."""

    left: float
    right: float

    def admits(self, slope: float) -> bool:
        slack = KINK_SLACK * abs(self.right - self.left)
        return min(self.left, self.right) - slack <= slope <= max(self.left, self.right) + slack


def climb(phi: Phi, noise: float) -> Slope:
    """phi'(0), from 2 LEVELS evaluations. ``noise`` is how far phi's value may be off."""
    rows: list[list[Slope]] = []
    for k in range(LEVELS):
        h = FIRST_STEP / SHRINK**k
        rows.append(_row((phi(h) - phi(-h)) / (2 * h), rows[-1] if rows else [], 2 * noise / h))
    return min((entry for row in rows for entry in row), key=lambda s: s.error)


def _row(first: float, above: list[Slope], floor: float) -> list[Slope]:
    """One level of the tableau. A lone first entry has no neighbour to judge it by."""
    entries = [Slope(first, max(abs(first - above[0].value), floor) if above else np.inf)]
    for j, upper in enumerate(above, start=1):
        left = entries[-1].value
        value = left + (left - upper.value) / (16.0**j - 1)
        entries.append(Slope(value, max(abs(value - left), abs(value - upper.value), floor)))
    return entries


def find_kink(phi: Phi, scale: float) -> Kink | None:
    """The one-sided slopes at 0, if they differ by more than 1e-6 ``scale`` and by the same at two steps."""
    centre = phi(0.0)
    pairs = [_sides(phi, centre, FIRST_STEP / SHRINK**k) for k in KINK_LEVELS]
    jumps = [abs(right - left) for left, right in pairs]
    steady = abs(jumps[1] - jumps[0]) <= KINK_STEADY * jumps[0]
    return Kink(*pairs[1]) if steady and jumps[1] > 1e-6 * scale else None


def _sides(phi: Phi, centre: float, h: float) -> tuple[float, float]:
    """Left and right slope at 0, second order: (-3 phi(0) + 4 phi(h) - phi(2h)) / 2h and its mirror image."""
    right = (-3 * centre + 4 * phi(h) - phi(2 * h)) / (2 * h)
    left = (3 * centre - 4 * phi(-h) + phi(-2 * h)) / (2 * h)
    return left, right
