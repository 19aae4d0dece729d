"""The run as text for the terminal: coverage, verdict table, findings. Pure functions from the model to lines."""

from collections.abc import Callable
from typing import Any

from ..findings import Finding
from ..kernels import terminal as kernels
from ..kernels.model import TABLE
from .model import Run

SYMBOLS = {
    "pass": ".",
    "discrepancy": "D",
    "inconclusive": "?",
    "unsupported": "u",
    "failed": "F",
    "error": "E",
    "xfailed": "x",
    "xpassed": "X",
    "skipped": "s",
}
NOT_RUN = " "

# A table longer than this keeps only the rows in which something happened.
LONGEST_TABLE = 120
# Of a table that tests filled so many rows are shown.
SHOWN = 20
WORST = 3
OUTCOMES = ("passed", "failed", "error", "xfailed", "xpassed", "skipped")


def summary(run: Run) -> list[str]:
    """Everything the end of a run says, in reading order."""
    problems = [f"ERROR: {p}" for p in run.problems]
    return [*coverage(run), "", *verdict_table(run), *tables(run), "", *findings(run), *problems]


def coverage(run: Run) -> list[str]:
    """target x outcome, then the reasons of what was skipped."""
    counts = run.coverage()
    width = max([len("target"), *map(len, counts)])
    shown = [o for o in OUTCOMES if any(c[o] for c in counts.values())] or ["passed"]
    lines = ["target".ljust(width) + "".join(f"{o:>9s}" for o in shown)]
    lines += [t.ljust(width) + "".join(f"{c[o]:>9d}" for o in shown) for t, c in counts.items()]
    reasons = [(t, reason, n) for t, row in run.skips().items() for reason, n in row.items()]
    return lines + [f"skipped on {t}: {reason}" + (f" ({n} times)" if n > 1 else "") for t, reason, n in reasons]


def verdict_table(run: Run) -> list[str]:
    """op x target, one letter each; a long table leaves out the rows that pass everywhere."""
    matrix, columns = run.matrix(), run.columns()
    rows = {label: [SYMBOLS[row[t]] if t in row else NOT_RUN for t in columns] for label, row in matrix.items()}
    quiet = [label for label, cells in rows.items() if set(cells) <= {SYMBOLS["pass"], NOT_RUN}]
    hidden = set(quiet) if len(rows) > LONGEST_TABLE else set()
    width = max([len("op"), *(len(label) for label in rows if label not in hidden)])
    letters = _letters(len(columns))
    lines = [f"{'':{width}s}  {letter} {t}" for letter, t in zip(letters, columns, strict=True)]
    drawn = [("op", letters), *((label, cells) for label, cells in rows.items() if label not in hidden)]
    lines += [label.ljust(width) + "  " + _spaced(cells, len(letters[0])) for label, cells in drawn]
    folded = [f"and {len(hidden)} more that pass wherever they ran"] if hidden else []
    return [*lines, *folded, _legend(rows), counts(run)]


def counts(run: Run) -> str:
    """Verdicts over all cells of the table."""
    cells = [status for row in run.matrix().values() for status in row.values()]
    told = [f"{cells.count(s)} {s}" for s in SYMBOLS if s in cells]
    return f"{len(cells)} op-target pairs: {', '.join(told) or 'none'}"


def tables(run: Run) -> list[str]:
    """The tables that tests filled row by row."""
    return [line for name, rows in run.tables().items() for line in ("", *DRAWN.get(name, table)(name, rows))]


def table(name: str, rows: list[dict[str, Any]]) -> list[str]:
    """Its name, then a line for each row, the columns in the order they first came."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [columns, *([_cell(row.get(c, "")) for c in columns] for row in rows[:SHOWN])]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    drawn = ["  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)).rstrip() for line in cells]
    more = [f"{len(rows) - SHOWN} more rows in the report (--fw-report=DIR)"] if len(rows) > SHOWN else []
    return [name, *drawn, *more]


def kernel_tables(name: str, rows: list[dict[str, Any]]) -> list[str]:
    return [name, *kernels.summary(kernels.of_rows(rows))]


# Tables that are drawn in a way of their own.
DRAWN: dict[str, Callable[[str, list[dict[str, Any]]], list[str]]] = {TABLE: kernel_tables}


def findings(run: Run) -> list[str]:
    """The worst in full, the others in a line each."""
    found = run.findings()
    if not found:
        return []
    lines = [f"{len(found)} finding{'s' if len(found) > 1 else ''}, the worst first"]
    for finding in found[:WORST]:
        lines += ["", *in_full(finding)]
    return [*lines, "", *(in_a_line(f) for f in found[WORST:])]


def in_full(finding: Finding) -> list[str]:
    from ..gradients.report import explain

    return [f"{finding.op}: {explain(finding.check, finding.target)}", f"  again     {finding.command}"]


def in_a_line(finding: Finding) -> str:
    c = finding.check
    error = f"error {c.error:.3g}, allowed {c.bound:.3g}" if c.error is not None and c.bound is not None else c.note
    return f"{finding.op} on {finding.target}: {c.what} against the {c.oracle}, {error}"


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _spaced(cells: list[str], width: int) -> str:
    return " ".join(cell.ljust(width) for cell in cells)


def _letters(n: int) -> list[str]:
    """a, b, ..., z, A, ..., Z: a column's name in one character, in two where there are more columns than that."""
    one = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return list(one[:n]) if n <= len(one) else [a + b for a in one for b in one][:n]


def _legend(rows: dict[str, list[str]]) -> str:
    used = {cell for cells in rows.values() for cell in cells}
    told = [f"{symbol} {name}" for name, symbol in SYMBOLS.items() if symbol in used]
    return "  ".join(told)
