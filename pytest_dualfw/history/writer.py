"""Lines are appended to a history, never changed: what a run measured stays as it was measured."""

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..kernels.line import Line, text
from .layout import ATTRIBUTES, month_file
from .problems import HistoryError, printable

if sys.platform != "win32":
    import fcntl


def append(folder: Path, lines: Iterable[Line]) -> list[Path]:
    """Store each line in its month's file below ``folder``; the files, in the order in which they were met.

    All lines of a file go in one write, under an advisory lock and onto the disk: processes that append at once lose
    nothing, and one that is killed loses at most what it was writing. Windows has no such lock: there, processes that
    append to one history have to take turns. HistoryError where the folder cannot be written, or for a line without
    a time; then no line is stored.
    """
    by_file: dict[Path, list[Line]] = {}
    for line in lines:
        by_file.setdefault(month_file(folder, line), []).append(line)
    try:
        for path, group in by_file.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            _attributes(folder)
            _append(path, text(group).encode())
    except OSError as error:
        place = printable(str(error.filename or folder))
        raise HistoryError(
            f"the history at {place} cannot be written ({error.strerror}); give a folder that this user may write"
        ) from error
    return list(by_file)


def _attributes(folder: Path) -> None:
    with suppress(FileExistsError), (folder / ".gitattributes").open("x", encoding="utf-8") as file:
        file.write(ATTRIBUTES)


def _append(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    try:
        _lock(descriptor)
        left = b"\n" + data if _torn(descriptor) else data
        while left:  # a second write only where the disk took a part
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)  # which unlocks


def _lock(descriptor: int) -> None:
    if sys.platform != "win32":
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _torn(descriptor: int) -> bool:
    """Whether the last line has no end, from a writer that was killed: only that one is to be lost."""
    if os.fstat(descriptor).st_size == 0:
        return False
    os.lseek(descriptor, -1, os.SEEK_END)
    return os.read(descriptor, 1) != b"\n"
