"""The catalogue of divergences that the run saw: one row for each entry, whatever the number of targets."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from ..text import rounded, shortened
from .model import PageModel, Section

TABLE = "catalogue"
CELL = 80


@dataclass(frozen=True)
class Entry:
    """One divergence: the op, what of it diverges, its class, where it was seen first, on how many targets."""

    op: str
    what: str
    kind: str
    at: str
    obtained: str
    truth: str
    targets: int


@dataclass(frozen=True)
class Catalogue:
    """``kinds`` counts the entries of each class."""

    entries: list[Entry]
    kinds: dict[str, int]


def section(model: PageModel) -> Section | None:
    """Entries by id and kind in the order of their ids; None where the run saw none."""
    rows = [r for r in model.tables.get(TABLE, []) if "id" in r]
    if not rows:
        return None
    first = {_key(r): r for r in reversed(rows)}
    times = Counter(map(_key, rows))
    entries = [_entry(first[key], times[key]) for key in sorted(first)]
    return Section("catalogue", "Catalogue of divergences", Catalogue(entries, dict(Counter(e.kind for e in entries))))


def _key(row: dict[str, Any]) -> tuple[str, str]:
    return str(row["id"]), str(row.get("kind", ""))


def _entry(row: dict[str, Any], targets: int) -> Entry:
    """``celu: d/dx: convention: a kink: both`` is an op, and what of it without the class."""
    id_, kind = _key(row)
    op, _, rest = id_.partition(": ")
    what = ": ".join(part for part in rest.split(": ") if part != kind)
    at, obtained, truth = (_cell(row.get(column)) for column in ("at", "obtained", "truth"))
    return Entry(op, what, kind, at, obtained, truth, targets)


def _cell(value: object) -> str:
    return "" if value is None else shortened(rounded(str(value)), CELL)
