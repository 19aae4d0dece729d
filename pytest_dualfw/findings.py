"""What a check says: Check, Discrepancy, Finding, and the error that carries them. All of it becomes plain JSON."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

Verdict = Literal["pass", "discrepancy", "inconclusive", "unsupported"]

# From worst to best: the verdict of several checks is the first of these that occurs.
SEVERITY: tuple[Verdict, ...] = ("discrepancy", "inconclusive", "unsupported", "pass")


@dataclass(frozen=True)
class Discrepancy:
    """Where a result leaves its bound, at the entry furthest outside it, and by how much."""

    leaf: str
    index: tuple[int, ...]
    obtained: float | str
    expected: float | str
    bound: float
    wrong: int
    size: int
    hint: str = ""

    @property
    def place(self) -> str:
        return f"{self.leaf}[{', '.join(map(str, self.index))}]" if self.index else self.leaf


@dataclass(frozen=True)
class Check:
    """One thing compared with one oracle.

    ``error`` and ``bound`` belong to the entry where their ratio is largest; ``note`` says why a check is
    inconclusive or unsupported. ``heading`` is what it was made under beside the given input, and begins ``what``: a
    variant of the input, the second order.
    """

    what: str
    oracle: str
    verdict: Verdict
    error: float | None = None
    bound: float | None = None
    note: str = ""
    discrepancy: Discrepancy | None = None
    heading: str = ""

    @property
    def ratio(self) -> float:
        if self.error is None or not self.bound:
            return float("inf") if self.verdict == "discrepancy" else 0.0
        return self.error / self.bound

    def under(self, heading: str) -> "Check":
        """The same check, told to belong to ``heading``."""
        found = self.discrepancy and replace(self.discrepancy, leaf=f"{heading}: {self.discrepancy.leaf}")
        return replace(self, what=f"{heading}: {self.what}", discrepancy=found, heading=heading)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Check":
        found = data["discrepancy"]
        where = Discrepancy(**{**found, "index": tuple(found["index"])}) if found else None
        return cls(**{**data, "discrepancy": where})


@dataclass(frozen=True)
class Finding:
    """A discrepancy with all that is needed to see it again. ``script`` shows the test's worst one without the test."""

    op: str
    test: str
    target: str
    check: Check
    command: str
    message: str
    script: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Recorder:
    """Collects the checks of one test; they reach the report whether the test passes or not."""

    checks: list[Check] = field(default_factory=list)

    def add(self, check: Check) -> Check:
        self.checks.append(check)
        return check


class GradientMismatch(AssertionError):
    """A value or a gradient lies outside its bound. ``report`` is the whole GradientReport."""

    def __init__(self, message: str, report: Any = None) -> None:
        super().__init__(message)
        self.report = report


def worst_verdict(checks: list[Check]) -> Verdict:
    """The verdict that several checks amount to; nothing checked is inconclusive."""
    seen = {c.verdict for c in checks}
    if "pass" in seen and "discrepancy" not in seen and "inconclusive" not in seen:
        return "pass"
    return next((v for v in SEVERITY if v in seen), "inconclusive")
