"""JSON of unknown origin, read with doubt: a value of the wrong kind is told and taken as missing."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..kernels.model import SCHEMA
from .problems import Tell, printable, shown

_EMPTY: dict[str, Any] = {}


# What a line has to be.
MEASUREMENT = f"one measurement of schema {SCHEMA!r}"


class Unusable(ValueError):
    """Text that says nothing that could be used."""

    def __init__(self, got: str, expected: str = MEASUREMENT) -> None:
        super().__init__(f"got {got}, expected {expected}")
        self.got = got


@dataclass(slots=True)  # not frozen, which would double what each of a line's parts costs
class Fields:
    """An object; ``name`` is where it stands in its line: ``jit.``."""

    data: Mapping[str, Any]
    tell: Tell
    name: str = ""

    def part(self, key: str) -> "Fields":
        """The object below; empty where there is none."""
        value = self.data.get(key)
        if not isinstance(value, dict):
            if value is not None:
                self._refuse(key, value, "an object; it is read as missing")
            value = _EMPTY
        return Fields(value, self.tell, f"{self.name}{key}.")

    def text(self, key: str, default: str = "") -> str:
        value = self.data.get(key)
        if type(value) is str:
            return (value if value.isprintable() else printable(value)) or default
        if value is not None:
            self._refuse(key, value, "text; it is read as missing")
        return default

    def number(self, key: str) -> float:
        """Above 0, else NaN."""
        value = self.data.get(key)
        if value is None:
            return math.nan
        found = real(value)
        if 0 < found < math.inf:
            return found
        self._refuse(key, value, "a number above 0; the value is left out")
        return math.nan

    def count(self, key: str) -> int:
        """A whole number from 0 on, of 32 bits; else 0."""
        value = self.data.get(key)
        if type(value) is int and 0 <= value < 2**31:
            return value
        if value is not None:
            self._refuse(key, value, "a count; it is read as 0")
        return 0

    def words(self, key: str) -> str:
        """A list of text, in one line."""
        value = self.data.get(key)
        if isinstance(value, list) and all(type(word) is str for word in value):
            return printable("; ".join(value)) if value else ""
        if value is not None:
            self._refuse(key, value, "a list of text; it is read as missing")
        return ""

    def _refuse(self, key: str, value: object, expected: str) -> None:
        self.tell(f"got {self.name}{key}={shown(value)}, expected {expected}")


def real(value: object) -> float:
    """The number that JSON holds; NaN for anything else, truth values too."""
    if type(value) is float:
        return value
    if type(value) is not int:
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are text, truth values or finite numbers."""
    text = {name: printable(value) for name, value in data.items() if isinstance(value, str)}
    others = {name: value for name, value in data.items() if isinstance(value, bool) or math.isfinite(real(value))}
    return {printable(name): value for name, value in (text | others).items()}


def parsed(text: str | bytes) -> Any:
    """What JSON says, bytes as UTF-8. Unusable for anything else."""
    try:
        return _DECODER.decode(text if isinstance(text, str) else text.decode())
    except UnicodeDecodeError:
        raise Unusable("bytes that are not UTF-8") from None
    except json.JSONDecodeError:
        raise Unusable("text that is not JSON") from None
    except RecursionError:
        raise Unusable("JSON that is nested too deeply") from None
    except Unusable:
        raise
    except ValueError:  # Python refuses to read more than some thousand digits
        raise Unusable("a whole number of too many digits") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object that names a key twice says two things: which one holds is anybody's guess."""
    data = dict(pairs)
    if len(data) < len(pairs):
        raise Unusable("JSON with a key twice in one object")
    return data


_DECODER = json.JSONDecoder(object_pairs_hook=_unique)
