"""op x target: a symbol for each verdict, with what to filter by."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..model import STATUSES
from .model import PASS, PageModel, Section, place

# Never told by colour alone. What passes is the ground on which the rest stands out.
SYMBOLS = {
    "discrepancy": "D",
    "failed": "F",
    "error": "E",
    "inconclusive": "?",
    "unsupported": "u",
    "xfailed": "x",
    "xpassed": "X",
    "skipped": "s",
    PASS: "✓",
}
PARTS = ("framework", "device", "dtype", "mode")


@dataclass(frozen=True)
class Cell:
    """A status (empty: did not run), its symbol, and the anchor that tells of it (empty: nothing to tell)."""

    status: str = ""
    symbol: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Matrix:
    """``choices`` are the values of each part of a target that there are several of; ``used`` the statuses seen."""

    targets: list[str]
    rows: list[tuple[str, list[Cell]]]
    choices: dict[str, list[str]]
    used: list[str]

    @property
    def legend(self) -> list[tuple[str, str]]:
        return [(s, SYMBOLS[s]) for s in self.used]


def section(model: PageModel) -> Section | None:
    """The worst rows first; None without a run."""
    if not (model.run and model.run["matrix"]):
        return None
    cells: dict[str, dict[str, str]] = model.run["matrix"]
    targets = list(dict.fromkeys([*model.run["targets"], *(t for row in cells.values() for t in row)]))
    places = _places(model)
    told = {op: [(t, row.get(t, "")) for t in targets] for op, row in cells.items()}
    rows = [(op, [_cell(s, places.get((op, t, s), "")) for t, s in row]) for op, row in told.items()]
    used = [s for s in STATUSES if any(s in row.values() for row in cells.values())]
    matrix = Matrix(targets, sorted(rows, key=_worst), _choices(targets), used)
    return Section("matrix", "Every op on every target", matrix)


def _places(model: PageModel) -> dict[tuple[str, str, str], str]:
    """(op, target, status) -> the anchor of the first test that ended so."""
    found: dict[tuple[str, str, str], str] = {}
    for t in model.tests:
        if t["status"] != PASS:
            found.setdefault((t["label"], t["target"], t["status"]), place(t))
    return found


def _cell(status: str, anchor: str) -> Cell:
    return Cell(status, SYMBOLS[status], anchor) if status else Cell()


def _worst(row: tuple[str, list[Cell]]) -> int:
    return min((STATUSES.index(c.status) for c in row[1] if c.status), default=len(STATUSES))


def _choices(targets: Iterable[str]) -> dict[str, list[str]]:
    parts = [t.split("-") for t in targets if t.count("-") == len(PARTS) - 1]
    found = {name: list(dict.fromkeys(p[i] for p in parts)) for i, name in enumerate(PARTS)}
    return {name: values for name, values in found.items() if len(values) > 1}
