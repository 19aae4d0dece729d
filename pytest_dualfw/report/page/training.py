"""Training curves: the loss over steps or epochs, a curve for each target and what else tells rows apart."""

from dataclasses import dataclass
from typing import Any

from ...kernels.svg import COLOURS, WIDTH, Picture, Scale, cut
from ..text import NAME, figure, number, positive, shortened
from .model import PageModel, Section

LOSS, STEPS = "loss", ("step", "epoch")
LEFT, RIGHT, TOP, BOTTOM, LINE = 70.0, 300.0, 56.0, 48.0, 18.0
PLOT = 240.0
# Of a longer curve every so manieth point is drawn; of more curves the rest is counted.
POINTS, CURVES = 200, 12
# A column of more values than that tells no curves apart.
NAMES = 20
# With four colours: twelve curves to be told apart.
DASHES = ("", ' stroke-dasharray="7 4"', ' stroke-dasharray="2 3"')
Point = tuple[float, float]


@dataclass(frozen=True)
class Curves:
    """``note`` says what is not drawn."""

    name: str
    picture: str
    note: str


def is_training(rows: list[dict[str, Any]]) -> bool:
    """Whether rows have a loss and a step or an epoch."""
    return any(LOSS in r and any(s in r for s in STEPS) for r in rows)


def section(model: PageModel) -> Section | None:
    drawn = [_curves(name, rows) for name, rows in model.tables.items() if is_training(rows)]
    return Section("training", "Training curves", drawn) if drawn else None


def _curves(name: str, rows: list[dict[str, Any]]) -> Curves:
    """One picture of a table; losses on a logarithmic axis, those that are not above zero left out."""
    step = next(s for s in STEPS if any(s in r for r in rows))
    curves, left_out = _points(rows, step)
    more = max(len(curves) - CURVES, 0)
    thinned = max([1, *(-(-len(points) // POINTS) for points in curves.values())])
    notes = [
        f"{left_out} losses that are not finite numbers above zero are not drawn" if left_out else "",
        f"one {step} in {thinned} is drawn" if thinned > 1 else "",
        f"and {more} more curves in report.json" if more else "",
    ]
    shown = {key: points[::thinned] for key, points in list(curves.items())[:CURVES]}
    return Curves(name, _picture(shown, step) if shown else "", "; ".join(filter(None, notes)))


def _points(rows: list[dict[str, Any]], step: str) -> tuple[dict[str, list[Point]], int]:
    """Name of a curve -> its points by step; how many rows have no loss that can be drawn."""
    names = _naming(rows, step)
    curves: dict[str, list[Point]] = {}
    for row in rows:
        x, loss = number(row.get(step)), positive(row.get(LOSS))
        if x is not None and loss is not None:
            curves.setdefault(" ".join(str(row[n]) for n in names if n in row), []).append((x, loss))
    return {key: sorted(points) for key, points in curves.items()}, len(rows) - sum(map(len, curves.values()))


def _naming(rows: list[dict[str, Any]], step: str) -> list[str]:
    """The columns that tell curves apart: words, or numbers that take few values."""
    columns = dict.fromkeys(key for row in rows for key in row if key not in (LOSS, *STEPS))
    values = {c: {str(r[c]) for r in rows if c in r} for c in columns}
    floats = {c for c in columns if any(isinstance(r.get(c), float) for r in rows)}
    return [c for c in columns if c not in floats and len(values[c]) <= NAMES]


def _picture(curves: dict[str, list[Point]], step: str) -> str:
    height = TOP + max(PLOT, LINE * len(curves)) + BOTTOM
    picture = Picture(f"Loss by {step}", height)
    xs = [x for points in curves.values() for x, _ in points]
    losses = [y for points in curves.values() for _, y in points]
    y = Scale(min(losses) / 1.1, max(losses) * 1.1, TOP + PLOT, TOP)
    first, last = min(xs), max(xs) if max(xs) > min(xs) else min(xs) + 1
    for tick in y.ticks():
        picture.line(LEFT, y(tick), WIDTH - RIGHT, y(tick), "grid")
        picture.text(LEFT - 8, y(tick) + 4, figure(tick), "faint", "end")
    picture.text(LEFT, TOP + PLOT + 20, f"{step} {first:g}", "faint")
    picture.text(WIDTH - RIGHT, TOP + PLOT + 20, f"{last:g}", "faint", "end")
    width = WIDTH - RIGHT - LEFT
    for i, (name, points) in enumerate(curves.items()):
        path = "L".join(f"{LEFT + width * (x - first) / (last - first):.1f} {y(loss):.1f}" for x, loss in points)
        at = TOP + 10 + LINE * i
        dash = DASHES[i // len(COLOURS)]
        lines = [f'<path class="line"{dash} d="{d}"/>' for d in (f"M{path}", f"M{WIDTH - RIGHT + 16} {at}h20")]
        picture.group(i, lines, shortened(name, NAME))
        picture.text(WIDTH - RIGHT + 42, at + 4, cut(name, RIGHT - 50), "faint")
    return str(picture)
