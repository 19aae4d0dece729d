"""What a history says, in words: the same in the terminal, in Markdown and on the page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..history.changes import CONFIRMED
from ..history.model import MEMORY, RATIO
from ..history.standing import GROUPS, INSUFFICIENT, SAME
from .text import NAME, figure, moment, plural, positive, shortened

SYMBOLS = dict(zip(GROUPS, ("✗", "?", "!", "✓", "…", "="), strict=True))
# What a user minds: quantity -> (worse, better).
WORDS = {RATIO: ("lower", "higher"), MEMORY: ("more", "less")}
SLOWER = ("slower", "faster")


@dataclass(frozen=True)
class Told:
    """A change in words: ``jit 5.2 % slower``, since when, when it was found, and what came with it."""

    id: str
    symbol: str
    tier: str
    words: str
    since: str
    found: str
    blame: str
    beside: str
    acknowledged: str


def told(timeline: dict[str, Any], change: dict[str, Any]) -> Told:
    """``timeline`` and ``change`` as ``Nights.to_json`` has them."""
    accepted = change["acknowledged"]
    return Told(
        id=change["id"],
        symbol=("✗" if change["tier"] == CONFIRMED else "?") if change["worse"] else "✓",
        tier=change["tier"],
        words=in_words(change),
        since=when(timeline, change["run"]),
        found=when(timeline, change["found"]),
        blame=change["blame"],
        beside=", ".join(change["beside"]),
        acknowledged=f"accepted by {accepted['who']}: {accepted['why']}" if accepted else "",
    )


def in_words(change: dict[str, Any]) -> str:
    """``jit 5.2 % slower``, ``ratio 40 % lower``, ``memory 3.2 times``."""
    worse, better = WORDS.get(change["quantity"], SLOWER)
    factor = change["factor"]
    much = f"{figure(factor)} times" if factor >= 2 else f"{figure(100 * abs(factor - 1))} %"
    return f"{change['quantity']} {much} {worse if change['worse'] else better}"


def when(timeline: dict[str, Any], run: int) -> str:
    """The run's start, and its commit where that is known."""
    at = timeline["runs"][run]
    commit = str(at.get("commit") or "")[:7]
    return f"{moment(at['started'])}{f' ({commit})' if commit else ''}"


def machine(timeline: dict[str, Any]) -> str:
    """Its processor or key, its GPU, and the branch."""
    known = timeline["machine"]
    parts = [known.get("cpu") or timeline["key"], known.get("gpu"), f"branch {timeline['branch']}"]
    return ", ".join(shortened(str(p), NAME) for p in parts if p)


def facts(timeline: dict[str, Any]) -> str:
    """``60 runs, 2026-01-01 03:00 to 2026-03-01 03:00; 100 series; ...``."""
    runs = timeline["runs"]
    dates = f", {moment(runs[0]['started'])} to {moment(runs[-1]['started'])}" if runs else ""
    floor = positive(timeline.get("floor"))
    least = f"; differences below {figure(100 * floor)} % are noise" if floor else ""
    key = shortened(timeline["key"], NAME)
    return f"{plural(len(runs), 'run')}{dates}; {len(timeline['series'])} series; machine {key}{least}"


def tally(counts: dict[str, int]) -> str:
    """``1 regressed, 3 suspect, 96 same``; groups without series are left out."""
    return ", ".join(f"{count} {group}" for group, count in counts.items() if count) or "no series"


def notable(timeline: dict[str, Any]) -> Iterator[tuple[str, str, list[Told]]]:
    """Group, name and changes of each series that is not as it was, or has changed; the worst group first."""
    for series in sorted(timeline["series"], key=lambda s: GROUPS.index(s["group"])):
        changes = [told(timeline, c) for c in series["changes"]]
        if changes or series["group"] not in (SAME, INSUFFICIENT):
            yield series["group"], f"{series['bench']['id']} {series['bench']['pass_']}", changes
