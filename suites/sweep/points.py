"""Where a function of floats is tried: structured points, ends of its domain, random numbers over all exponents."""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import numpy as np

from .row import Interval, Row

Floats = np.ndarray[Any, Any]

# Zeros, units, where exp and tanh saturate in either precision, where squares and cubes overflow, large arguments.
ORDINARY = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 12.5, 20.0, 40.0, 64.0, 88.0, 100.0)
FAR = (150.0, 355.0, 709.0, 745.0, 1e3, 1e4, 1e6, 1e8, 1e12, 1e16, 1e19, 1e30, 1e38, 1e100, 1e154, 1e200, 1e300)
NEAR = tuple(10.0**-k for k in (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 17, 20, 30, 37, 100, 155, 200, 300))
OFF_ONE = tuple(1 + s * 2.0**-k for k in (1, 3, 5, 8, 10, 15, 20, 22, 26, 40, 51) for s in (1, -1))
NOT_FINITE = (np.inf, -np.inf, np.nan)
# For several arguments: each of them takes each of these.
FEW = (0.0, -0.0, 1e-30, 1e-8, 0.25, 1.0, 1.5, 3.0, 20.0, 1e3, 1e8, 1e30)
RANDOM = 96
EXPONENTS = {"float64": 300, "float32": 37, "bfloat16": 37, "float16": 4}


def points(row: Row, dtype: np.dtype[Any], name: str, seed: int) -> tuple[Floats, ...]:
    """One array for each argument, of one length, in the dtype; subnormal numbers are left out."""
    rng = np.random.default_rng(seed)
    drawn = _drawn(row, name, rng)
    ends = product(*(_structured(row, d) for d in row.domain)) if len(row.domain) > 1 else _alone(row)
    columns = np.array([*ends, *drawn], dtype=np.float64).reshape(-1, len(row.domain))
    with np.errstate(over="ignore", under="ignore"):
        rounded = columns.astype(dtype)
    wide = rounded.astype(np.float64)
    kept = np.all((wide == 0) | (np.abs(wide) >= smallest_normal(name)) | ~np.isfinite(columns), axis=1)
    kept &= np.all(np.isfinite(wide) | ~np.isfinite(columns), axis=1)
    unique = np.unique(wide[kept].view(np.int64), axis=0).view(np.float64)
    return tuple(np.asarray(column.astype(dtype)) for column in unique.T)


def smallest_normal(name: str) -> float:
    return 2.0 ** {"float64": -1022, "float32": -126, "bfloat16": -126, "float16": -14}[name]


def _alone(row: Row) -> Iterator[tuple[float]]:
    low, high = row.domain[0]
    numbers = [0.0, -0.0, *(s * k for k in (*ORDINARY, *FAR, *NEAR, *OFF_ONE) for s in (1, -1)), *row.points]
    yield from ((x,) for x in numbers if low <= x <= high)
    yield from ((x,) for x in (*_ends(low, high), *NOT_FINITE))
    yield from ((x,) for x in (low - 1, low - 1e-3, high + 1e-3, high + 1) if np.isfinite(x))


def _ends(low: float, high: float) -> Iterable[float]:
    """At, next to and near the ends of an interval."""
    for end, inward in ((low, 1), (high, -1)):
        if np.isfinite(end):
            yield end
            yield np.nextafter(end, end + inward)
            yield from (
                end + inward * 2.0**-k for k in (3, 7, 10, 13, 23, 30, 40) if low <= end + inward * 2.0**-k <= high
            )


def _structured(row: Row, domain: Interval) -> list[float]:
    low, high = domain
    inside = [x for k in FEW for x in ((k, -k) if k else (k,)) if low <= x <= high]
    return [*inside, *(end for end in domain if np.isfinite(end)), *row.points, *NOT_FINITE]


def _drawn(row: Row, name: str, rng: np.random.Generator) -> Iterator[tuple[float, ...]]:
    """Half over all exponents, half of ordinary size; within the domain."""
    most = EXPONENTS[name]
    for k in range(RANDOM):
        yield tuple(_within(d, rng, most if k % 2 else 1.5) for d in row.domain)


def _within(domain: Interval, rng: np.random.Generator, decades: float) -> float:
    low, high = domain
    if np.isfinite(low) and np.isfinite(high):
        return float(rng.uniform(low, high))
    size = 10.0 ** rng.uniform(-decades, decades)
    if np.isfinite(low):
        return float(low + size)
    return float(high - size if np.isfinite(high) else size * rng.choice([-1.0, 1.0]))
