"""Tables that tests filled and no other section draws."""

from dataclasses import dataclass
from typing import Any

from ...kernels.model import TABLE as KERNELS
from ..text import figure, plural, shortened
from . import catalogue, training
from .model import PageModel, Section

SHOWN, CELL = 50, 200
DRAWN = (KERNELS, "ulp", catalogue.TABLE)


@dataclass(frozen=True)
class Table:
    """``more`` says how many rows are left to report.json."""

    name: str
    columns: list[str]
    rows: list[list[str]]
    more: str


def section(model: PageModel) -> Section | None:
    left = {name: rows for name, rows in model.tables.items() if name not in DRAWN and not training.is_training(rows)}
    return Section("tables", "Other tables", [_table(*item) for item in left.items()]) if left else None


def _table(name: str, rows: list[dict[str, Any]]) -> Table:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[_cell(row.get(c)) for c in columns] for row in rows[:SHOWN]]
    left = len(rows) - SHOWN
    return Table(name, columns, cells, f"and {plural(left, 'more row')} in report.json" if left > 0 else "")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return figure(value) if isinstance(value, float) else shortened(str(value), CELL)
