"""The folder in which a launch takes place: who writes what, where."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What a shepherd and its worker tell, one small JSON file each.
STARTED, JOB, RAISED, DONE, ENDED = "started", "job", "raised", "done", "ended"


@dataclass(frozen=True)
class Folder:
    """Notes of ranks appear whole or not at all: each is written beside its place and then moved there."""

    path: Path

    @property
    def plan(self) -> Path:
        return self.path / "plan.json"

    @property
    def leash(self) -> Path:
        """A FIFO that is open for writing as long as the launching process lives."""
        return self.path / "leash"

    @property
    def said(self) -> Path:
        """What the launcher itself wrote, on both streams."""
        return self.path / "launcher.txt"

    def stderr(self, rank: int) -> Path:
        return self.path / f"rank-{rank}.stderr"

    def stack(self, rank: int) -> Path:
        """Where a worker stood when it was asked."""
        return self.path / f"rank-{rank}.stack"

    def result(self, job: int, rank: int) -> Path:
        return self.path / f"job-{job}.rank-{rank}.npz"

    def write(self, what: str, rank: int, **note: Any) -> None:
        place = self._note(what, rank)
        beside = place.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps(note), encoding="utf-8")
        beside.replace(place)

    def read(self, what: str, rank: int) -> dict[str, Any] | None:
        """None for what has not been told."""
        try:
            note: dict[str, Any] = json.loads(self._note(what, rank).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return note

    def _note(self, what: str, rank: int) -> Path:
        return self.path / f"rank-{rank}.{what}.json"


def last_line(path: Path) -> str:
    """The last line that is not blank; empty where there is none."""
    lines = tail(path, 1)
    return lines[0].strip() if lines else ""


def tail(path: Path, count: int) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [line for line in text.splitlines() if line.strip()][-count:]
