"""Windows of signal processing."""

from functools import lru_cache

import mpmath as mp
import numpy as np

from ..tensors import Exact, Exacts


def cosine_window(*coefficients: str, periodic: bool = False) -> Exact:
    """a_0 - a_1 cos(t) + a_2 cos(2t) times the argument, over one period of t."""

    def at(x: Exacts) -> Exacts:
        n = len(x) if periodic else len(x) - 1
        a = [mp.mpf(c) for c in coefficients]
        window = [sum((-1) ** k * a[k] * mp.cospi(mp.mpf(2 * k * i) / n) for k in range(len(a))) for i in range(len(x))]
        return x * np.array(window, dtype=object)

    return at


def triangular_window(x: Exacts) -> Exacts:
    """Bartlett's: zero at both ends."""
    n = len(x) - 1
    return x * np.array([1 - abs(mp.mpf(2 * i) / n - 1) for i in range(n + 1)], dtype=object)


@lru_cache(maxsize=16)
def _kaiser(n: int, digits: int) -> Exacts:
    beta = 12
    arguments = [beta * mp.sqrt(1 - (mp.mpf(2 * i) / (n - 1) - 1) ** 2) for i in range(n)]
    return np.array([mp.besseli(0, t) / mp.besseli(0, beta) for t in arguments], dtype=object)


def kaiser_window(x: Exacts) -> Exacts:
    """Kaiser and Schafer 1980: I_0(12 sqrt(1 - t^2)) / I_0(12) for t from -1 to 1, times the argument."""
    return x * _kaiser(len(x), mp.mp.dps)
