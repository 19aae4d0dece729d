"""The run as a value: which test ended how on which target, what was checked and found. Saved first, drawn second."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from ..findings import Check, Finding, worst_verdict

SCHEMA = "dualfw-report/1"

# From worst to best: the status of several tests of one op on one target is the first that occurs.
STATUSES = ("discrepancy", "failed", "error", "inconclusive", "unsupported", "xfailed", "xpassed", "skipped", "pass")


# A test that skips with a reason which starts so says that the op does not exist on this target.
UNSUPPORTED = "unsupported:"


@dataclass
class Outcome:
    """One test on one target: ``outcome`` in pytest's words, ``reason`` of a skip or an expected failure.

    An error until the test is heard to have ended otherwise.
    """

    test: str
    label: str
    target: str
    command: str
    outcome: str = "error"
    reason: str = ""
    message: str = "the test did not finish"
    seconds: float = 0.0
    checks: list[Check] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    script: str = ""

    @property
    def status(self) -> str:
        """The cell of the verdict table. Checks count where the test let them: a caught discrepancy is a pass."""
        found = {c.verdict for c in self.checks}
        if self.outcome == "failed" and "discrepancy" in found:
            return "discrepancy"
        if self.outcome == "skipped" and self.reason.startswith(UNSUPPORTED):
            return "unsupported"
        if self.outcome != "passed":
            return self.outcome
        if not self.checks or "discrepancy" in found:
            return "pass"
        return worst_verdict(self.checks)

    def findings(self) -> list[Finding]:
        if self.outcome != "failed":
            return []
        wrong = [c for c in self.checks if c.verdict == "discrepancy"]
        return [Finding(self.label, self.test, self.target, c, self.command, self.message, self.script) for c in wrong]

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "status": self.status}


@dataclass
class Run:
    """All outcomes of a run with its environment; ``problems`` are sentences about the run as a whole."""

    environment: dict[str, Any]
    targets: list[str]
    outcomes: list[Outcome] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def columns(self) -> list[str]:
        """The run's targets, then others that tests ran on (both frameworks at once)."""
        return list(dict.fromkeys([*self.targets, *(o.target for o in self.outcomes)]))

    def matrix(self) -> dict[str, dict[str, str]]:
        """label -> target -> status, labels in the order they first ran."""
        cells: dict[str, dict[str, list[str]]] = {}
        for o in self.outcomes:
            cells.setdefault(o.label, {}).setdefault(o.target, []).append(o.status)
        return {label: {t: worst_status(s) for t, s in row.items()} for label, row in cells.items()}

    def coverage(self) -> dict[str, Counter[str]]:
        """target -> how many tests ended how."""
        counts: dict[str, Counter[str]] = {t: Counter() for t in self.columns()}
        for o in self.outcomes:
            counts[o.target][o.outcome] += 1
        return counts

    def findings(self) -> list[Finding]:
        """The worst first: furthest outside its bound."""
        return sorted((f for o in self.outcomes for f in o.findings()), key=lambda f: -f.check.ratio)

    def skips(self) -> dict[str, Counter[str]]:
        """target -> reason -> how often."""
        reasons: dict[str, Counter[str]] = {}
        for o in self.outcomes:
            if o.outcome == "skipped":
                reasons.setdefault(o.target, Counter())[o.reason] += 1
        return reasons

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """The rows that tests left, by table."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in (row for o in self.outcomes for row in o.rows):
            found.setdefault(row["table"], []).append({k: v for k, v in row.items() if k != "table"})
        return found

    def to_json(self) -> dict[str, Any]:
        told = {
            "schema": SCHEMA,
            "environment": self.environment,
            "targets": self.targets,
            "coverage": {t: dict(c) for t, c in self.coverage().items()},
            "matrix": self.matrix(),
            "tables": self.tables(),
            "findings": [f.to_json() for f in self.findings()],
            "problems": self.problems,
            "tests": [o.to_json() for o in self.outcomes],
        }
        plain: dict[str, Any] = finite(told)
        return plain


def worst_status(statuses: Iterable[str]) -> str:
    seen = set(statuses)
    return next(s for s in STATUSES if s in seen)


def finite(value: Any) -> Any:
    """JSON has no NaN and no infinity: those become text."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
