"""What the nights of one machine and branch say: for each series its changes and its group."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .blame import beside, blamed, named
from .changes import Change
from .detect import walked
from .discovery import judged, together
from .machine import Shift, relieved, shifts
from .model import QUANTITIES, Series, Timeline
from .standing import Standing

# In the place of a bench's name in the id of a change that is the machine's.
ALL = "machine"


@dataclass(frozen=True)
class JudgedSeries:
    """A series as it was stored, with its changes by their ids: those confirmed and, of its last night, suspects.

    ``group`` is one of standing.GROUPS.
    """

    series: Series
    group: str
    changes: dict[str, Change]


@dataclass(frozen=True)
class Judged:
    """``machine`` are the changes of the machine as a whole by their ids, ``floor`` what was taken for the smallest
    change that it can see.
    """

    timeline: Timeline
    floor: float
    machine: dict[str, Change]
    series: list[JudgedSeries]


def judge(timeline: Timeline, floor: float | None = None, acknowledged: Collection[str] = ()) -> Judged:
    """Judge all series of a timeline together.

    ``floor`` is the smallest change that the machine can see, as a fraction; without it what the timeline's machine
    says. ``acknowledged`` are ids of changes that were accepted: still listed, and no reason for a group any more.
    """
    floor = timeline.floor if floor is None else floor
    moved = shifts(timeline.series, floor)
    relieved_series = [relieved(s, moved) for s in timeline.series]
    told = _told(relieved_series, floor, len(timeline.runs))
    found = []
    for raw, series, steps in zip(timeline.series, relieved_series, told, strict=True):
        changes = _named(timeline, series, steps)
        standing = Standing(series, [*changes.values()], _open(changes, acknowledged), floor)
        found.append(JudgedSeries(raw, standing.group, changes))
    return Judged(timeline, floor, _machine(timeline, moved), found)


def change_id(timeline: Timeline, bench: str, change: Change) -> str:
    """Ten hexadecimal digits that stay the same as nights are added: of machine, branch, bench, quantity and run."""
    parts = (timeline.key, timeline.branch, bench, change.quantity, timeline.runs[change.run].id)
    return hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()[:10]


def _told(series: Sequence[Series], floor: float, runs: int) -> list[list[Change]]:
    """The changes of each series, all quantities of all series judged together night by night."""
    each = [(q, s.values[q]) for s in series for q in QUANTITIES]
    told = together([walked(v, floor, q) for q, v in each], judged([v for _, v in each], runs))
    n = len(QUANTITIES)
    return [[c for steps in told[i : i + n] for c in steps] for i in range(0, len(told), n)]


def _named(timeline: Timeline, series: Series, changes: Sequence[Change]) -> dict[str, Change]:
    whole = (beside(blamed(change, series), timeline, series) for change in changes)
    return {change_id(timeline, series.bench.name, change): change for change in whole}


def _open(changes: dict[str, Change], acknowledged: Collection[str]) -> list[Change]:
    return [change for id_, change in changes.items() if id_ not in acknowledged]


def _machine(timeline: Timeline, moved: Sequence[Shift]) -> dict[str, Change]:
    changes = (named(shift.change, timeline, shift.change.run - 1) for shift in moved)
    return {change_id(timeline, ALL, change): change for change in changes}
