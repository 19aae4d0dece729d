"""The history: timelines with their series, what changed in them, and the charts that show it."""

from dataclasses import dataclass
from typing import Any

from ...history.model import QUANTITIES, RATIO
from ...history.standing import GROUPS
from ..text import ABSENT, NAME, figure, moment, plural, positive, shortened
from ..words import SYMBOLS, Told, facts, in_words, machine, told, when
from .model import PageModel, Section
from .packing import packed
from .sketch import chart, spark

# Charts of series that changed which stand on the page from the start; all series can be chosen.
CHARTS = 24


@dataclass(frozen=True)
class Row:
    """A series: the group it was judged into, its latest ratio, its course, what changed."""

    name: str
    pass_: str
    symbol: str
    group: str
    latest: str
    spark: str
    changes: list[Told]


@dataclass(frozen=True)
class Chart:
    """One quantity of one series that changed; timeline and series by number, as page.js finds them."""

    timeline: int
    series: int
    quantity: str
    name: str
    changes: list[Told]
    picture: str


@dataclass(frozen=True)
class View:
    """One timeline as it is drawn; ``more`` says how many charts wait to be chosen."""

    title: str
    facts: str
    marks: list[str]
    changed: str
    machine: list[Told]
    rows: list[Row]
    charts: list[Chart]
    more: str


def section(model: PageModel) -> Section | None:
    """None without a history."""
    if not (model.nights and model.timelines):
        return None
    views = [_view(i, t) for i, t in enumerate(model.timelines)]
    return Section("nights", "History", views, [_script(t) for t in model.timelines])


def _view(number: int, t: dict[str, Any]) -> View:
    series = list(enumerate(t["series"]))
    order = sorted(series, key=lambda s: GROUPS.index(s[1]["group"]))
    pairs = [(i, s, q) for i, s in order for q in QUANTITIES if any(c["quantity"] == q for c in s["changes"])]
    charts = [_chart(number, t, *pair) for pair in pairs[:CHARTS]]
    left = len(pairs) - CHARTS
    return View(
        title=machine(t),
        facts=facts(t),
        marks=[f"{when(t, i)}: {words}" for i, words in t["marks"]],
        changed=plural(len(t["marks"]), "version") + " changed",
        machine=[told(t, c) for c in t["machine_changes"]],
        rows=[_row(t, s) for _, s in order],
        charts=charts,
        more=f"and {plural(left, 'more chart')} of series that changed, to be chosen below" if left > 0 else "",
    )


def _row(t: dict[str, Any], s: dict[str, Any]) -> Row:
    bench, values = s["bench"], s["values"]
    known = [v for v in map(positive, values.get(RATIO, [])) if v]
    shown = RATIO if known else next((q for q in QUANTITIES if any(values.get(q, []))), RATIO)
    return Row(
        name=bench["id"],
        pass_=bench["pass_"],
        symbol=SYMBOLS[s["group"]],
        group=s["group"],
        latest=f"{figure(known[-1])}x" if known else ABSENT,
        spark=spark(values.get(shown, []), [c["run"] for c in s["changes"] if c["quantity"] == shown]),
        changes=[told(t, c) for c in s["changes"]],
    )


def _chart(number: int, t: dict[str, Any], i: int, s: dict[str, Any], quantity: str) -> Chart:
    changes = [c for c in s["changes"] if c["quantity"] == quantity]
    name = f"{s['bench']['id']} {s['bench']['pass_']}"
    picture = chart(s["values"][quantity], [c["run"] for c in changes], quantity, [r["started"] for r in t["runs"]])
    return Chart(number, i, quantity, name, [told(t, c) for c in changes], picture)


def _script(t: dict[str, Any]) -> dict[str, Any]:
    """What page.js draws charts of, in few characters."""
    return {
        "title": machine(t),
        "runs": [[moment(r["started"]), str(r.get("commit") or "")[:7]] for r in t["runs"]],
        "marks": [[i, shortened(words, NAME)] for i, words in t["marks"]],
        "series": [_packed(t, s) for s in t["series"]],
    }


def _packed(t: dict[str, Any], s: dict[str, Any]) -> dict[str, Any]:
    values = {q: packed(v) for q, v in s["values"].items() if any(v)}
    tiers = [shortened(c["tier"], NAME) for c in s["changes"]]
    steps = [(c["quantity"], c["run"], in_words(c), bool(c["worse"])) for c in s["changes"]]
    odd = {i: shortened(status, NAME) for i, status in enumerate(s["status"]) if status not in ("", "ok")}
    return {
        "name": shortened(f"{s['bench']['id']} {s['bench']['pass_']}", NAME),
        "group": s["group"],
        "values": values,
        "low": packed(s["low"]),
        "high": packed(s["high"]),
        "status": odd,
        "changes": [[*step, tier] for step, tier in zip(steps, tiers, strict=True)],
    }
