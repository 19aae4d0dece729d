"""The run's kernels: eager beside jit, the speed-up with its interval, compile time."""

import math
from dataclasses import dataclass
from typing import Any

from ...kernels import units
from ...kernels.model import CHECKED, FORWARD
from ...kernels.svg import Scale
from ..text import ABSENT, number, plural, positive
from .model import PageModel, Section

# The axis shows at least so much, lest noise around 1 look like a result.
LEAST, MOST = 0.5, 2.0
WIDTH = 110
SYMBOLS = {"ok": "✓", "noisy": "~", "invalid": "✗", "skipped": "s"}


@dataclass(frozen=True)
class Bar:
    """The places on the axis of the interval's ends and of the ratio."""

    low: int
    at: int
    high: int


@dataclass(frozen=True)
class Row:
    """One pass of one kernel: text for each column, and its bar where there is a number."""

    kernel: str
    pass_: str
    symbol: str
    status: str
    eager: str
    jit: str
    ratio: str
    interval: str
    bar: Bar | None
    compile: str
    roofline: str
    reasons: str


@dataclass(frozen=True)
class Speed:
    """``one`` is the place on the axis where jit is as fast as eager."""

    rows: list[Row]
    one: int
    note: str


def section(model: PageModel) -> Section | None:
    """Kernels in the order they ran; None where there is none."""
    if not model.kernels:
        return None
    shown = [line for line in model.kernels if line.get("status") != CHECKED]
    checked = len(model.kernels) - len(shown)
    note = f"{plural(checked, 'measurement')} checked and not timed." if checked else ""
    scale = _scale(shown)
    return Section(
        "speed", "Kernels: jit against eager", Speed([_row(line, scale) for line in shown], round(scale(1.0)), note)
    )


def within(line: dict[str, Any], part: str, name: str) -> Any:
    """A field of a part of a line; None where the line has no such part."""
    found = line.get(part)
    return found.get(name) if isinstance(found, dict) else None


def named(line: dict[str, Any]) -> str:
    return str(within(line, "bench", "id") or ABSENT)


def _scale(lines: list[dict[str, Any]]) -> Scale:
    ends = [e for line in lines for e in (positive(within(line, "ratio", k)) for k in ("lo", "median", "hi")) if e]
    return Scale(min([LEAST, *ends]), max([MOST, *ends]), 4, WIDTH - 4)


def _row(line: dict[str, Any], scale: Scale) -> Row:
    ratio, low, high = (positive(within(line, "ratio", key)) for key in ("median", "lo", "hi"))
    status = str(line.get("status", "ok"))
    return Row(
        kernel=named(line),
        pass_=str(line.get("pass", FORWARD)),
        symbol=SYMBOLS.get(status, "?"),
        status=status,
        eager=_seconds(within(line, "eager", "median")),
        jit=_seconds(within(line, "jit", "median")),
        ratio=f"{units.times(ratio)}x" if ratio else ABSENT,
        interval=f"{units.times(low)} to {units.times(high)}" if low and high else "",
        bar=_bar(scale, ratio, low or ratio, high or ratio) if ratio else None,
        compile=_seconds(within(line, "compile", "first")),
        roofline=_percent(line.get("roofline_pct")),
        reasons="; ".join(map(str, line.get("reasons") or [])),
    )


def _bar(scale: Scale, ratio: float, low: float | None, high: float | None) -> Bar:
    return Bar(*(round(scale(v or ratio)) for v in (low, ratio, high)))


def _seconds(value: Any) -> str:
    found = positive(value)
    return units.seconds(found) if found else ABSENT


def _percent(value: Any) -> str:
    found = number(value)
    return ABSENT if found is None or not 0 <= found < math.inf else units.percent(found / 100)
