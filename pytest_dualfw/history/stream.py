"""The lines of a file of any size, in little memory."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

# Bytes of one line. A measurement takes about a thousand.
LONGEST = 1_000_000
_EVERY = 1_000  # lines
_BOM = b"\xef\xbb\xbf"  # some editors put it before the first line


def lines(path: Path, passed: Callable[[int], None]) -> Iterator[tuple[int, bytes | None]]:
    """Number from 1 and bytes of each line that is not blank; None in place of one that is longer than LONGEST.

    ``passed`` hears now and then how many bytes of the file are done. OSError where it cannot be read.
    """
    with path.open("rb") as file:
        for number, raw in enumerate(iter(lambda: file.readline(LONGEST + 1), b""), start=1):
            if number % _EVERY == 0:
                passed(file.tell())
            if len(raw) > LONGEST and not raw.endswith(b"\n"):
                _skip(file)
                yield number, None
            elif found := (raw.removeprefix(_BOM) if number == 1 else raw).strip():
                yield number, found


def _skip(file: BinaryIO) -> None:
    """To the end of the line."""
    while (raw := file.readline(LONGEST)) and not raw.endswith(b"\n"):
        pass
