"""What a detector says of one series, and what all series together say of the night: plain values."""

from dataclasses import asdict, dataclass, replace
from typing import Any

SUSPECT, CONFIRMED = TIERS = ("suspect", "confirmed")
COMPILER, OP, LIBRARY, MACHINE = BLAMES = ("compiler", "op", "library or kernel", "machine")


@dataclass(frozen=True)
class Change:
    """A step in one quantity of one series. ``run`` is the number of the first run after the step, ``found`` that
    of the run at which it was told first in its tier. ``factor`` is the level after over the level before, ``p`` the
    confirming test's (1 for a suspect), ``worse`` whether a user would mind. ``blame`` is one of BLAMES or empty;
    ``beside`` names what else changed at that run (versions, the commit).
    """

    quantity: str
    run: int
    found: int
    tier: str
    factor: float
    p: float
    worse: bool
    blame: str = ""
    beside: tuple[str, ...] = ()

    def blamed(self, blame: str) -> "Change":
        return replace(self, blame=blame)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
