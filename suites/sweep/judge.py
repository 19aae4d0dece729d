"""Right or wrong, by how much, and of which kind."""

import math
from dataclasses import dataclass

import mpmath

from .exact import exact
from .truth import BITS, LARGEST, LEAST_EXPONENT, Truth, ulp

# An accuracy loss: off by more than that many times half an ulp and what half an ulp of each argument explains.
LOST = 16.0
# Wrong by mathematics: not two digits are right, or in 16 bits, which hold no more, it is off by so many half ulps; and
# it is no slight error.
WRONG = 0.01
WRONG_HALVES = 64
# Within that factor of the smallest and the largest normal number, steps on the way leave the range.
EDGE = 64
# One-sided slopes are known to many digits, and a framework's to so many.
ROUNDED = 0.01
FINE, ACCURACY, DEFECT, SPECIAL = "fine", "accuracy", "defect", "special"


@dataclass(frozen=True)
class Judged:
    """``ulps`` is the error in units of the last place of the truth; ``excess`` over the bound of conditioning."""

    kind: str
    ulps: float = 0.0
    excess: float = 0.0


def judge(obtained: float, truth: Truth, dtype: str, *, finite: bool) -> Judged:
    """``finite`` says that the point is. Elsewhere, and where exact arithmetic knows no number, there is only usage."""
    if not truth.known or not finite:
        return Judged(SPECIAL)
    if truth.kink:
        slack = ROUNDED * (abs(truth.low) + abs(truth.high))
        inside = math.isfinite(obtained) and truth.low - slack <= obtained <= truth.high + slack
        return Judged(SPECIAL if inside else DEFECT, math.inf, math.inf)
    return _of_a_number(obtained, truth, dtype)


def _of_a_number(obtained: float, truth: Truth, dtype: str) -> Judged:
    t = truth.low
    if math.isnan(obtained):
        return Judged(DEFECT, math.inf, math.inf)
    if math.isinf(obtained) or abs(t) > LARGEST[dtype]:
        return _overflow(obtained, truth, dtype)
    error = abs(exact(obtained) - t)
    least = EDGE * mpmath.mpf(2) ** LEAST_EXPONENT[dtype]
    if error <= least and abs(t) <= least:  # subnormal numbers may be flushed to zero, on the way too
        return Judged(FINE)
    unit = max(ulp(t, dtype), truth.unit)
    ulps, excess = float(error / unit), float(error / (unit / 2 + truth.spread))
    wrong = error > max(WRONG, WRONG_HALVES * 2.0 ** -BITS[dtype]) * abs(t) and error > truth.slight
    kind = FINE if excess <= LOST else DEFECT if wrong else ACCURACY
    return Judged(kind, ulps, excess)


def _overflow(obtained: float, truth: Truth, dtype: str) -> Judged:
    """An infinity is due beyond the largest number, and near it nothing is asked."""
    t, largest = truth.low, mpmath.mpf(LARGEST[dtype])
    near = LOST * (ulp(largest, dtype) / 2 + truth.spread)
    right = abs(t) >= largest / EDGE if math.isinf(obtained) else abs(exact(obtained) - t) <= near
    fine = right and mpmath.sign(t) == math.copysign(1.0, obtained)
    return Judged(FINE) if fine else Judged(DEFECT, math.inf, math.inf)
