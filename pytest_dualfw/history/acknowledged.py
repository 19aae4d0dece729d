"""Changes that a person accepted: each a new baseline, with who and why. A file beside the nights, for people too."""

import json
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..target import listed
from .problems import HistoryError, printable

FILE = "acknowledged.toml"
# In the order in which they are written; each is text, and none is empty.
FIELDS = ("id", "who", "why", "when")


@dataclass(frozen=True)
class Acknowledged:
    """``id`` is that of the change, ``when`` a day."""

    id: str
    who: str
    why: str
    when: str

    def to_json(self) -> dict[str, str]:
        """What stands beside the change in a report."""
        return {name: text for name, text in asdict(self).items() if name != "id"}


def acknowledged(folder: Path) -> dict[str, Acknowledged]:
    """By the id of the change; empty where nothing was accepted yet.

    HistoryError for a file that is not what ``acknowledge`` writes: a change that somebody accepted must not be told
    again because of a slip of the pen.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("accepted", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, RecursionError) as error:
        raise HistoryError(
            f"{printable(str(path))} cannot be read ({error}); mend the file, or take it away"
        ) from error
    found = [_entry(path, entry) for entry in (entries if isinstance(entries, list) else [entries])]
    return {entry.id: entry for entry in found}


def acknowledge(folder: Path, accepted: Acknowledged) -> Path:
    """Add one to the folder's file; the file."""
    path = folder / FILE
    lines = ["[[accepted]]", *(f"{name} = {_quoted(text)}" for name, text in asdict(accepted).items())]
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write("\n".join(["", *lines, ""]))
    except OSError as error:
        raise HistoryError(
            f"{printable(str(path))} cannot be written ({error.strerror}); give a folder that this user may write"
        ) from error
    return path


def _quoted(text: str) -> str:
    """A string of JSON is one of TOML, but for DEL."""
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")


def _entry(path: Path, found: Any) -> Acknowledged:
    told = {name: str(found[name]) for name in FIELDS if isinstance(found, dict) and found.get(name)}
    for name in FIELDS:
        if name not in told:
            raise HistoryError(f"{printable(str(path))} has an entry without {name}; give each {listed(FIELDS, 'and')}")
    return Acknowledged(**told)
