"""What a judged training says: its checks into the report, its first fault as an error, a row of the table."""

from collections.abc import Callable, Iterable
from typing import Any

from pytest_dualfw import Check
from pytest_dualfw.gradients.report import explain

from .judge import MEANS_NOTHING, Judge


class WorstOf:
    """Takes checks by the thousand and keeps the worst of each kind: the loss, gradients, parameters, statistics."""

    def __init__(self, record: Callable[[Check], Check]) -> None:
        self._record = record
        self._worst: dict[str, Check] = {}

    def follow(self, target: object, checks: Iterable[Check]) -> None:
        """AssertionError at the first check that does not pass, which says the quantity and the step."""
        try:
            for check in checks:
                kind = check.what.partition(" ")[0]
                if kind not in self._worst or check.ratio > self._worst[kind].ratio:
                    self._worst[kind] = check
                if check.verdict == "discrepancy":
                    raise AssertionError(explain(check, str(target)))
        finally:
            for check in self._worst.values():
                self._record(check)

    @property
    def worst(self) -> float:
        """The largest error over its bound."""
        return max((check.ratio for check in self._worst.values()), default=0.0)


def growth_row(judge: Judge) -> dict[str, Any]:
    """How long a run can be followed: until rounding moves the loss by one part in a hundred."""
    growth = judge.growth
    return {
        "followed": judge.horizon,
        "growth_per_step": growth.rate,
        "doubles_in": growth.doubling,
        "horizon": growth.reaches(MEANS_NOTHING),
    }
