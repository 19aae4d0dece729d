"""The history: timelines with their series, what changed in them, and the charts that show it."""

from dataclasses import dataclass
from typing import Any

from ...history.changes import CONFIRMED
from ...history.model import MEMORY, QUANTITIES, RATIO
from .model import GROUPS, PageModel, Section
from .packing import packed
from .sketch import chart, spark
from .text import ABSENT, NAME, figure, moment, plural, positive, shortened

SYMBOLS = dict(zip(GROUPS, ("✗", "?", "✓", "!", "…", "="), strict=True))
# Charts of series that changed which stand on the page from the start; all series can be chosen.
CHARTS = 24
# What a user minds: quantity -> (worse, better).
WORDS = {RATIO: ("lower", "higher"), MEMORY: ("more", "less")}
SLOWER = ("slower", "faster")


@dataclass(frozen=True)
class Told:
    """A change in words: ``jit 5.2 % slower``, since when, when it was found, and what came with it."""

    id: str
    symbol: str
    tier: str
    words: str
    since: str
    found: str
    blame: str
    beside: str
    acknowledged: str


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
        title=_machine(t),
        facts=_facts(t),
        marks=[f"{_when(t, i)}: {words}" for i, words in t["marks"]],
        changed=plural(len(t["marks"]), "version") + " changed",
        machine=[_told(t, c) for c in t["machine_changes"]],
        rows=[_row(t, s) for _, s in order],
        charts=charts,
        more=f"and {plural(left, 'more chart')} of series that changed, to be chosen below" if left > 0 else "",
    )


def _machine(t: dict[str, Any]) -> str:
    told = [t["machine"].get("cpu") or t["key"], t["machine"].get("gpu"), f"branch {t['branch']}"]
    return ", ".join(shortened(str(p), NAME) for p in told if p)


def _facts(t: dict[str, Any]) -> str:
    runs = t["runs"]
    dates = f", {moment(runs[0]['started'])} to {moment(runs[-1]['started'])}" if runs else ""
    floor = positive(t.get("floor"))
    least = f"; differences below {figure(100 * floor)} % are noise" if floor else ""
    return f"{plural(len(runs), 'run')}{dates}; {len(t['series'])} series; machine {shortened(t['key'], NAME)}{least}"


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
        changes=[_told(t, c) for c in s["changes"]],
    )


def _chart(number: int, t: dict[str, Any], i: int, s: dict[str, Any], quantity: str) -> Chart:
    changes = [c for c in s["changes"] if c["quantity"] == quantity]
    name = f"{s['bench']['id']} {s['bench']['pass_']}"
    picture = chart(s["values"][quantity], [c["run"] for c in changes], quantity, [r["started"] for r in t["runs"]])
    return Chart(number, i, quantity, name, [_told(t, c) for c in changes], picture)


def _told(t: dict[str, Any], c: dict[str, Any]) -> Told:
    accepted = c.get("acknowledged")
    return Told(
        id=str(c.get("id", "")),
        symbol=("✗" if c["tier"] == CONFIRMED else "?") if c["worse"] else "✓",
        tier=c["tier"],
        words=in_words(c),
        since=_when(t, c["run"]),
        found=_when(t, c["found"]),
        blame=c["blame"],
        beside=", ".join(c["beside"]),
        acknowledged=f"accepted by {accepted['who']}: {accepted['why']}" if accepted else "",
    )


def in_words(change: dict[str, Any]) -> str:
    """``jit 5.2 % slower``, ``ratio 40 % lower``, ``memory 3.2 times``."""
    worse, better = WORDS.get(change["quantity"], SLOWER)
    factor = change["factor"]
    much = f"{figure(factor)} times" if factor >= 2 else f"{figure(100 * abs(factor - 1))} %"
    return f"{change['quantity']} {much} {worse if change['worse'] else better}"


def _when(t: dict[str, Any], i: int) -> str:
    """The run's start, and its commit where that is known."""
    run = t["runs"][i]
    commit = str(run.get("commit") or "")[:7]
    return f"{moment(run['started'])}{f' ({commit})' if commit else ''}"


def _script(t: dict[str, Any]) -> dict[str, Any]:
    """What page.js draws charts of, in few characters."""
    return {
        "title": _machine(t),
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
