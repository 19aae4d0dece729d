"""What a check of gradients found, for a person: a report, and a message that fits a screen."""

from dataclasses import asdict, dataclass, field
from typing import Any

from ..findings import Check, Discrepancy, Verdict, worst_verdict

# More failed checks than this are counted, not shown.
SHOWN = 3


@dataclass(frozen=True)
class GradientReport:
    """Which value and gradient was held against which oracle, within what bound, and what came of it.

    ``target`` is the target's id, ``seed`` what the probes were drawn from, ``command`` the line that runs the test
    again (empty outside pytest).
    """

    target: str
    function: str
    checks: list[Check] = field(default_factory=list)
    seed: Any = None
    command: str = ""

    @property
    def verdict(self) -> Verdict:
        return worst_verdict(self.checks)

    @property
    def failures(self) -> list[Check]:
        """Discrepancies, the one furthest outside its bound first."""
        return sorted((c for c in self.checks if c.verdict == "discrepancy"), key=lambda c: -c.ratio)

    def to_json(self) -> dict[str, Any]:
        """Plain data: the verdict and every check."""
        return {**asdict(self), "verdict": self.verdict}

    def __str__(self) -> str:
        lines = [f"{self.function} on {self.target}: {self.verdict}"]
        return "\n".join(lines + [f"  {_line(c)}" for c in self.checks])

    def message(self) -> str:
        """The failures in full, then how to see them again."""
        failures = self.failures
        lines = [f"{self.function} on {self.target}: {len(failures)} of {len(self.checks)} checks disagree"]
        for check in failures[:SHOWN]:
            lines += ["", explain(check, self.target)]
        if len(failures) > SHOWN:
            lines += ["", f"and {len(failures) - SHOWN} more"]
        agreeing = [c.what for c in self.checks if c.verdict == "pass"]
        lines += ["", f"agreeing: {', '.join(agreeing) or 'none'}", f"seed: {self.seed}"]
        return "\n".join(lines + ([f"again: {self.command}"] if self.command else []))


def explain(check: Check, target: str) -> str:
    """Where a check fails, what stands there, what should, and what the ratio hints at."""
    found = check.discrepancy
    if found is None:
        return f"{check.what} on {target}: {check.verdict} ({check.note})"
    lines = [
        f"{found.place} on {target} disagrees with the {check.oracle}",
        f"  obtained  {found.obtained!r}",
        f"  expected  {found.expected!r}",
        f"  error     {_number(check.error)}, allowed {found.bound:.3g}",
        f"  wrong     {found.wrong} of {found.size} entries",
    ]
    return "\n".join(lines + _hints(check, found))


def _hints(check: Check, found: Discrepancy) -> list[str]:
    ratio = _ratio(found)
    told = [text for text in (found.hint, check.note) if text]
    return ([f"  ratio     {ratio}" + (f": {'; '.join(told)}" if told else "")]) if ratio or told else []


def _ratio(found: Discrepancy) -> str:
    if isinstance(found.obtained, float) and isinstance(found.expected, float) and found.expected:
        return f"{found.obtained / found.expected:.6g}"
    return "-"


def _line(check: Check) -> str:
    error = f"error {_number(check.error)}, allowed {_number(check.bound)}" if check.error is not None else ""
    return f"{check.verdict:13s}{check.what} by {check.oracle}" + "".join(f"; {t}" for t in (error, check.note) if t)


def _number(x: float | None) -> str:
    return "-" if x is None else f"{x:.3g}"
