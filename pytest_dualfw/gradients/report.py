"""What a check of gradients found, for a person: a report, and a message that fits a screen."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from ..findings import Check, Discrepancy, Verdict, worst_verdict

# More failed checks than this are named, not shown.
SHOWN = 3


@dataclass(frozen=True)
class Spent:
    """What one oracle cost: evaluations of the value, of value and gradient, and seconds."""

    oracle: str
    values: int
    pulls: int
    seconds: float


@dataclass
class GradientReport:
    """Which value and gradient was held against which oracle, within what bound, and what came of it.

    ``target`` is the target's id, ``seed`` what the probes were drawn from, ``command`` the line that runs the test
    again (empty outside pytest). ``spent`` says what each oracle cost. ``vote`` names the odd one out, and ``script``
    is a program that shows the first failure with nothing but NumPy and the framework; both empty where all is well.
    """

    target: str
    function: str
    checks: list[Check] = field(default_factory=list)
    seed: Any = None
    command: str = ""
    spent: list[Spent] = field(default_factory=list)
    vote: str = ""
    write_script: Callable[[], str] | None = field(default=None, repr=False)

    @cached_property
    def script(self) -> str:
        """Written when it is first asked for, since it holds the inputs as text. A finding is not lost over it."""
        try:
            return self.write_script() if self.write_script else ""
        except Exception as error:
            return f"# could not be written: {error!r}\n"

    @property
    def verdict(self) -> Verdict:
        return worst_verdict(self.checks)

    @property
    def failures(self) -> list[Check]:
        """Discrepancies: the given input before others, entries before directions, then the furthest from its bound."""
        return sorted((c for c in self.checks if c.verdict == "discrepancy"), key=_order)

    def to_json(self) -> dict[str, Any]:
        """Plain data: the verdict, every check, what they cost, the vote and the script."""
        plain = {
            name: getattr(self, name) for name in ("target", "function", "verdict", "seed", "command", "vote", "script")
        }
        return {**plain, "checks": [c.to_json() for c in self.checks], "spent": [asdict(s) for s in self.spent]}

    def __str__(self) -> str:
        lines = [f"{self.function} on {self.target}: {self.verdict}, seed {self.seed}"]
        judged = [c for c in self.checks if c.verdict != "unsupported"]
        skipped = [c for c in self.checks if c.verdict == "unsupported"]
        lines += [f"  {_line(c)}" for c in judged]
        lines += ["not checked:", *(f"  {c.what} by {c.oracle}: {c.note}" for c in skipped)] if skipped else []
        return "\n".join([*lines, f"cost: {self._cost()}"])

    def _cost(self) -> str:
        values, pulls = sum(s.values for s in self.spent), sum(s.pulls for s in self.spent)
        seconds = sum(s.seconds for s in self.spent)
        most = max(self.spent, key=lambda s: s.seconds, default=None)
        led = f", most of it by the {most.oracle}" if most and len(self.spent) > 1 else ""
        return f"{values} values and {pulls} gradients in {seconds * 1e3:.1f} ms{led}"

    def message(self) -> str:
        """The failures in full, then who is odd, then how to see them again."""
        failures = self.failures
        lines = [f"{self.function} on {self.target}: {len(failures)} of {len(self.checks)} checks disagree"]
        for check in failures[:SHOWN]:
            lines += ["", explain(check, self.target)]
        if len(failures) > SHOWN:
            rest = failures[SHOWN:]
            named = ", ".join(c.what for c in rest[:SHOWN]) + (", ..." if len(rest) > SHOWN else "")
            lines += ["", f"and {len(rest)} more: {named}"]
        agreeing = [c.what for c in self.checks if c.verdict == "pass"]
        lines += ["", self.vote] if self.vote else [""]
        lines += [f"agreeing: {_few(agreeing)}", f"seed: {self.seed}"]
        lines += ["script: the report's .script shows it without this package"] if self.write_script else []
        return "\n".join(lines + ([f"again: {self.command}"] if self.command else []))


def _order(check: Check) -> tuple[bool, bool, float]:
    found = check.discrepancy
    vague = found is not None and found.leaf.startswith("<")
    return bool(check.heading), vague, -check.ratio


def explain(check: Check, target: str) -> str:
    """Where a check fails, what stands there, what should, and what the ratio hints at."""
    found = check.discrepancy
    if found is None:
        return f"{check.what} on {target} {check.note or check.verdict}"
    lines = [
        f"{found.place} on {target} disagrees with the {check.oracle}",
        f"  obtained  {found.obtained!r}",
        f"  expected  {found.expected!r}",
        f"  error     {_number(check.error)}, allowed {found.bound:.3g}",
        f"  wrong     {found.wrong or 'at least 1'} of {found.size} entries",
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


def _few(names: list[str]) -> str:
    shown = 8
    return (", ".join(names[:shown]) + (f" and {len(names) - shown} more" if len(names) > shown else "")) or "none"


def _line(check: Check) -> str:
    error = f"error {_number(check.error)}, allowed {_number(check.bound)}" if check.error is not None else ""
    return f"{check.verdict:13s}{check.what} by {check.oracle}" + "".join(f"; {t}" for t in (error, check.note) if t)


def _number(x: float | None) -> str:
    return "-" if x is None else f"{x:.3g}"
