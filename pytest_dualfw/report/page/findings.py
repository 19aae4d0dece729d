"""Tests that did not hold, with what reproduces them; and those set aside, by their reason."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..model import STATUSES
from ..text import figure, number, plural
from .matrix import SYMBOLS
from .model import SET_ASIDE, PageModel, Section, place, reason

# So many stand in full, so many more in a line each; the rest is counted.
IN_FULL, IN_A_LINE = 30, 300
CHECKS, TESTS = 6, 5


@dataclass(frozen=True)
class Wrong:
    """One check that disagrees: what against which oracle, and by how much."""

    what: str
    oracle: str
    error: str
    bound: str
    ratio: float

    @property
    def times(self) -> str:
        return figure(self.ratio)


@dataclass(frozen=True)
class Card:
    """One test that did not hold; ``more`` counts the checks that are not among ``checks``."""

    anchor: str
    symbol: str
    status: str
    op: str
    test: str
    target: str
    checks: list[Wrong]
    more: str
    message: str
    command: str
    script: str

    @property
    def worst(self) -> float:
        return self.checks[0].ratio if self.checks else 0.0


@dataclass(frozen=True)
class Findings:
    """Tests in full, others in a line each, and how many are left to report.json."""

    cards: list[Card]
    lines: list[Card]
    more: str


@dataclass(frozen=True)
class Group:
    """Tests that ended alike for one reason."""

    anchor: str
    symbol: str
    status: str
    reason: str
    tests: list[str]
    more: str


def section(model: PageModel) -> Section | None:
    """Discrepancies first, the one furthest outside its bound before all; None where every test held."""
    found = sorted(map(_card, model.wrong()), key=lambda c: (STATUSES.index(c.status), -c.worst))
    if not found:
        return None
    rest = found[IN_FULL:]
    more = _more(len(rest) - IN_A_LINE, "test")
    return Section("findings", "Findings", Findings(found[:IN_FULL], rest[:IN_A_LINE], more))


def set_aside(model: PageModel) -> Section | None:
    """Inconclusive, unsupported, expected to fail, skipped: and why."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for t in model.tests:
        if t["status"] in SET_ASIDE:
            found.setdefault((t["status"], reason(t)), []).append(t)
    groups = [_group(*key, tests) for key, tests in sorted(found.items(), key=lambda g: STATUSES.index(g[0][0]))]
    return Section("set-aside", "Set aside, and why", groups) if groups else None


def _group(status: str, why: str, tests: list[dict[str, Any]]) -> Group:
    names = [t["test"] for t in tests]
    more = _more(len(names) - TESTS, "test")
    return Group(place(tests[0]), SYMBOLS[status], status, why, names[:TESTS], more)


def _card(test: dict[str, Any]) -> Card:
    wrong = sorted(_wrong(test["checks"]), key=lambda w: -w.ratio)
    return Card(
        anchor=place(test),
        symbol=SYMBOLS[test["status"]],
        status=test["status"],
        op=test["label"],
        test=test["test"],
        target=test["target"],
        checks=wrong[:CHECKS],
        more=_more(len(wrong) - CHECKS, "check"),
        message=test["message"] or test["reason"],
        command=test["command"],
        script=test["script"],
    )


def _wrong(checks: Iterable[dict[str, Any]]) -> list[Wrong]:
    return [
        Wrong(c["what"], c["oracle"], figure(number(c["error"])), figure(number(c["bound"])), excess(c))
        for c in checks
        if c["verdict"] == "discrepancy"
    ]


def excess(check: dict[str, Any]) -> float:
    """Error over bound; infinite for a discrepancy that has no such numbers (a NaN), else zero."""
    error, bound = number(check["error"]), number(check["bound"])
    if error is None or not bound:
        return math.inf if check["verdict"] == "discrepancy" else 0.0
    return error / bound


def _more(count: int, noun: str) -> str:
    return f"and {plural(count, f'more {noun}')} in report.json" if count > 0 else ""
