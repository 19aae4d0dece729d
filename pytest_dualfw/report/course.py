"""The course of a series over its runs as a static SVG: its numbers, its steps, the versions that changed."""

from collections.abc import Callable, Iterator
from typing import Any

from ..history.model import COMPILE, MEMORY, RATIO
from ..kernels import units
from ..kernels.svg import WIDTH, Picture, Scale, line
from .text import moment, positive
from .words import told

HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 300, 92, 24, 64, 44
# A label on the axis of time needs so many pixels.
ROOM = 110
COLOURS = {RATIO: 2, COMPILE: 3, MEMORY: 3}
UNITS: dict[str, Callable[[float], str]] = {RATIO: units.times, MEMORY: units.memory}


def courses(nights: dict[str, Any]) -> dict[str, str]:
    """File name -> SVG, of each quantity of each series that changed; ``nights`` as ``Nights.to_json`` has them."""
    drawn: dict[str, str] = {}
    for timeline in nights["timelines"]:
        for series in timeline["series"]:
            for quantity in dict.fromkeys(c["quantity"] for c in series["changes"]):
                steps = [c for c in series["changes"] if c["quantity"] == quantity]
                drawn[f"change-{steps[-1]['id']}.svg"] = course(timeline, series, quantity)
    return drawn


def course(timeline: dict[str, Any], series: dict[str, Any], quantity: str) -> str:
    """One quantity; its axis is logarithmic, as changes are factors."""
    values = {i: v for i, v in enumerate(map(positive, series["values"][quantity])) if v is not None}
    picture = Picture(f"{series['bench']['id']} {series['bench']['pass_']}: {quantity}", HEIGHT)
    if not values:
        return str(picture)
    low, high = min(values.values()), max(values.values())
    y = Scale(low / 1.02, high * 1.02, HEIGHT - BOTTOM, TOP)
    x = _across(len(timeline["runs"]))
    _axes(picture, timeline, (x, y), UNITS.get(quantity, units.seconds))
    _marks(picture, timeline, x)
    points = " ".join(f"{x(i):.1f},{y(v):.1f}" for i, v in values.items())
    dots = [f'<circle class="filled" cx="{x(i):.1f}" cy="{y(v):.1f}" r="2"/>' for i, v in values.items()]
    picture.group(COLOURS.get(quantity, 1), [f'<polyline class="line" points="{points}"/>', *dots])
    _steps(picture, timeline, [c for c in series["changes"] if c["quantity"] == quantity], x)
    return str(picture)


def _across(runs: int) -> Callable[[float], float]:
    step = (WIDTH - LEFT - RIGHT) / max(runs - 1, 1)
    return lambda i: LEFT + i * step


def _axes(
    picture: Picture,
    timeline: dict[str, Any],
    scales: tuple[Callable[[float], float], Scale],
    unit: Callable[[float], str],
) -> None:
    x, y = scales
    for at in (y.low, (y.low * y.high) ** 0.5, y.high):
        picture.line(LEFT, y(at), WIDTH - RIGHT, y(at), "grid")
        picture.text(LEFT - 8, y(at) + 4, unit(at), "faint", "end")
    picture.line(LEFT, y.start, WIDTH - RIGHT, y.start, "axis")
    for i in _told_apart(len(timeline["runs"]), x):
        picture.text(x(i), y.start + 20, moment(timeline["runs"][i]["started"])[:10], "faint", "middle")


def _told_apart(runs: int, x: Callable[[float], float]) -> Iterator[int]:
    """Runs whose dates have room beside each other."""
    free = 0.0
    for i in range(runs):
        if x(i) >= free:
            yield i
            free = x(i) + ROOM


def _marks(picture: Picture, timeline: dict[str, Any], x: Callable[[float], float]) -> None:
    by_run: dict[int, list[str]] = {}
    for run, words in timeline["marks"]:
        by_run.setdefault(run, []).append(words)
    for run, changed in by_run.items():
        at = x(run - 0.5)
        picture.group(3, [line(at, TOP, at, HEIGHT - BOTTOM, "line dashed")], ", ".join(changed))


def _steps(
    picture: Picture, timeline: dict[str, Any], changes: list[dict[str, Any]], x: Callable[[float], float]
) -> None:
    """Below the title, each where it begins."""
    for change in changes:
        found, at = told(timeline, change), x(change["run"] - 0.5)
        tooltip = "; ".join(filter(None, (found.words, found.since, found.tier, found.blame, found.beside)))
        picture.group(0, [line(at, TOP - 8, at, HEIGHT - BOTTOM, "line")], tooltip)
        right = at > WIDTH / 2
        picture.text(at, TOP - 12, f"{found.symbol} {found.words}", "strong", "end" if right else "start")
