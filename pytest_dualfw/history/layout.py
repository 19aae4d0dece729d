"""Where a line is stored: ``<machine key>/<branch>/<YYYY-MM>.jsonl`` below the history's folder."""

import re
from pathlib import Path

from ..kernels.line import Line
from .problems import HistoryError, shown
from .times import utc

UNKNOWN = "unknown"
LINES, OTHERS = ".jsonl", ".json"

# Git joins two nights that were appended on two machines line by line; a reader takes a line that came twice once.
ATTRIBUTES = "*.jsonl merge=union\n"

_LONGEST = 100  # bytes of a name; file systems take 255


def month_file(folder: Path, line: Line) -> Path:
    """HistoryError for a line whose start is no time."""
    try:
        month = utc(line.started)[: len("2026-11")]
    except ValueError as error:
        raise HistoryError(
            f"got a line with started={shown(line.started)}, expected a time such as 2026-11-21T23:00:00Z; "
            "nothing was stored"
        ) from error
    machine, branch = (safe(str(name or "")) for name in (line.machine.get("key"), line.commit.branch))
    return folder / machine / branch / f"{month}{LINES}"


def safe(name: str) -> str:
    """Letters, digits, points, ``-`` and ``_`` only. The lines themselves say which branch they belong to."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip("._")[:_LONGEST] or UNKNOWN
