"""What could not be used, as sentences: said once with the place where it came first, counted from then on."""

from collections.abc import Callable
from dataclasses import dataclass, field

# Of one file so many different sentences are told.
MOST = 20

Tell = Callable[[str], None]


def unheard(*_said: object) -> None:
    """Takes the place of what would listen to sentences, or to progress."""


class HistoryError(ValueError):
    """A history that cannot be read or written, in one sentence."""


@dataclass
class _Seen:
    line: int
    count: int = 1


@dataclass
class Problems:
    """Those of one file. Its memory is bounded, however many there are."""

    file: str
    seen: dict[str, _Seen] = field(default_factory=dict)
    more: int = 0

    def tell(self, line: int, sentence: str) -> None:
        """``line`` counts from 1; 0 is the file as a whole."""
        if sentence in self.seen:
            self.seen[sentence].count += 1
        elif len(self.seen) < MOST:
            self.seen[sentence] = _Seen(line)
        else:
            self.more += 1

    def sentences(self) -> list[str]:
        told = [f"{self._place(seen.line)}: {sentence}{_again(seen)}" for sentence, seen in self.seen.items()]
        return [*told, f"{self.file}: and {self.more} more"] if self.more else told

    def _place(self, line: int) -> str:
        return f"{self.file}, line {line}" if line else self.file


def _again(seen: _Seen) -> str:
    return f" (and {seen.count - 1} more like it)" if seen.count > 1 else ""


def printable(text: str) -> str:
    """Text as any stream takes it, on one line: no half characters, no control characters."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def shown(value: object) -> str:
    """A value of somebody else's JSON in a sentence: short, and on one line."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    told = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return told if len(told) <= 60 else f"{told[:57]}..."
