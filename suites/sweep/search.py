"""Hypothesis looks for a defect inside a row's domain that is not known yet, and shrinks it to the plainest numbers.

Of a row of arrays it draws shapes too: each size that the row's first input has becomes another one, wherever it
stands, and the entries are drawn from those of that input.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import hypothesis
import numpy as np
from hypothesis import strategies as st

from pytest_dualfw import Framework

from .judge import DEFECT, EDGE
from .measure import Measure
from .points import smallest_normal
from .row import Interval, Row
from .seen import Seen
from .sweep import dtype_of, judged_at, judged_in
from .tensors import Input, TensorRow
from .truth import LARGEST

# Sizes are drawn up to it.
MOST = 4
QUIETLY = hypothesis.settings(
    database=None,
    deadline=None,
    phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
    suppress_health_check=list(hypothesis.HealthCheck),
    report_multiple_bugs=False,
)


@dataclass(frozen=True)
class Search:
    """What is looked for: defects of quantities that are not ``known``. The same ``seed`` tries the same."""

    known: Callable[[str], bool]
    examples: int
    seed: int

    def first(self, drawn: st.SearchStrategy[Any], wrong_at: Callable[[Any], Iterable[Seen]]) -> Seen | None:
        """The plainest drawn input at which something is wrong, as it was seen there; None where nothing was met."""
        last: list[Seen] = []

        @hypothesis.seed(self.seed)
        @hypothesis.settings(QUIETLY, max_examples=self.examples)
        @hypothesis.given(drawn)
        def holds(given: Any) -> None:
            wrong = [s for s in wrong_at(given) if s.judged.kind == DEFECT and not self.known(s.what)]
            if wrong:
                last[:] = wrong[:1]
            assert not wrong

        try:
            holds()
        except AssertionError:
            return last[0]
        return None


def search(row: Row, fw: Framework, asked: Search) -> Seen | None:
    """The plainest input at which a quantity is a defect."""
    return asked.first(*(_arrays(row, fw) if isinstance(row, TensorRow) else _numbers(row, fw)))


Looked = tuple[st.SearchStrategy[Any], Callable[[Any], Iterable[Seen]]]


def _numbers(row: Row, fw: Framework) -> Looked:
    dtype, measure = dtype_of(fw), Measure(row, fw)

    def seen_at(xs: tuple[float, ...]) -> Iterable[Seen]:
        return judged_at(measure, row, fw.dtype, [np.array([x]).astype(dtype) for x in xs]).seen

    return st.tuples(*(_floats(d, fw.dtype) for d in row.domain)), seen_at


def _arrays(row: TensorRow, fw: Framework) -> Looked:
    dtype, measure, first = dtype_of(fw), Measure(row, fw), row.inputs[0].make(fw.dtype)
    sizes = sorted({n for x in first for n in x.shape})

    def seen_at(drawn: tuple[tuple[int, ...], int]) -> Iterable[Seen]:
        to, start = dict(zip(sizes, drawn[0], strict=True)), drawn[1]
        arrays = [np.resize(np.roll(x, start), [to[n] for n in x.shape]) for x in first if x.size]
        given = Input("drawn", lambda _: tuple(arrays))
        try:
            return judged_in(measure, row, given, dtype, fw.dtype).seen
        except Exception:  # the row's text holds sizes of its own, which need not fit
            return ()

    shapes = st.tuples(*(st.integers(0, MOST) for _ in sizes))
    return st.tuples(shapes, st.integers(0, MOST**2)), seen_at


def _floats(domain: Interval, dtype: str) -> st.SearchStrategy[float]:
    """Zeros and normal numbers of the dtype within the interval, as far from the largest one as something is asked."""
    low, high = (math.copysign(min(abs(end), LARGEST[dtype] / EDGE), end) for end in domain)
    numbers: Any = st.floats(low, high, allow_nan=False, allow_infinity=False)
    return numbers.filter(lambda x: x == 0 or abs(x) >= smallest_normal(dtype))  # type: ignore[no-any-return]
