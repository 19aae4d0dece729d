"""The lines of the latest run as they were written, for what is drawn of one run alone."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..kernels.line import from_json
from .layout import LINES
from .lenient import Unusable, parsed
from .model import History, Run
from .problems import unheard
from .rows import row
from .stream import lines


def latest(folder: Path, history: History) -> list[dict[str, Any]]:
    """Of the run that started last; empty where there is none."""
    runs = [run for t in history.timelines for run in t.runs]
    if not runs:
        return []
    newest = max(runs, key=lambda run: (run.started, run.id))
    paths = sorted(folder.rglob(f"*{LINES}")) if folder.is_dir() else [folder]
    return [line for path in paths if path.is_file() for line in _of(path, newest)]


def _of(path: Path, run: Run) -> Iterator[dict[str, Any]]:
    """Its lines that have every field; what is wrong with others was told when they were read."""
    # What an id looks like in a file, where that is sure: most lines need not be taken apart.
    sure = run.id.encode() if run.id.isalnum() and run.id.isascii() and run.id != run.started else b""
    for _, raw in lines(path, unheard):
        if raw is not None and sure in raw:
            with suppress(Unusable, KeyError, TypeError, ValueError, AttributeError):
                found = parsed(raw)
                if row(found, unheard).head.run == run:
                    yield from_json(found).to_json()
