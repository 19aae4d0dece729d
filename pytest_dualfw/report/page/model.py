"""What the page is drawn from, and what a section of it is."""

from dataclasses import dataclass, field
from typing import Any

from ..model import STATUSES
from ..text import anchor

WRONG = ("discrepancy", "failed", "error")
PASS = "pass"
# Ended otherwise than by passing, and nobody need be alarmed.
SET_ASIDE = tuple(s for s in STATUSES if s not in (*WRONG, PASS))


@dataclass(frozen=True)
class PageModel:
    """``run`` is a report.json (``dualfw-report/1``), ``kernels`` are lines of ``dualfw-bench/1``, ``nights`` is what a
    history was judged to hold (``dualfw-nights/1``); ``made`` is when the page was, in UTC.
    """

    run: dict[str, Any] | None = None
    kernels: list[dict[str, Any]] = field(default_factory=list)
    nights: dict[str, Any] | None = None
    made: str = ""

    @property
    def tests(self) -> list[dict[str, Any]]:
        return list(self.run["tests"]) if self.run else []

    @property
    def tables(self) -> dict[str, list[dict[str, Any]]]:
        return dict(self.run["tables"]) if self.run else {}

    @property
    def timelines(self) -> list[dict[str, Any]]:
        return list(self.nights["timelines"]) if self.nights else []

    @property
    def problems(self) -> list[str]:
        """Sentences about the run as a whole, then about the history."""
        return [p for source in (self.run, self.nights) if source for p in source["problems"]]

    def wrong(self) -> list[dict[str, Any]]:
        """Tests that did not hold, in the order they ran."""
        return [t for t in self.tests if t["status"] in WRONG]


@dataclass(frozen=True)
class Section:
    """A part of the page: ``id`` names its anchor and its template, ``data`` is what that draws, ``script`` what
    page.js draws of it.
    """

    id: str
    title: str
    data: Any
    script: Any = None


def reason(test: dict[str, Any]) -> str:
    """Why a test was set aside: its own words, or those of the checks that could not tell."""
    notes = [c["note"] for c in test["checks"] if c["verdict"] == test["status"]]
    return test["reason"] or "; ".join(dict.fromkeys(filter(None, notes)))


def place(test: dict[str, Any]) -> str:
    """The anchor at which the page tells of a test: its own, or that of all set aside for one reason."""
    own = test["status"] in WRONG
    return anchor(test["test"] if own else f"{test['status']}: {reason(test)}")
