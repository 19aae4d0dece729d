"""What a sweep sees: of one quantity at one point what was obtained, what is true, and what is to be said of it."""

from dataclasses import dataclass
from typing import Any

from .judge import Judged
from .truth import Truth


@dataclass(frozen=True)
class Seen:
    """Of a row of arrays ``place`` is the name of the input and ``index`` the entry of what was computed."""

    what: str
    xs: tuple[Any, ...]
    obtained: float
    truth: Truth
    judged: Judged
    place: str = ""
    index: tuple[int, ...] = ()


@dataclass(frozen=True)
class Missing:
    """What a target has not at all: no rule for forward mode, for a batch, for the second derivative."""

    what: str
    xs: tuple[Any, ...]
    why: str
    place: str = ""
