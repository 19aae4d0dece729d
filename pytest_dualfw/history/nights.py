"""A whole history, judged: the one model that terminal, Markdown, JSON and page are drawn from."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from ..kernels.model import CHECKED
from ..kernels.model import INVALID as INVALID_STATUS
from .acknowledged import Acknowledged
from .changes import Change
from .judge import Judged, JudgedSeries, judge
from .model import RATIO, History, Numbers
from .problems import unheard
from .reader import Progress
from .standing import GROUPS, REGRESSED, SUSPECTED

SCHEMA = "dualfw-nights/1"

# What a line says that only checked, or did not even do that.
WITHOUT_NUMBER = (CHECKED, "skipped")

# As JSON: a thousandth of what the best machine can see.
DIGITS = 6


@dataclass(frozen=True)
class Nights:
    """Every timeline judged; ``accepted`` by the id of the change; ``problems`` of reading."""

    timelines: list[Judged]
    accepted: Mapping[str, Acknowledged] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Group -> number of series; every group is there."""
        found = Counter(s.group for t in self.timelines for s in t.series)
        return {group: found[group] for group in GROUPS}

    @property
    def regressed(self) -> bool:
        return self.counts[REGRESSED] > 0

    @property
    def suspect(self) -> bool:
        return self.counts[SUSPECTED] > 0

    @property
    def broken(self) -> bool:
        """Whether a measurement that had a number before is invalid in the last run, or the last run has none but
        invalid ones. What never had a number (a scan that compiles at every call) is listed, and is no news.
        """
        return any(_broken(t) for t in self.timelines)

    @property
    def measured(self) -> bool:
        """Whether anything was: a number, or one that would have lied."""
        told = {status for t in self.timelines for s in t.series for status in s.series.status}
        return not told <= {"", *WITHOUT_NUMBER}

    def changes(self) -> dict[str, Change]:
        """All of them by their ids."""
        each = [c for t in self.timelines for c in (t.machine, *(s.changes for s in t.series))]
        return {id_: change for changes in each for id_, change in changes.items()}

    def to_json(self) -> dict[str, Any]:
        """Plain data, of schema SCHEMA; a missing number is None."""
        return {
            "schema": SCHEMA,
            "problems": self.problems,
            "counts": self.counts,
            "timelines": [self._timeline(t) for t in self.timelines],
        }

    def _timeline(self, judged: Judged) -> dict[str, Any]:
        t = judged.timeline
        return {
            "key": t.key,
            "branch": t.branch,
            "machine": t.machine,
            "floor": judged.floor,
            "runs": [asdict(run) for run in t.runs],
            "marks": [list(mark) for mark in t.marks()],
            "machine_changes": self._changes(judged.machine),
            "series": [self._series(s) for s in judged.series],
        }

    def _series(self, judged: JudgedSeries) -> dict[str, Any]:
        s = judged.series
        numbers = {"low": s.low, "high": s.high, "roofline": s.roofline}
        return {
            "bench": asdict(s.bench),
            "group": judged.group,
            "values": {quantity: _plain(values) for quantity, values in s.values.items()},
            **{name: _plain(values) for name, values in numbers.items()},
            "status": s.status,
            "changes": self._changes(judged.changes),
        }

    def _changes(self, changes: Mapping[str, Change]) -> list[dict[str, Any]]:
        return [{"id": id_, **change.to_json(), "acknowledged": self._accepted(id_)} for id_, change in changes.items()]

    def _accepted(self, id_: str) -> dict[str, str] | None:
        return self.accepted[id_].to_json() if id_ in self.accepted else None


def nights(history: History, accepted: Mapping[str, Acknowledged], progress: Progress = unheard) -> Nights:
    """Judge every timeline of a history. ``progress`` hears how many of how many are done."""
    found = []
    for i, timeline in enumerate(history.timelines):
        progress(i, len(history.timelines))
        found.append(judge(timeline, acknowledged=accepted.keys()))
    progress(len(history.timelines), len(history.timelines))
    return Nights(found, accepted, history.problems)


def _broken(judged: Judged) -> bool:
    last = len(judged.timeline.runs) - 1
    told = [s.series for s in judged.series if s.series.status[last]]
    invalid = [s for s in told if s.status[last] == INVALID_STATUS]
    return bool(invalid) and (len(invalid) == len(told) or any(np.isfinite(s.values[RATIO]).any() for s in invalid))


def _plain(values: Numbers) -> list[float | None]:
    return [None if math.isnan(v) else v for v in rounded(values).tolist()]


def rounded(values: Numbers) -> Numbers:
    """To DIGITS. Powers of ten are multiplied with only where they are whole numbers, so that no digit comes after."""
    with np.errstate(all="ignore"):
        shift = DIGITS - 1 - np.floor(np.log10(np.abs(values)))
        tens = 10.0 ** np.abs(np.nan_to_num(shift, posinf=0.0, neginf=0.0))
        return np.asarray(np.where(shift > 0, np.round(values * tens) / tens, np.round(values / tens) * tens))
