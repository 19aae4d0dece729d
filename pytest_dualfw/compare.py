"""Compare NumPy arrays entry by entry with a bound, and say where and how they part."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .findings import Check, Discrepancy
from .tolerance import Floats

# What the ratio obtained / expected hints at; `n` is the number of entries of the leaf.
_RATIO_SLACK = 1e-3


def compare(
    what: str, oracle: str, obtained: Any, expected: Floats, bound: Floats, lengths: Mapping[int, str] | None = None
) -> Check:
    """A Check of ``obtained`` against ``expected`` within ``bound``, elementwise.

    ``lengths`` are lengths of axes that a wrong ratio may hint at, each with the name of its axis. Shapes must agree.
    A NaN passes only where the oracle says NaN, an infinity only where it says the same infinity.
    """
    x = np.asarray(obtained, dtype=np.complex128 if np.iscomplexobj(expected) else np.float64)
    if x.shape != expected.shape:
        note = f"has shape {x.shape}, expected {expected.shape}"
        return Check(what, oracle, "discrepancy", note=note, discrepancy=_shape_discrepancy(what, x, expected))
    if not x.size:
        return Check(what, oracle, "pass", 0.0, 0.0)
    error = _error(x, expected)
    excess = _excess(error, bound)
    at = np.unravel_index(int(np.argmax(excess)), x.shape)
    wrong = int(np.sum(excess > 1))
    found = _discrepancy(what, at, x, expected, bound, wrong, lengths or {}) if wrong else None
    return Check(
        what, oracle, "discrepancy" if wrong else "pass", float(error[at]), float(bound[at]), discrepancy=found
    )


def _error(x: Floats, expected: Floats) -> Floats:
    """|x - expected|; 0 where both are the same NaN or infinity, infinite where only one of them is finite."""
    same = (x == expected) | (np.isnan(x) & np.isnan(expected))
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.abs(x - expected)
    return np.where(same, 0.0, np.where(np.isfinite(x) & np.isfinite(expected), distance, np.inf))


def _excess(error: Floats, bound: Floats) -> Floats:
    """Error over bound; an exact entry is 0 also where the bound is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(error == 0, 0.0, np.where(np.isinf(error), np.inf, error / bound))


def _discrepancy(
    what: str, at: Any, x: Floats, expected: Floats, bound: Floats, wrong: int, lengths: Mapping[int, str]
) -> Discrepancy:
    index = tuple(int(i) for i in at)
    hint = hint_of(x[at], expected[at], x.shape, lengths)
    return Discrepancy(what, index, plain(x[at]), plain(expected[at]), float(bound[at]), wrong, x.size, hint)


def _shape_discrepancy(what: str, x: Floats, expected: Floats) -> Discrepancy:
    return Discrepancy(what, (), str(x.shape), str(expected.shape), 0.0, max(x.size, 1), max(x.size, 1), "wrong shape")


def plain(value: Any) -> float | str:
    """JSON has no NaN, no infinity and no complex number: those become text."""
    return (
        float(value)
        if np.isrealobj(value) and np.isfinite(value)
        else str(complex(value) if np.iscomplexobj(value) else float(value))
    )


def hint_of(obtained: Any, expected: Any, shape: Sequence[int], lengths: Mapping[int, str]) -> str:
    """What a slip that yields this ratio usually is; empty where the ratio says nothing."""
    if not np.isfinite(obtained):
        return "not finite"
    if obtained == 0:
        return "not written, or cut off from the graph"
    if not np.isfinite(expected) or expected == 0:
        return ""
    ratio = obtained / expected
    n = int(np.prod(shape))
    hints = {-1.0: "sign flipped", 2.0: "counted twice, or a missing 1/2", 0.5: "halved"}
    for length, axis in {**lengths, n: "n"}.items():
        if length > 2:
            hints.setdefault(float(length), f"a mean that was not taken (ratio {axis})")
            hints.setdefault(
                1.0 / length, f"a mean taken twice (ratio 1/{axis})" if axis == "n" else f"divided by {axis}"
            )
    return next((text for r, text in hints.items() if abs(ratio / r - 1) < _RATIO_SLACK), "")
