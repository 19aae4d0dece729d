"""Hypothesis looks for a defect inside a row's domain that is not known yet, and shrinks it to the plainest numbers."""

import math
from collections.abc import Collection
from typing import Any

import hypothesis
import numpy as np
from hypothesis import strategies as st

from pytest_dualfw import Framework

from .judge import DEFECT
from .measure import Measure
from .points import smallest_normal
from .row import Interval, Row
from .sweep import Seen, dtype_of, judged_at
from .truth import LARGEST

QUIETLY = hypothesis.settings(
    database=None,
    deadline=None,
    phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
    suppress_health_check=list(hypothesis.HealthCheck),
    report_multiple_bugs=False,
)


def search(row: Row, fw: Framework, known: Collection[str], *, examples: int, seed: int) -> Seen | None:
    """The plainest point at which a quantity other than the ``known`` ones is a defect; None where none was met. The
    same ``seed`` tries the same points.
    """
    dtype, measure, last = dtype_of(fw), Measure(row, fw), list[Seen]()

    @hypothesis.seed(seed)
    @hypothesis.settings(QUIETLY, max_examples=examples)
    @hypothesis.given(st.tuples(*(_floats(d, fw.dtype) for d in row.domain)))
    def holds(xs: tuple[float, ...]) -> None:
        columns = [np.array([x]).astype(dtype) for x in xs]
        wrong = [
            s for s in judged_at(measure, row, fw.dtype, columns) if s.judged.kind == DEFECT and s.what not in known
        ]
        if wrong:
            last[:] = wrong[:1]
        assert not wrong

    try:
        holds()
    except AssertionError:
        return last[0]
    return None


def _floats(domain: Interval, dtype: str) -> st.SearchStrategy[float]:
    """Normal numbers and zeros of the dtype within the interval."""
    low, high = (math.copysign(min(abs(end), LARGEST[dtype]), end) for end in domain)
    numbers: Any = st.floats(low, high, allow_nan=False, allow_infinity=False)
    return numbers.filter(lambda x: x == 0 or abs(x) >= smallest_normal(dtype))  # type: ignore[no-any-return]
