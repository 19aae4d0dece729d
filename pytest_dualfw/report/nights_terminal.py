"""A judged history in the terminal. Pure functions."""

from collections.abc import Iterator
from typing import Any

from . import words
from .words import SYMBOLS, Told

# More series of a timeline than this are counted, not told: the other forms have all.
SHOWN = 20


def lines(nights: dict[str, Any]) -> list[str]:
    """``nights`` as ``Nights.to_json`` has them: each timeline with what changed, then the count."""
    told = [line for timeline in nights["timelines"] for line in _timeline(timeline)]
    return [*told, words.tally(nights["counts"])]


def _timeline(timeline: dict[str, Any]) -> Iterator[str]:
    yield words.machine(timeline)
    yield f"  {words.facts(timeline)}"
    for change in timeline["machine_changes"]:
        yield f"  {_change(words.told(timeline, change))}"
    found = list(words.notable(timeline))
    for group, name, changes in found[:SHOWN]:
        yield f"{SYMBOLS[group]} {group:9s} {name}"
        yield from (f"    {_change(change)}" for change in changes)
    if len(found) > SHOWN:
        yield f"  and {len(found) - SHOWN} more series that changed"
    yield ""


def _change(change: Told) -> str:
    told = [f"{change.words} since {change.since}", change.tier, change.blame, change.beside, change.acknowledged]
    return f"{change.id}  {'; '.join(filter(None, told))}"
