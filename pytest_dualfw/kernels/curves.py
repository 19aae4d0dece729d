"""Time of one call against size, both axes logarithmic: a line for each framework and mode. Pure functions to SVG."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..target import MODES
from . import units
from .line import in_words
from .model import PASSES, KernelTiming, Side
from .svg import CHARACTER, WIDTH, Picture, Scale, cut, line
from .terminal import by, named

HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 400, 118, 62, 76, 28
BETWEEN = 84  # panels


@dataclass(frozen=True)
class Sizes:
    """The horizontal axis: its name, where the parameters of a timing stand on it, and what is written there."""

    name: str
    at: dict[str, float]
    words: dict[float, str]


@dataclass(frozen=True)
class Panel:
    """One pass: where on the picture, and the two axes."""

    which: str
    x: Scale
    y: Scale


def times(timings: Iterable[KernelTiming]) -> str:
    """Median and quartiles of one kernel on one device and dtype at several sizes; forward, and beside it forward and
    backward. Empty where there are not two sizes with a number.
    """
    found = [t for t in timings if any(m.eager for m in t.passes)]
    sizes = sizes_of(found)
    if len(sizes.words) < 2:
        return ""
    t = found[0]
    picture = Picture(f"{t.kernel}, time of one call against size, {t.device} {t.dtype}", HEIGHT)
    picture.text(16, 48, "medians, with the quartiles as upright strokes; both axes logarithmic", "faint")
    frameworks = {t.framework: by(t) for t in found}
    _legend(picture, frameworks)
    for panel in _panels(found, sizes):
        _axes(picture, panel, sizes)
        for i, name in enumerate(frameworks):
            for mode in MODES:
                _curve(picture, panel, _points(found, sizes, (name, panel.which, mode)), (i, name, mode))
    return str(picture)


def sizes_of(timings: Sequence[KernelTiming]) -> Sizes:
    """The one number among the parameters that varies, if it tells the sizes apart; where several numbers vary, the
    bytes of one call forward; where nobody counted those, the parameters in the order they were measured.
    """
    params = {in_words(t.params): t.params for t in timings}
    varying = [name for name, values in _values(params.values()).items() if len(values) > 1]
    numbers = [n for n in varying if all(_positive(p.get(n)) for p in params.values())]
    if len(numbers) == 1 and len({p[numbers[0]] for p in params.values()}) == len(params):
        only = numbers[0]
        return _sizes(only, {key: float(p[only]) for key, p in params.items()}, lambda v: f"{v:g}")
    work = {in_words(t.params): t.passes[0].work for t in timings}
    moved = {key: w.bytes for key, w in work.items() if w is not None and w.bytes > 0}
    if len(set(moved.values())) == len(params):
        return _sizes("bytes read and written", moved, units.memory)
    order = {key: 2.0**i for i, key in enumerate(params)}
    return Sizes("", order, {x: key for key, x in order.items()})


def _sizes(name: str, at: dict[str, float], word: Callable[[float], str]) -> Sizes:
    return Sizes(name, at, {x: word(x) for x in sorted(at.values())})


def _values(params: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Parameter -> the values it takes, as text: they need not hash."""
    found: dict[str, set[str]] = {}
    for given in params:
        for name, value in given.items():
            found.setdefault(name, set()).add(repr(value))
    return found


def _positive(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def _panels(timings: Sequence[KernelTiming], sizes: Sizes) -> list[Panel]:
    """Side by side with one vertical scale, so that heights compare."""
    passes = [name for name in PASSES if any(m.name == name and m.eager for t in timings for m in t.passes)]
    sides = [s for t in timings for m in t.passes for s in (m.eager, m.jit) if s]
    low, high = min(s.q1 for s in sides) / 1.25, max(s.q3 for s in sides) * 1.25
    width = (WIDTH - LEFT - RIGHT - BETWEEN * (len(passes) - 1)) / len(passes)
    first, last = min(sizes.words) / 1.2, max(sizes.words) * 1.2
    starts = [LEFT + i * (width + BETWEEN) for i in range(len(passes))]
    y = Scale(low, high, HEIGHT - BOTTOM, TOP)
    return [Panel(name, Scale(first, last, x, x + width), y) for name, x in zip(passes, starts, strict=True)]


def _legend(picture: Picture, frameworks: Mapping[str, str]) -> None:
    x = 16.0
    for i, (name, compiled) in enumerate(frameworks.items()):
        for mode in MODES:
            picture.group(i, [line(x, 69, x + 30, 69, _stroke(mode)), _dot(x + 15, 69, mode)])
            words = f"{named(name)} {mode}{compiled if mode == 'jit' else ''}"
            picture.text(x + 38, 73.5, words)
            x += 56 + CHARACTER * len(words)


def _axes(picture: Picture, panel: Panel, sizes: Sizes) -> None:
    x, y = panel.x, panel.y
    picture.text(x.start, TOP - 14, panel.which, "strong")
    for tick in y.ticks():
        picture.line(x.start, y(tick), x.end, y(tick), "grid")
        picture.text(x.start - 8, y(tick) + 4, units.round_time(tick), "faint", "end")
    picture.line(x.start, y.start, x.end, y.start, "axis")
    free, room = x.start - 30, (x.end - x.start) / len(sizes.words)
    for value, word in sorted(sizes.words.items()):
        told = cut(word, max(room, 60) - 6, 6.6)
        half = 3.3 * len(told)
        picture.line(x(value), y.start, x(value), y.start + 5, "axis")
        if x(value) - half > free:  # a label that would run into the one before is left out
            picture.text(x(value), y.start + 20, told, "faint", "middle")
            free = x(value) + half + 6
    picture.text((x.start + x.end) / 2, y.start + 42, sizes.name, "faint", "middle")


def _points(timings: Sequence[KernelTiming], sizes: Sizes, what: tuple[str, str, str]) -> list[tuple[float, Side, str]]:
    """Place on the axis, the side, the parameters in words; ``what``: framework, pass, mode."""
    framework, which, mode = what
    of_pass = [
        (in_words(t.params), m) for t in timings if t.framework == framework for m in t.passes if m.name == which
    ]
    sides = [(key, m.eager if mode == "eager" else m.jit) for key, m in of_pass]
    return sorted(((sizes.at[key], side, key) for key, side in sides if side), key=lambda point: point[0])


def _curve(picture: Picture, panel: Panel, points: list[tuple[float, Side, str]], what: tuple[int, str, str]) -> None:
    colour, name, mode = what
    if not points:
        return
    path = " ".join(f"{panel.x(x):.1f},{panel.y(side.median):.1f}" for x, side, _ in points)
    picture.group(colour, [f'<polyline class="{_stroke(mode)}" points="{path}"/>'])
    for x, side, params in points:
        at, spread = panel.x(x), (panel.y(side.q1), panel.y(side.q3))
        told = f"{named(name)} {mode}, {params or panel.which}: {units.seconds(side.median)}"
        marks = [line(at, spread[0], at, spread[1], "line"), _dot(at, panel.y(side.median), mode)]
        picture.group(colour, marks, f"{told} (quartiles {units.seconds(side.q1)} to {units.seconds(side.q3)})")


def _stroke(mode: str) -> str:
    return "line dashed" if mode == "eager" else "line"


def _dot(x: float, y: float, mode: str) -> str:
    return f'<circle class="{"hollow" if mode == "eager" else "filled"}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
