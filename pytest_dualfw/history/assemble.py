"""Rows, in whatever order they were read, put together as timelines."""

import math
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .lenient import plain
from .model import QUANTITIES, Bench, Run, Series, Timeline
from .problems import Tell, shown
from .rows import COLUMNS, Head, Row


@dataclass
class _Stored:
    """The rows of one series in the order read: plain arrays, since a year of nights has many."""

    bench: Bench
    place: dict[int, int] = field(default_factory=dict)  # number of the run -> which row
    numbers: "array[float]" = field(default_factory=lambda: array("d"))
    remeasured: "array[int]" = field(default_factory=lambda: array("q"))
    texts: "array[int]" = field(default_factory=lambda: array("q"))  # hashes
    status: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def add(self, run: int, row: Row, text: int) -> None:
        """In place of the row that the run had so far, if any: nothing points to that one then."""
        self.place[run] = len(self.status)
        self.numbers.extend(row.numbers)
        self.remeasured.append(row.remeasured)
        self.texts.append(text)
        self.status.append(row.status)
        self.reasons.append(row.reasons)

    def series(self, order: list[int]) -> Series:
        """With one entry for each run, in the given order of their numbers."""
        rows = np.array([self.place.get(run, -1) for run in order])
        # what stands last, at -1, is that of a run without a row
        numbers = np.append(np.frombuffer(self.numbers).reshape(-1, len(COLUMNS)), [[math.nan] * len(COLUMNS)], axis=0)
        table = dict(zip(COLUMNS, np.ascontiguousarray(numbers[rows].T), strict=True))
        status, reasons = [*self.status, ""], [*self.reasons, ""]
        return Series(
            self.bench,
            {quantity: table[quantity] for quantity in QUANTITIES},
            table["low"],
            table["high"],
            table["roofline"],
            [status[i] for i in rows],
            [reasons[i] for i in rows],
            np.append(np.frombuffer(self.remeasured, np.int64), 0)[rows],
        )


@dataclass
class _Line:
    """A timeline in the making: ``last`` is the start of the run that ``machine`` is from, ``seen`` of the floor's."""

    runs: dict[str, tuple[int, Run]] = field(default_factory=dict)
    series: dict[tuple[str, str], _Stored] = field(default_factory=dict)
    machine: tuple[str, Mapping[str, Any]] = ("", {})
    floor: tuple[str, float] = ("", math.nan)

    def add(self, row: Row, text: int, tell: Tell) -> bool:
        """Whether the row was new."""
        number = self._numbered(row.head.run)
        self._note(row.head)
        stored = self.series.get((row.bench.id, row.bench.pass_))
        if stored is None:
            stored = self.series[row.bench.id, row.bench.pass_] = _Stored(row.bench)
        at = stored.place.get(number)
        if at is not None and stored.texts[at] == text:
            return False
        if at is not None:
            told = f"{shown(row.bench.name)} a second time in the run {shown(row.head.run.id)}, with other text"
            tell(f"got {told}, expected one line for each; the later line is used")
        stored.add(number, row, text)
        return at is None

    def timeline(self, key: str, branch: str) -> Timeline:
        runs = sorted(self.runs.values(), key=lambda entry: (entry[1].started, entry[1].id))
        order = [number for number, _ in runs]
        found = [self.series[name].series(order) for name in sorted(self.series)]
        return Timeline(key, branch, {**self._fields(), "key": key}, [run for _, run in runs], found)

    def _fields(self) -> dict[str, Any]:
        """Of the machine. Its floor is what a run found."""
        fields = {name: value for name, value in plain(self.machine[1]).items() if name != "floor"}
        return fields if math.isnan(self.floor[1]) else {**fields, "floor": self.floor[1]}

    def _numbered(self, run: Run) -> int:
        """Lines of one run tell of it together: its first start, and what any of them knows."""
        number, known = self.runs.get(run.id, (len(self.runs), run))
        if known != run:
            started, commit = min(known.started, run.started), known.commit or run.commit
            known = Run(run.id, started, commit, {**run.versions, **known.versions})
        self.runs[run.id] = number, known
        return number

    def _note(self, head: Head) -> None:
        started = head.run.started
        if started >= self.machine[0]:
            self.machine = started, head.machine
        if started >= self.floor[0] and not math.isnan(head.floor):
            self.floor = started, head.floor


@dataclass
class Assembly:
    """``lines`` counts the measurements: a line that came twice is one."""

    found: dict[tuple[str, str], _Line] = field(default_factory=dict)
    lines: int = 0

    def add(self, row: Row, text: int, tell: Tell) -> None:
        """``text`` is the hash of the line: what comes twice in the same words is one measurement, as git's union
        merge leaves it; ``tell`` hears of one that comes twice in other words.
        """
        self.lines += self.found.setdefault((row.head.key, row.head.branch), _Line()).add(row, text, tell)

    def timelines(self) -> list[Timeline]:
        """By machine, then branch; series by name, runs by their start."""
        return [self.found[name].timeline(*name) for name in sorted(self.found)]
