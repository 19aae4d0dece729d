"""Two sides held against each other, as a table: in the terminal, and in Markdown. Pure functions."""

from collections.abc import Iterator

from ..history.comparison import CONFIRMED, SUSPECT, Comparison, Difference
from ..history.model import MEMORY, RATIO
from ..kernels import units
from .markdown import plain
from .text import plural

UNITS = {RATIO: units.times, MEMORY: units.memory}
HEAD = ("bench", "quantity", "before", "after", "factor", "runs", "p", "")
# More rows than this are counted.
SHOWN = 50


def lines(found: Comparison) -> list[str]:
    """What differs, the surest first, then the count."""
    rows = [HEAD, *map(_cells, _told(found))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    table = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [*(table if len(rows) > 1 else []), *_closing(found)]


def markdown(found: Comparison) -> str:
    """The same as a table of Markdown."""
    rows = [HEAD, ("---",) * len(HEAD), *(tuple(map(plain, _cells(d))) for d in _told(found))]
    table = [f"| {' | '.join(row)} |" for row in rows] if len(rows) > 2 else []
    return "\n".join(["# Kernels compared", "", *table, "", *map(plain, _closing(found))]) + "\n"


def _told(found: Comparison) -> list[Difference]:
    told = [d for verdict in (CONFIRMED, SUSPECT) for d in found.differences if d.verdict == verdict]
    return sorted(told, key=lambda d: (not d.worse, d.verdict != CONFIRMED))[:SHOWN]


def _cells(d: Difference) -> tuple[str, ...]:
    unit = UNITS.get(d.quantity, units.seconds)
    numbers = (unit(d.before), unit(d.after), f"{d.factor:.3f}", str(d.runs), f"{d.p:.1e}" if d.p < 1 else "-")
    return (d.bench, d.quantity, *numbers, f"{d.verdict}, {'worse' if d.worse else 'better'}")


def _closing(found: Comparison) -> Iterator[str]:
    told = [d for d in found.differences if d.verdict in (CONFIRMED, SUSPECT)]
    if len(told) > SHOWN:
        yield f"and {len(told) - SHOWN} more"
    if found.note:
        yield found.note
    if found.alone:
        yield f"on one side only: {', '.join(found.alone[:3])}{', ...' if len(found.alone) > 3 else ''}"
    worse = [len(found.worse(verdict)) for verdict in (CONFIRMED, SUSPECT)]
    better = len(told) - sum(worse)
    compared = plural(len(found.differences), "number")
    yield f"{compared} compared: {worse[0]} worse, {worse[1]} suspect, {better} better"
