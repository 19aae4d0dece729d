"""A divergence: where a framework is wrong, loses digits, or has another convention than the other one."""

import math
from dataclasses import dataclass
from typing import Any

DEFECT, ACCURACY, CONVENTION, UNSUPPORTED = CLASSES = ("defect", "accuracy", "convention", "unsupported")

# What is obtained where a framework refuses.
RAISES = "raises"


@dataclass(frozen=True)
class Divergence:
    """One entry of the catalogue.

    ``what`` is ``value``, ``d/dx`` (reverse mode) or ``forward d/dx``; ``at`` says what kind of point it is; ``input``
    holds the arguments, ``index`` the entry of what is shown; ``obtained`` is told for each framework that is shown,
    in words where it is no number; ``truth`` is empty where mathematics has no say. ``targets`` are framework, device
    and dtype. ``agree``: both frameworks return the same wrong number. ``upstream`` is a thread in the tracker of one
    of them.
    """

    id: str
    op: str
    family: str
    kind: str
    what: str
    at: str
    input: tuple[Any, ...]
    obtained: dict[str, float | str]
    targets: tuple[str, ...]
    versions: dict[str, str]
    ulps: float = 0.0
    index: tuple[int, ...] = ()
    truth: str = ""
    agree: bool = False
    source: str = ""
    note: str = ""
    upstream: str = ""

    @property
    def dtype(self) -> str:
        """That of the numbers shown."""
        return self.targets[0].split("-")[2]

    @property
    def frameworks(self) -> list[str]:
        return list(self.obtained)


def same(a: float, b: float, close: float) -> bool:
    """Both NaN, or equal to a part of themselves."""
    if math.isnan(a) or math.isnan(b):
        return math.isnan(a) and math.isnan(b)
    return a == b or abs(a - b) <= close * max(abs(a), abs(b))
