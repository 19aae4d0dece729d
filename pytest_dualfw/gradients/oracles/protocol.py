"""What an oracle is."""

from collections.abc import Iterator
from typing import ClassVar, Protocol

from ...findings import Check
from ...frameworks.program import Direction
from ..evidence import Evidence
from ..ladder import Slope


class Oracle(Protocol):
    """An independent source of what a value or a gradient should be.

    A class of its own file says in its docstring what it checks, within which bound, at what cost in evaluations.
    """

    name: ClassVar[str]
    trusted: ClassVar[bool]
    """Whether its failing is the caller's to know (a reference that raises), not a verdict that it cannot run."""

    family: ClassVar[str]
    """What it derives its opinion from: oracles of one family can share an error."""

    def unable(self, evidence: Evidence) -> str:
        """Why it cannot judge this function, empty where it can."""
        ...

    def judge(self, evidence: Evidence) -> Iterator[Check]:
        """One check for each thing compared."""
        ...

    def opinion(self, evidence: Evidence, direction: Direction) -> Slope | None:
        """What it holds <dx, u> to be, and within what; None where it has no say. Asked of all where they differ."""
        ...
