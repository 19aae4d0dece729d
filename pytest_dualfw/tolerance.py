"""How far a result may lie from the truth: derived from the function's conditioning, or set by hand with a reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

# Unit roundoff: half the distance from 1 to the next number (Higham, Accuracy and Stability, section 2.1).
UNIT_ROUNDOFF = {"float64": 2.0**-53, "float32": 2.0**-24, "bfloat16": 2.0**-8, "float16": 2.0**-11}

# The smallest distance between two numbers of the dtype: what gradual underflow rounds to.
TINY = {"float64": 2.0**-1074, "float32": 2.0**-149, "bfloat16": 2.0**-133, "float16": 2.0**-24}

# The smallest number that has all its digits: smaller ones are subnormal.
SMALLEST_NORMAL = {"float64": 2.0**-1022, "float32": 2.0**-126, "bfloat16": 2.0**-126, "float16": 2.0**-14}

# The largest finite number: beyond it a correctly rounded result is infinite.
LARGEST = {
    "float64": (2 - 2.0**-52) * 2.0**1023,
    "float32": (2 - 2.0**-23) * 2.0**127,
    "bfloat16": (2 - 2.0**-7) * 2.0**127,
    "float16": 65504.0,
}

# Over nine functions (losses, layers, an LSTM, an ill-conditioned inverse) error / (S + u max|g|) was 0.01 to 3.3.
CONDITIONING_FACTOR = 10.0
JITTER_DRAWS = 3

# Real or complex, at full precision.
Floats: TypeAlias = NDArray[np.inexact[Any]]


@dataclass(frozen=True)
class Tolerance:
    """A tolerance set by hand: |obtained - expected| <= atol + rtol |expected|, elementwise.

    ``why`` says what makes the derived bound unfit; a tolerance without a reason is refused (ValueError).
    """

    rtol: float = 0.0
    atol: float = 0.0
    why: str = ""

    def __post_init__(self) -> None:
        if not self.why:
            raise ValueError(
                f"Tolerance(rtol={self.rtol:g}, atol={self.atol:g}) carries no reason; "
                "pass why=, one clause that says why the derived bound is unfit"
            )

    def bound(self, expected: Floats) -> Floats:
        return np.asarray(self.atol + self.rtol * np.abs(expected))


def conditioned_bound(expected: Floats, spread: Floats, dtype: str) -> Floats:
    """C (S + u max|expected|): the error that rounding the inputs once would cause, times a constant.

    ``spread`` is S, how far the float64 result moves when each input moves by one ulp of ``dtype``
    (see :func:`jitter_spread`). A draw can leave one entry still by chance, so no entry counts as steadier than
    the typical entry of its leaf. No part grows with the size of the array.
    """
    if not expected.size:
        return np.zeros_like(expected)
    typical = np.sqrt(np.mean(np.square(np.abs(spread))))
    scale = np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))
    steady = UNIT_ROUNDOFF[dtype] * scale + TINY[dtype]
    return np.asarray(CONDITIONING_FACTOR * (np.maximum(spread, typical) + steady))


def bare_bound(expected: Floats, dtype: str) -> Floats:
    """For a comparison that knows no function to jitter: u^(3/4) of the entry, and 16 u of the largest entry.

    A quarter of the digits is left to the conditioning that cannot be measured here.
    """
    u = UNIT_ROUNDOFF[dtype]
    scale = np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))
    relative = u**0.75 * np.where(np.isfinite(expected), np.abs(expected), 0.0)
    return np.asarray(relative + 16 * u * scale + 16 * TINY[dtype])


def jitter_spread(
    f: Callable[[list[Floats]], list[Floats]], leaves: list[Floats], dtype: str, rng: np.random.Generator
) -> tuple[list[Floats], list[Floats]]:
    """``f(leaves)`` in float64, and S: the largest change of each entry over three draws x (1 + u xi), |xi| <= 1."""
    centre = f(leaves)
    spread: list[Floats] = [np.zeros(c.shape) for c in centre]
    u = UNIT_ROUNDOFF[dtype]
    for _ in range(JITTER_DRAWS):
        moved = f([jitter(x, u, rng) for x in leaves])
        for s, m, c in zip(spread, moved, centre, strict=True):
            np.fmax(s, _distance(m, c), out=s)
    return centre, spread


def _uniform(like: Floats, rng: np.random.Generator) -> Floats:
    """On [-1, 1], in both parts of a complex number."""
    real = rng.uniform(-1, 1, size=like.shape)
    return real + 1j * rng.uniform(-1, 1, size=like.shape) if like.dtype.kind == "c" else np.asarray(real)


def jitter(x: Floats, u: float, rng: np.random.Generator) -> Floats:
    """x (1 + u xi), |xi| <= 1."""
    return np.asarray(x * (1 + u * _uniform(x, rng)))


def _distance(a: Floats, b: Floats) -> Floats:
    """|a - b| where both are finite, else 0: an infinite expected entry is compared by equality, not by distance."""
    both = np.isfinite(a) & np.isfinite(b)
    return np.where(both, np.abs(np.where(both, a, 0.0) - np.where(both, b, 0.0)), 0.0)
