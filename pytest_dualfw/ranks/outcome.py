"""What became of a launch: what each rank computed, or one sentence that says which rank failed and how."""

import json
import re
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .folder import DONE, ENDED, JOB, RAISED, Folder, last_line, tail
from .plan import Plan

Arrays = dict[str, np.ndarray[Any, Any]]

_FRAME = re.compile(r'File "(?P<file>.*)", line (?P<line>\d+) in (?P<name>\S+)')
_TAIL = 20


class RankFailed(RuntimeError):
    """A rank ended before its work was done, or did not end; the message is one sentence."""


@dataclass(frozen=True)
class Failure:
    """``sentence`` says which rank, and how; ``said`` is the end of what that rank wrote to stderr."""

    sentence: str
    said: str = ""


@dataclass(frozen=True)
class Outcome:
    """Of a plan that ran in the folder ``path``. ``failure`` is None where every rank ended well."""

    plan: Plan
    path: Path
    failure: Failure | None = None

    def of(self, job: str) -> list[Arrays]:
        """What each rank computed, in order of rank. RankFailed where one of them did not come so far."""
        number = [j.name for j in self.plan.jobs].index(job)
        places = [Folder(self.path).result(number, k) for k in range(self.plan.ranks)]
        if not all(place.exists() for place in places):
            raise self.error()
        return [dict(np.load(place)) for place in places]

    def error(self) -> RankFailed:
        """What to raise for ``failure``; the rank's own words stand below the sentence."""
        failure = self.failure or Failure("every rank ended well and left no result; look for a job that exits early")
        error = RankFailed(failure.sentence)
        if failure.said:
            error.add_note(failure.said)
        return error

    def to_json(self) -> str:
        failure = self.failure and [self.failure.sentence, self.failure.said]
        return json.dumps({"plan": self.plan.to_json(), "path": str(self.path), "failure": failure})

    @classmethod
    def from_json(cls, text: str) -> "Outcome":
        data = json.loads(text)
        failure = Failure(*data["failure"]) if data["failure"] else None
        return cls(Plan.from_json(data["plan"]), Path(data["path"]), failure)


@dataclass(frozen=True)
class End:
    """How a rank failed, and when.

    One that died without a word is the cause, and the others lost their connection to it; what is left is told by time.
    An abort counts as words: JAX's coordinator aborts those who are left.
    """

    rank: int
    silent: bool
    time: float
    words: str

    @classmethod
    def of(cls, folder: Folder, rank: int) -> "End | None":
        """None for a rank that still runs, ended well, or was stopped by its launcher."""
        raised, ended = folder.read(RAISED, rank), folder.read(ENDED, rank)
        where = f"in {_job(folder, rank)}"
        if raised:
            return cls(rank, False, raised["time"], f"raised {where}: {raised['error']}")
        if not ended or ended["stopped"] or (ended["status"] == 0 and folder.read(DONE, rank)):
            return None
        said = last_line(folder.stderr(rank))
        words = f"its last line on stderr: {said}" if said else "it wrote nothing to stderr"
        silent = ended["status"] != -signal.SIGABRT
        return cls(rank, silent, ended["time"], f"{_how(ended['status'])} {where}; {words}")


def failure_of(plan: Plan, folder: Folder, hung: tuple[int, ...]) -> Failure | None:
    """The failure that came first, or None. ``hung`` are ranks that had not ended when their time was over."""
    if hung:
        return _of_hung(plan, folder, hung)
    ends = [end for k in range(plan.ranks) if (end := End.of(folder, k))]
    if ends:
        first = min(ends, key=lambda end: (not end.silent, end.time))
        return Failure(f"{plan.who(first.rank)} {first.words}", "\n".join(tail(folder.stderr(first.rank), _TAIL)))
    if all(folder.read(DONE, k) for k in range(plan.ranks)):
        return None
    words = last_line(folder.said) or "nothing"
    return Failure(f"{plan.launcher} ended before every rank had run; the last it said: {words}")


def _how(status: int) -> str:
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with exit status {status}"


def _job(folder: Folder, rank: int) -> str:
    """The job that a rank was at."""
    return str((folder.read(JOB, rank) or {"name": "its start"})["name"])


def _of_hung(plan: Plan, folder: Folder, hung: tuple[int, ...]) -> Failure:
    """The rank that hangs is the one that does not stand in the framework's own code, where the others wait for it."""
    waiting = {k: f"/{plan.target.fw}/" in _frame(folder, k)["file"] for k in hung if plan.target.fw}
    first = next((k for k in hung if not waiting.get(k)), hung[0])
    others = [f"rank {k} in {_place(folder, k)}" for k in hung if k != first]
    place = f"it hangs in {_job(folder, first)}, at {_place(folder, first)}"
    sentence = f"{plan.who(first)} had not ended after {plan.timeout_s:g} s: {place}"
    said = "\n".join(tail(folder.stack(first), _TAIL) + tail(folder.stderr(first), _TAIL))
    return Failure("; ".join([sentence, *([f"waiting: {', '.join(others)}"] if others else [])]), said)


def _frame(folder: Folder, rank: int) -> dict[str, str]:
    """The innermost frame of Python that a worker told when asked."""
    lines = tail(folder.stack(rank), 200)
    found = next((m for line in lines if (m := _FRAME.search(line))), None)
    return found.groupdict() if found else {"file": "", "line": "", "name": ""}


def _place(folder: Folder, rank: int) -> str:
    frame = _frame(folder, rank)
    return (
        f"{frame['name']} ({Path(frame['file']).name}:{frame['line']})" if frame["file"] else "a place it did not tell"
    )
