"""One row on one target: what is wrong with it, and how accurate it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pytest_dualfw import Framework

from .climb import climbed
from .judge import ACCURACY, DEFECT, SPECIAL, Judged, judge
from .measure import SECOND, VALUE, Measure, Question
from .points import Floats, points
from .row import Row
from .seen import Missing, Seen
from .tensors import Array, Input, TensorPoint, TensorRow, rounded, truth_at, weights
from .truth import UNKNOWN, Point, Truth, second, truths


@dataclass(frozen=True)
class Swept:
    """A row on a target."""

    row: Row
    target: str
    seen: tuple[Seen, ...]
    missing: tuple[Missing, ...] = ()

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


@dataclass(frozen=True)
class Judgements:
    """Of one question: what was seen, and what is missing."""

    seen: Sequence[Seen]
    missing: Sequence[Missing]


def sweep(row: Row, fw: Framework, seed: int = 0, *, deep: bool = False) -> Swept:
    """``deep``: the second order, vmap, the other mode and other layouts too, and worst cases are climbed to."""
    each = list(_of_tensors(row, fw, deep) if isinstance(row, TensorRow) else _of_points(row, fw, seed, deep))
    missing = {m.what: m for j in each for m in reversed(j.missing)}
    return Swept(row, str(fw.target), tuple(s for j in each for s in j.seen), tuple(missing.values()))


def _of_points(row: Row, fw: Framework, seed: int, deep: bool) -> Iterator[Judgements]:
    measure = Measure(row, fw)
    found = judged_at(measure, row, fw.dtype, points(row, dtype_of(fw), fw.dtype, seed), deep=deep)
    yield found
    if deep:
        rng, dtype = np.random.default_rng(seed), dtype_of(fw)
        at = lambda columns: judged_at(measure, row, fw.dtype, columns).seen  # noqa: E731
        yield Judgements(climbed(found.seen, row, dtype, rng, at), ())


def judged_at(measure: Measure, row: Row, dtype: str, columns: Sequence[Floats], *, deep: bool = False) -> Judgements:
    at, xs = truths(row, columns, dtype), tuple(columns)
    tangents = (np.ones_like(xs[0]), *(np.zeros_like(x) for x in xs[1:]))
    beside = tuple(x[::-1] for x in xs)
    answer = measure.at(Question(xs, tangents, beside, np.ones, row.differentiable, deep))
    seen = [s for what, ys in answer.found.items() for s in _judged(what, _spread(ys, xs), at, row, dtype)]
    usual = min(at, key=lambda point: sum(abs(x - 1) if np.isfinite(x) else np.inf for x in point.xs))
    return Judgements(seen, [Missing(what, usual.xs, why) for what, why in answer.missing.items()])


def _spread(ys: Floats, xs: Sequence[Floats]) -> Floats:
    """The derivative of a constant has no shape of its own."""
    return np.asarray(np.broadcast_to(ys, xs[0].shape))


def dtype_of(fw: Framework) -> np.dtype[Any]:
    dtype: np.dtype[Any] = fw.to_numpy(fw.asarray(np.zeros(1))).dtype
    return dtype


def _of_tensors(row: TensorRow, fw: Framework, deep: bool) -> Iterator[Judgements]:
    measure, first = Measure(row, fw), dict[Any, Input]()
    for given in row.inputs:
        beside = first.setdefault(tuple(x.shape for x in given.make(fw.dtype)), given)
        yield judged_in(measure, row, given, dtype_of(fw), fw.dtype, beside if deep else None)


def judged_in(
    measure: Measure, row: TensorRow, given: Input, dtype: np.dtype[Any], name: str, beside: Input | None = None
) -> Judgements:
    """``beside`` is what stands in a batch with it; without it nothing is asked in other ways."""
    point = truth_at(row, given, dtype, name)
    other = rounded((beside or given).make(name), dtype)
    q = Question(point.arrays, point.tangents, other, weights, bool(point.gradients), beside is not None)
    answer = measure.at(q)
    found = answer.found.items()
    seen = [s for what, ys in found for s in _entries(what, ys, point.truth_of(what, row), point, name)]
    return Judgements(seen, [Missing(what, point.arrays, why, given.name) for what, why in answer.missing.items()])


def _entries(what: str, ys: Array, expected: list[Truth], point: TensorPoint, dtype: str) -> Iterator[Seen]:
    """Where the truth is not defined as a whole, every entry is special."""
    known = expected or [UNKNOWN] * ys.size
    for index, y, truth in zip(np.ndindex(ys.shape), ys.reshape(-1).tolist(), known, strict=True):
        judged = judge(y, truth, dtype, finite=point.finite)
        yield Seen(what, point.arrays, y, truth, judged, point.name, index)


def _of(point: Point, what: str, row: Row, dtype: str) -> Truth:
    if what.endswith(VALUE):
        return point.value
    return second(row, point.xs, dtype) if what == SECOND else point.slopes[row.arguments.index(what[-1])]


def _judged(what: str, ys: Array, at: list[Point], row: Row, dtype: str) -> Iterator[Seen]:
    for y, point in zip(ys.tolist(), at, strict=True):
        truth = _of(point, what, row, dtype)
        yield Seen(what, point.xs, y, truth, judge(y, truth, dtype, finite=point.finite))
