"""torch against jax through the same reference: error over bound by op, and errors in ulp."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ...kernels.svg import Picture, Scale, cut
from ..text import figure, number
from .findings import excess
from .model import PageModel, Section

FRAMEWORKS = ("torch", "jax")
# Error over bound on both axes of the picture; what lies beyond stands at its rim.
LEAST, MOST = 1e-4, 1e2
TITLE = "Worst error over its bound: above the diagonal jax is worse, below it torch"
SIDE, LEFT, TOP, BOTTOM = 300.0, 110.0, 84.0, 60.0
# The worst ops are named where their names leave each other room: so many pixels.
NAMED, ROOM = 12, (110, 14)
# The strip of a row: 100 wide, from a tenth of an ulp to ten million.
STRIP = Scale(0.1, 1e7, 2, 98)


@dataclass(frozen=True)
class Worst:
    """The worst of one framework: how bad, and where it was seen."""

    value: float
    where: str = ""

    def __str__(self) -> str:
        return figure(self.value)


@dataclass(frozen=True)
class Pair:
    """One op (and what of it): the worst of each framework that has it."""

    op: str
    by: dict[str, Worst]
    what: str = ""

    @property
    def worst(self) -> float:
        return max(w.value for w in self.by.values())

    @property
    def where(self) -> str:
        """Where the worst of all was seen."""
        return max(self.by.values(), key=lambda worst: worst.value).where

    @property
    def strip(self) -> list[tuple[int, int]]:
        """The frameworks' places on the strip, with the number of their colour."""
        return [(i, round(_on(STRIP, self.by[fw].value))) for i, fw in enumerate(FRAMEWORKS) if fw in self.by]


@dataclass(frozen=True)
class Both:
    """The table, and its picture; that is empty where no op has both frameworks."""

    pairs: list[Pair]
    picture: str


def both(model: PageModel) -> Section | None:
    """Error over bound of the worst check of each op, by framework; None where none has a bound."""
    judged = ((t, c) for t in model.tests for c in t["checks"] if number(c["bound"]))
    told = ((t["label"], t["target"], Worst(excess(c), f"{c['what']}, {_short(t['target'])}")) for t, c in judged)
    pairs = _pairs(((op, ""), target, worst) for op, target, worst in told)
    return Section("both", "torch and jax against one reference", Both(pairs, _picture(pairs))) if pairs else None


def ulp(model: PageModel) -> Section | None:
    """The rows of the table ``ulp``: the worst of each framework; None where there are none."""
    rows = [(r, number(r.get("worst"))) for r in model.tables.get("ulp", [])]
    told = (((str(r["op"]), str(r.get("what", ""))), str(r["target"]), Worst(w)) for r, w in rows if w is not None)
    pairs = _pairs(told)
    return Section("ulp", "Accuracy in ulp", pairs) if pairs else None


def _pairs(found: Iterable[tuple[tuple[str, str], str, Worst]]) -> list[Pair]:
    """The worst first."""
    by_op: dict[tuple[str, str], dict[str, Worst]] = {}
    for key, target, worst in found:
        own, fw = by_op.setdefault(key, {}), target.partition("-")[0]
        if fw in FRAMEWORKS and (fw not in own or worst.value > own[fw].value):
            own[fw] = worst
    return sorted((Pair(op, by, what) for (op, what), by in by_op.items() if by), key=lambda p: -p.worst)


def _short(target: str) -> str:
    """The target without its device: ``torch float32 eager``."""
    framework, _, *rest = target.split("-") if "-" in target else (target, "")
    return " ".join([framework, *rest])


def _on(scale: Scale, value: float) -> float:
    return scale(min(max(value, scale.low), scale.high))


def _picture(pairs: list[Pair]) -> str:
    """Ops as dots: right is worse in torch, up is worse in jax. Empty where no op has both."""
    shared = [p for p in pairs if len(p.by) == len(FRAMEWORKS)]
    if not shared:
        return ""
    picture = Picture(TITLE, TOP + SIDE + BOTTOM)
    x, y = Scale(LEAST, MOST, LEFT, LEFT + 2 * SIDE), Scale(LEAST, MOST, TOP + SIDE, TOP)
    _frame(picture, x, y)
    places = [(_on(x, p.by["torch"].value), _on(y, p.by["jax"].value)) for p in shared]
    dots = "".join(f"M{a:.0f} {b:.0f}h0" for a, b in places)
    picture.group(1, [f'<path class="dots" d="{dots}"/>'])
    for i, (a, b) in enumerate(places[:NAMED]):
        if not any(abs(a - c) < ROOM[0] and abs(b - d) < ROOM[1] for c, d in places[:i]):
            picture.text(a + 7, b + 4, cut(shared[i].op, 150), "faint")
    return str(picture)


def _frame(picture: Picture, x: Scale, y: Scale) -> None:
    """A grid at powers of ten, the diagonal, and the bound in both directions."""
    picture.line(x.start, y.start, x.end, y.end, "grid")
    powers = [10.0**e for e in range(round(math.log10(LEAST)), round(math.log10(MOST)) + 1)]
    for power in powers:
        kind = "axis" if power == 1 else "grid"
        picture.line(x(power), y.start, x(power), y.end, kind)
        picture.line(x.start, y(power), x.end, y(power), kind)
        picture.text(x(power), y.start + 18, _tick(power), "faint", "middle")
        picture.text(x.start - 8, y(power) + 4, _tick(power), "faint", "end")
    picture.text((x.start + x.end) / 2, y.start + 40, "torch: error over bound", "", "middle")
    picture.text(16, y.end - 24, "jax: error over bound")


_tick: Callable[[float], str] = "{:g}".format
