"""One row on one target: what is wrong with it, and how accurate it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pytest_dualfw import Framework

from .judge import ACCURACY, DEFECT, SPECIAL, Judged, judge
from .measure import SECOND, VALUE, Measure, TensorMeasure
from .points import Floats, points
from .row import Row
from .tensors import Array, TensorPoint, TensorRow, truth_at
from .truth import UNKNOWN, Point, Truth, truths


@dataclass(frozen=True)
class Seen:
    """What a target computed at one point, and what is to be said of it. Of a row of arrays ``place`` is the name of
    the input and ``index`` the entry of what was computed.
    """

    what: str
    xs: tuple[Any, ...]
    obtained: float
    truth: Truth
    judged: Judged
    place: str = ""
    index: tuple[int, ...] = ()


@dataclass(frozen=True)
class Swept:
    """A row on a target."""

    row: Row
    target: str
    seen: tuple[Seen, ...]

    def of(self, kind: str) -> list[Seen]:
        return [s for s in self.seen if s.judged.kind == kind]

    def ulps(self) -> dict[str, tuple[float, float, float]]:
        """what -> the largest error in ulp, the median, and the largest over the bound of conditioning."""
        rows: dict[str, list[Judged]] = {}
        for s in self.seen:
            if s.judged.kind != SPECIAL:
                rows.setdefault(s.what, []).append(s.judged)
        return {
            what: (max(j.ulps for j in js), float(np.median([j.ulps for j in js])), max(j.excess for j in js))
            for what, js in rows.items()
        }

    def worst(self) -> list[Seen]:
        """Of each kind of error of each quantity, the one furthest off; a defect before a loss of accuracy."""
        best: dict[tuple[str, str], Seen] = {}
        for s in (s for kind in (DEFECT, ACCURACY) for s in self.of(kind)):
            key = s.what, s.judged.kind
            if key not in best or rank(s) > rank(best[key]):
                best[key] = s
        return list(best.values())


def rank(seen: Seen) -> tuple[float, float]:
    """The largest error; among equals the one at the plainest number."""
    plain = 0.0 if seen.place else -sum(abs(np.log2(abs(x))) if x else 0.0 for x in seen.xs)
    return min(seen.judged.excess, 1e300), plain


def sweep(row: Row, fw: Framework, seed: int = 0, *, deep: bool = False) -> Swept:
    """``deep``: the second order, vmap, the other mode and a strided argument too."""
    of_row = _of_tensors(row, fw) if isinstance(row, TensorRow) else _of_points(row, fw, seed, deep)
    return Swept(row, str(fw.target), tuple(of_row))


def _of_points(row: Row, fw: Framework, seed: int, deep: bool) -> Iterator[Seen]:
    columns = points(row, dtype_of(fw), fw.dtype, seed)
    yield from judged_at(Measure(row, fw), row, fw.dtype, columns, deep=deep)


def judged_at(
    measure: Measure, row: Row, dtype: str, columns: Sequence[Floats], *, deep: bool = False
) -> Iterator[Seen]:
    at = truths(row, columns, dtype)
    for what, ys in measure.at(columns, deep=deep).items():
        yield from _judged(what, ys, at, row, dtype)


def dtype_of(fw: Framework) -> np.dtype[Any]:
    dtype: np.dtype[Any] = fw.to_numpy(fw.asarray(np.zeros(1))).dtype
    return dtype


def _of_tensors(row: TensorRow, fw: Framework) -> Iterator[Seen]:
    measure = TensorMeasure(row, fw)
    for given in row.inputs:
        point = truth_at(row, given, dtype_of(fw), fw.dtype)
        for what, ys in measure.at(point).items():
            expected = point.value if what == VALUE else point.gradients[row.arguments.index(what[-1])]
            yield from _entries(what, ys, expected, point, fw.dtype)


def _entries(what: str, ys: Array, expected: list[Truth], point: TensorPoint, dtype: str) -> Iterator[Seen]:
    """Where the truth is not defined as a whole, every entry is special."""
    known = expected or [UNKNOWN] * ys.size
    for index, y, truth in zip(np.ndindex(ys.shape), ys.reshape(-1).tolist(), known, strict=True):
        judged = judge(y, truth, dtype, finite=point.finite)
        yield Seen(what, point.arrays, y, truth, judged, point.name, index)


def _of(point: Point, what: str, row: Row) -> Truth:
    if what.endswith(VALUE):
        return point.value
    return point.second if what == SECOND else point.slopes[row.arguments.index(what[-1])]


def _judged(what: str, ys: Array, at: list[Point], row: Row, dtype: str) -> Iterator[Seen]:
    for y, point in zip(ys.tolist(), at, strict=True):
        truth = _of(point, what, row)
        yield Seen(what, point.xs, y, truth, judge(y, truth, dtype, finite=point.finite))
