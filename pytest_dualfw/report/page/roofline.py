"""The roofline: what each kernel attains under jit, below what the machine would (Williams et al., CACM 52, 2009)."""

from dataclasses import dataclass
from typing import Any

from ...kernels import units
from ...kernels.svg import WIDTH, Picture, Scale, clean
from ..text import figure, plural, positive, shortened
from .accuracy import FRAMEWORKS
from .model import PageModel, Section
from .speed import named, within

LEFT, RIGHT, TOP, BOTTOM, PLOT = 120.0, 32.0, 84.0, 60.0, 320.0
NAME = 60


@dataclass(frozen=True)
class Point:
    """Operations a byte, and a second: those attained, and those the machine attains at such an intensity."""

    name: str
    framework: str
    intensity: float
    attained: float
    roof: float


@dataclass(frozen=True)
class Roofline:
    """``note`` says what could not be drawn."""

    picture: str
    note: str


def section(model: PageModel) -> Section | None:
    """None where no line counts its work beside a roofline."""
    told = [p for p in map(_point, model.kernels) if p]
    if not told:
        return None
    without = sum(1 for ln in model.kernels if positive(ln.get("roofline_pct"))) - len(told)
    note = f"{plural(without, 'measurement')} without floating-point operations not drawn." if without else ""
    return Section("roofline", "Roofline", Roofline(_picture(told), note))


def _point(told: dict[str, Any]) -> Point | None:
    """Each kernel has a roof of its own: the bandwidth is that of the cache which its data fits."""
    flops, moved, share = (positive(told.get(key)) for key in ("flops", "bytes", "roofline_pct"))
    seconds = positive(within(told, "jit", "median"))
    if not (flops and moved and share and seconds):
        return None
    rate = flops / seconds
    name, framework = f"{named(told)} {told.get('pass', '')}", str(within(told, "bench", "framework"))
    return Point(shortened(name, NAME), framework, flops / moved, rate, rate * 100 / share)


def _picture(points: list[Point]) -> str:
    picture = Picture("Attained under jit (dot) below what the machine attains there (bar)", TOP + PLOT + BOTTOM)
    x, y = _scales(points)
    _frame(picture, x, y)
    order = (*FRAMEWORKS, *sorted({p.framework for p in points}))
    frameworks = [f for f in dict.fromkeys(order) if any(p.framework == f for p in points)]
    for i, framework in enumerate(frameworks):
        picture.group(i, [f'<path class="dot" d="M{LEFT + 90 * i + 6} 54h0"/>'])
        picture.text(LEFT + 90 * i + 16, 58, framework, "faint")
    bars = "".join(f"M{x(p.intensity):.0f} {y(p.attained):.0f}V{y(p.roof):.0f}m-5 0h10" for p in points)
    picture.parts.append(f'<path class="roof" d="{bars}"/>')
    for i, framework in enumerate(frameworks):
        picture.group(i, [_dot(p, x, y) for p in points if p.framework == framework])
    return str(picture)


def _scales(points: list[Point]) -> tuple[Scale, Scale]:
    rates = [r for p in points for r in (p.attained, p.roof)]
    across = [p.intensity for p in points]
    x = Scale(min(across) / 2, max(across) * 2, LEFT, WIDTH - RIGHT)
    return x, Scale(min(rates) / 2, max(rates) * 2, TOP + PLOT, TOP)


def _frame(picture: Picture, x: Scale, y: Scale) -> None:
    for tick in x.ticks():
        picture.line(x(tick), TOP, x(tick), TOP + PLOT, "grid")
        picture.text(x(tick), TOP + PLOT + 18, figure(tick), "faint", "middle")
    for tick in y.ticks():
        picture.line(LEFT, y(tick), WIDTH - RIGHT, y(tick), "grid")
        picture.text(LEFT - 8, y(tick) + 4, units.rate(tick), "faint", "end")
    picture.text((LEFT + WIDTH - RIGHT) / 2, TOP + PLOT + 42, "operations per byte", "", "middle")


def _dot(p: Point, x: Scale, y: Scale) -> str:
    told = f"{p.name}: {units.rate(p.attained)}, {units.percent(p.attained / p.roof)}"
    place = f"M{x(p.intensity):.0f} {y(p.attained):.0f}h0"
    return f'<path class="dot" d="{place}"><title>{clean(told)}</title></path>'
