"""A series as a static picture: a sparkline for a row, a chart for where no script runs. Pure functions to SVG."""

from collections.abc import Callable, Sequence
from html import escape

from ...history.model import MEMORY, RATIO
from ...kernels import units
from ..text import moment, positive

HEIGHT = 24
CHART_WIDTH, CHART_HEIGHT, LEFT, TOP, BOTTOM = 640, 200, 76, 12, 28


def spark(values: Sequence[float | None], changes: Sequence[int]) -> str:
    """The course of a series, one pixel high for each twentieth of its range; dots where it changed."""
    told = [positive(v) for v in values]
    heights = _heights(told, HEIGHT - 4, 2)
    if not heights:
        return ""
    dots = "".join(f"M{i} {heights[i]}h0" for i in changes if i in heights)
    mark = f'<path class="change" d="{dots}"/>' if dots else ""
    box = f'viewBox="-1 0 {max(len(told) - 1, 1) + 2} {HEIGHT}" preserveAspectRatio=none'
    return f"<svg class=spark {box}>{_course(heights)}{mark}</svg>"


def chart(values: Sequence[float | None], changes: Sequence[int], quantity: str, started: Sequence[str]) -> str:
    """The same with an axis: its least and greatest value, its first and last run."""
    told = [positive(v) for v in values]
    heights = _heights(told, CHART_HEIGHT - TOP - BOTTOM, TOP)
    if not heights:
        return ""
    width = CHART_WIDTH - LEFT - 12
    step = width / max(len(told) - 1, 1)
    across = {i: (round(LEFT + step * i), y) for i, y in heights.items()}
    labels = [*_ends([v for v in told if v], tell(quantity)), *_dates(started)]
    steps = "".join(f"M{across[i][0]} {TOP}V{CHART_HEIGHT - BOTTOM}" for i in changes if i in across)
    points = "".join(f"{'L' if i - 1 in across else 'M'}{x} {y}h0" for i, (x, y) in across.items())
    size = f'viewBox="0 0 {CHART_WIDTH} {CHART_HEIGHT}"'
    drawn = f'{"".join(labels)}<path class="step" d="{steps}"/><path d="{points}"/>'
    return f'<svg class="sketch" {size} aria-hidden="true">{drawn}</svg>'


def _ends(known: list[float], told: Callable[[float], str]) -> list[str]:
    """The greatest number beside the top of the chart, the least beside its bottom."""
    top = _label(LEFT - 8, TOP + 5, told(max(known)), "end")
    return [top, _label(LEFT - 8, CHART_HEIGHT - BOTTOM + 4, told(min(known)), "end")] if len(set(known)) > 1 else [top]


def _dates(started: Sequence[str]) -> list[str]:
    first = _label(LEFT, CHART_HEIGHT - 6, moment(started[0])[:10], "start")
    last = _label(CHART_WIDTH - 12, CHART_HEIGHT - 6, moment(started[-1])[:10], "end")
    return [first, last] if len(started) > 1 else [first]


def tell(quantity: str) -> Callable[[float], str]:
    """How a number of a quantity is written."""
    return {RATIO: units.times, MEMORY: units.memory}.get(quantity, units.seconds)


def _heights(values: Sequence[float | None], room: int, top: int) -> dict[int, int]:
    """Number of the run -> the pixel, greater values higher; runs without a number are left out."""
    known = [v for v in values if v is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    span = high - low or 1.0
    return {i: round(top + room * (high - v) / span) for i, v in enumerate(values) if v is not None}


def _course(heights: dict[int, int]) -> str:
    """A path that moves where a run is missing. Steps are relative, and stand without their letter."""
    told, last, height = "", None, 0
    for i, y in heights.items():
        if last is None:
            told = f"M{i} {y}l0 0"
        else:
            told += f" 1 {y - height}" if i == last + 1 else f"m{i - last} {y - height}l0 0"
        last, height = i, y
    return f'<path d="{told}"/>'.replace(" -", "-")


def _label(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
