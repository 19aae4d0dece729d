"""A folder of stored lines, whoever wrote them, as a history. What cannot be used is told, the rest is used."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from pathlib import Path

from ..kernels.line import text
from .assemble import Assembly
from .foreign import Foreign, from_pytest_benchmark
from .layout import LINES, OTHERS
from .lenient import Unusable, parsed
from .model import History
from .problems import HistoryError, Problems, printable, unheard
from .rows import row
from .stream import LONGEST, lines

# Bytes of a file of pytest-benchmark, which is one piece of JSON.
LARGEST = 64_000_000

# Hears how much of how much is done; in reading, bytes.
Progress = Callable[[int, int], None]


def read(folder: Path, progress: Progress = unheard) -> History:
    """All measurements below ``folder``, or in one file: lines of ``*.jsonl`` in any layout, and ``*.json`` files of
    pytest-benchmark. A ``*.json`` of another tool is passed over.

    ``problems`` of the history tell file and line of what could not be used, the same sentence once for a file. Needs
    little memory beyond the history itself, however long a file or a line is. HistoryError where there is no such
    folder or file, or it cannot be read.
    """
    reading = _Reading(Path(folder))
    paths = reading.paths()
    sizes = [path.stat().st_size for path in paths]
    for path, before in zip(paths, accumulate(sizes, initial=0), strict=False):
        reading.file(path, partial(_passed, progress, before, sum(sizes)))
    progress(sum(sizes), sum(sizes))
    return History(reading.assembly.timelines(), reading.problems, reading.assembly.lines)


@dataclass
class _Reading:
    folder: Path
    assembly: Assembly = field(default_factory=Assembly)
    problems: list[str] = field(default_factory=list)

    def paths(self) -> list[Path]:
        """Sorted: which of two lines is the later does not depend on the file system."""
        try:
            if self.folder.is_file():
                return [self.folder]
            if not self.folder.is_dir():
                raise HistoryError(f"{_place(self.folder)} is no folder and no file; give the folder of a history")
            walked = list(os.walk(self.folder, onerror=self._unreadable))
        except OSError as error:
            told = f"{_place(self.folder)} cannot be read ({error.strerror})"
            raise HistoryError(f"{told}; give a folder that this user may read") from error
        found = (Path(top, name) for top, _, names in walked for name in names if name.endswith((LINES, OTHERS)))
        return sorted(path for path in found if self._is_file(path))

    def file(self, path: Path, passed: Callable[[int], None]) -> None:
        problems = Problems(_place(path))
        try:
            self._others(path, problems) if path.suffix == OTHERS else self._lines(path, problems, passed)
        except OSError as error:
            problems.tell(0, f"cannot be read ({error.strerror}); the rest is left out")
        self.problems += problems.sentences()

    def _lines(self, path: Path, problems: Problems, passed: Callable[[int], None]) -> None:
        for number, raw in lines(path, passed):
            tell = partial(problems.tell, number)
            try:
                if raw is None:
                    raise Unusable(f"a line of more than {LONGEST:,} bytes")
                self.assembly.add(row(parsed(raw), tell), hash(raw), tell)
            except Unusable as error:
                tell(f"{error}; the line is left out")

    def _others(self, path: Path, problems: Problems) -> None:
        tell = partial(problems.tell, 0)
        try:
            with path.open("rb") as file:
                raw = file.read(LARGEST + 1)
            if len(raw) > LARGEST:
                raise HistoryError(f"got more than {LARGEST:,} bytes, expected a file without raw data; it is left out")
            for line in from_pytest_benchmark(raw, tell):
                self.assembly.add(row(line.to_json(), tell), hash(text([line])), tell)
        except Foreign as error:
            if path == self.folder:
                tell(str(error))
        except HistoryError as error:
            tell(str(error))

    def _unreadable(self, error: OSError) -> None:
        if Path(error.filename) == self.folder:
            raise error
        self.problems.append(f"{_place(error.filename)}: cannot be read ({error.strerror}); it is left out")

    def _is_file(self, path: Path) -> bool:
        """Not a pipe, whose end may never come."""
        if not path.is_dir() and not path.is_file():
            self.problems.append(f"{_place(path)}: is no file that can be read; it is left out")
        return path.is_file()


def _passed(progress: Progress, before: int, size: int, done: int) -> None:
    progress(before + done, size)


def _place(path: Path | str) -> str:
    return printable(str(path))
