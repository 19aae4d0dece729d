"""The verdict as Markdown that fits the summary of a CI step. Pure functions."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..history.standing import GROUPS
from . import words
from .text import plural, shortened
from .words import SYMBOLS, Told

# A summary of GitHub's holds 1 MiB; a reader holds less.
SHOWN, LONGEST = 50, 300
_MARKS = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@$])")

BEFORE_ALL = ("| op | target | error | allowed | again |", "|---|---|---|---|---|")
CHANGES = ("| | series | change | since | blame | beside | id |", "|---|---|---|---|---|---|---|")


def markdown(run: dict[str, Any] | None, nights: dict[str, Any] | None) -> str:
    """``run`` is a report.json, ``nights`` what ``Nights.to_json`` gives; None: there is none. Text of others is
    escaped, so that it shows as it is and makes no table, link or element.
    """
    parts = [*(_run(run) if run else ()), *(_nights(nights) if nights else ())]
    return "\n".join(["# pytest-dualfw", "", *(parts or ["Nothing was tested or measured."])]) + "\n"


def plain(text: str) -> str:
    """Text on one line in which nothing is markup."""
    one_line = " ".join(shortened(text, LONGEST).split())
    return _MARKS.sub(r"\\\1", "".join(c for c in one_line if c.isprintable()))


def _run(run: dict[str, Any]) -> Iterator[str]:
    statuses = [t["status"] for t in run["tests"]]
    counted = [f"{statuses.count(s)} {s}" for s in dict.fromkeys(sorted(statuses))]
    yield f"**{plural(len(run['findings']), 'finding')}** in {plural(len(statuses), 'test')}: {', '.join(counted)}"
    yield ""
    if run["problems"]:
        yield from (*(f"- {plain(problem)}" for problem in run["problems"]), "")
    if run["findings"]:
        yield from BEFORE_ALL
        yield from _cut([_finding(f) for f in run["findings"]], 5)
        yield ""


def _finding(finding: dict[str, Any]) -> str:
    check = finding["check"]
    cells = (finding["op"], finding["target"], check["error"], check["bound"])
    told = (plain(f"{c:.3g}" if isinstance(c, float) else str(c)) for c in cells)
    return f"| {' | '.join(told)} | {plain(finding['command'])} |"


def _nights(nights: dict[str, Any]) -> Iterator[str]:
    counts = nights["counts"]
    yield "## Nights"
    yield ""
    yield f"| {' | '.join(f'{SYMBOLS[g]} {g}' for g in GROUPS)} |"
    yield f"|{'---|' * len(GROUPS)}"
    yield f"| {' | '.join(str(counts[g]) for g in GROUPS)} |"
    for timeline in nights["timelines"]:
        yield from _timeline(timeline)
    yield from _problems(nights["problems"])


def _timeline(timeline: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield f"### {plain(words.machine(timeline))}"
    yield ""
    yield plain(words.facts(timeline))
    rows = [_change("machine", "", words.told(timeline, c)) for c in timeline["machine_changes"]]
    for group, name, changes in words.notable(timeline):
        rows += [_change(SYMBOLS[group], name, c) for c in changes] or [
            f"| {SYMBOLS[group]} | {plain(name)} |{' |' * 5}"
        ]
    if rows:
        yield from ("", *CHANGES, *_cut(rows, 7))


def _change(symbol: str, name: str, change: Told) -> str:
    since = f"{change.since}, {change.tier}"
    told = (
        name,
        change.words,
        since,
        change.blame,
        "; ".join(filter(None, (change.beside, change.acknowledged))),
        change.id,
    )
    return f"| {symbol} | {' | '.join(map(plain, told))} |"


def _problems(problems: list[str]) -> Iterator[str]:
    if problems:
        yield from ("", f"{plural(len(problems), 'problem')} of reading", "")
        yield from (f"- {plain(problem)}" for problem in problems[:SHOWN])
        yield from [f"- and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []


def _cut(rows: list[str], columns: int) -> Iterable[str]:
    more = len(rows) - SHOWN
    return rows if more <= 0 else [*rows[:SHOWN], f"| and {more} more |{' |' * (columns - 1)}"]
