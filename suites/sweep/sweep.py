"""One row on one target: what is wrong with it, and how accurate it is."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pytest_dualfw import Framework

from .judge import ACCURACY, DEFECT, SPECIAL, Judged, judge
from .measure import VALUE, measured
from .points import points
from .row import Row
from .truth import Point, Truth, truths


@dataclass(frozen=True)
class Seen:
    """What a target computed at one point, and what is to be said of it."""

    what: str
    xs: tuple[float, ...]
    obtained: float
    truth: Truth
    judged: Judged


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
            if key not in best or _rank(s) > _rank(best[key]):
                best[key] = s
        return list(best.values())


def _rank(seen: Seen) -> tuple[float, float]:
    """The largest error; among equals the one at the plainest number."""
    return min(seen.judged.excess, 1e300), -sum(abs(np.log2(abs(x))) if x else 0.0 for x in seen.xs)


def sweep(row: Row, fw: Framework, seed: int = 0) -> Swept:
    dtype = fw.dtype
    columns = points(row, fw.to_numpy(fw.asarray(np.zeros(1))).dtype, dtype, seed)
    at = truths(row, columns, dtype)
    found = measured(row, fw, columns)
    return Swept(row, str(fw.target), tuple(s for what, ys in found.items() for s in _judged(what, ys, at, row, dtype)))


def _judged(what: str, ys: np.ndarray, at: list[Point], row: Row, dtype: str) -> Iterator[Seen]:  # type: ignore[type-arg]
    for y, point in zip(ys.tolist(), at, strict=True):
        truth = point.value if what == VALUE else point.slopes[row.arguments.index(what[-1])]
        yield Seen(what, point.xs, y, truth, judge(y, truth, dtype, finite=point.finite))
