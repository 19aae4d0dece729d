"""Compare what the target computed with what an oracle says, entry by entry, within the bound of conditioning.

Where that bound is left by little, rounding inside the function gets a hearing: a saturated tanh has lost digits that
no change of the inputs brings back. What it explains passes where it costs a digit at most; beyond that it is
inconclusive: neither an error of the function nor a pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..compare import compare
from ..findings import Check, Verdict
from ..frameworks.program import Arrays, exactly
from ..tolerance import CONDITIONING_FACTOR, LARGEST, UNIT_ROUNDOFF, Floats
from .evidence import Evidence

# Further outside its bound than this, no rounding is asked for an explanation, unless what it explains has no scale
# of its own (a gradient that is zero by cancellation) and the error is as small beside the function's value.
EXCUSABLE = 1e3
BESIDE_VALUE = 1e4
# What costs so many bounds, and is explained, is ordinary rounding: JAX's float32 tanh is off by 4 units in the last
# place, and 1 - y^2 of a saturated one multiplies them.
ORDINARY = 10.0


@dataclass(frozen=True)
class Expectation:
    """What an oracle expects of some outputs or gradients; ``first`` is the position of the first among all.

    ``if_rounding`` is the verdict where rounding inside the function explains a difference of more than a digit: an
    oracle that follows the same steps in higher precision passes it, to another one it may be a lack of accuracy.
    """

    oracle: str
    names: list[str]
    expected: Arrays
    spread: Arrays
    first: int = 0
    if_rounding: Verdict = "inconclusive"


def judge(evidence: Evidence, obtained: list[Any], what: Expectation) -> Iterator[Check]:
    rows = zip(what.names, obtained, what.expected, what.spread, strict=True)
    for position, (name, x, y, s) in enumerate(rows, start=what.first):
        if x is None:
            yield _none(name, what.oracle, y)
        else:
            bound = evidence.bound(y, s)
            check = compare(
                name, what.oracle, exactly([x])[0], _representable(y, evidence.dtype), bound, evidence.lengths
            )
            yield _excused(evidence, what, check, (exactly([x])[0], y, bound), position)


def _excused(
    evidence: Evidence, what: Expectation, check: Check, compared: tuple[Floats, Floats, Floats], position: int
) -> Check:
    """The check, unless rounding inside the function explains what it found."""
    x, y, bound = compared
    if check.verdict != "discrepancy" or evidence.asked.tolerance or not may_be_rounding(evidence, check):
        return check
    inside = evidence.rounding_spread(position)
    if inside is None or inside.shape != np.shape(bound):
        return check
    wider = bound + CONDITIONING_FACTOR * np.maximum(inside, np.sqrt(np.mean(np.square(inside))))
    if compare(check.what, check.oracle, x, _representable(y, evidence.dtype), wider).verdict == "discrepancy":
        return check
    note = f"{check.ratio:.3g} times the bound of conditioning, and within what rounding inside the function explains"
    verdict = "pass" if check.ratio <= ORDINARY else what.if_rounding
    return replace(check, verdict=verdict, note=note, discrepancy=None)


def may_be_rounding(evidence: Evidence, check: Check) -> bool:
    return (
        check.ratio < EXCUSABLE or (check.error or 0.0) <= BESIDE_VALUE * UNIT_ROUNDOFF[evidence.dtype] * evidence.scale
    )


def _representable(y: Floats, dtype: str) -> Floats:
    """An expected number beyond the dtype's largest is infinite there."""
    if np.iscomplexobj(y):
        return y
    return np.where(np.abs(y) > LARGEST[dtype], np.copysign(np.inf, y), y)


def _none(name: str, oracle: str, expected: Floats) -> Check:
    """No gradient came back: right only where the oracle's is zero everywhere."""
    check = compare(name, oracle, np.zeros_like(expected), expected, np.zeros(np.shape(expected)))
    return check if check.verdict == "pass" else replace(check, note="no gradient came back (None)")
