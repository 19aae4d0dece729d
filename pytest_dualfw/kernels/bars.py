"""Speed-up of jit over eager as bars: one for each framework and size, with its interval. Pure functions to SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from . import units
from .line import in_words
from .model import NOISY, KernelTiming, Measured
from .svg import CHARACTER, WIDTH, Picture, Scale, cut, whisker
from .terminal import by, in_a_line, named

LABELS = 300  # pixels for names at the left
ROOM = 64  # beside the longest bar, for its number
BAR, GAP, HEADING, TOP, BOTTOM = 16, 10, 26, 104, 36
# The axis shows at least so much, lest noise around 1 look like a result.
LEAST = (0.8, 1.25)


@dataclass(frozen=True)
class Group:
    """The bars of one size: of each framework its measurement."""

    params: str
    bars: list[tuple[str, Measured]]

    @property
    def height(self) -> float:
        return BAR * len(self.bars) + GAP


def speedup(timings: Iterable[KernelTiming], which: str) -> str:
    """Bars of the pass ``which`` of kernels on one device and dtype; a measurement that does not stand says so."""
    found = list(timings)
    kernels = _groups(found, which)
    groups = [g for of_kernel in kernels.values() for g in of_kernel]
    height = TOP + HEADING * len(kernels) + sum(g.height for g in groups) + BOTTOM
    picture = Picture(f"Speed-up of jit over eager, {which}, {found[0].device} {found[0].dtype}", height)
    scale, frameworks = _scale([m for g in groups for _, m in g.bars]), _frameworks(found)
    _frame(picture, scale, list(frameworks.values()))
    y = float(TOP)
    for kernel, of_kernel in kernels.items():
        picture.text(16, y + 16, cut(kernel, WIDTH - 32), "strong")
        y += HEADING
        for group in of_kernel:
            picture.text(28, y + BAR * len(group.bars) / 2 + 4.5, cut(group.params, LABELS - 32))
            for i, (framework, m) in enumerate(group.bars):
                _bar(picture, scale, y + BAR * i, m, (list(frameworks).index(framework), f"{kernel} {group.params}"))
            y += group.height
    return str(picture)


def _groups(timings: Sequence[KernelTiming], which: str) -> dict[str, list[Group]]:
    """Kernel -> its sizes."""
    found: dict[str, dict[str, Group]] = {}
    for t in timings:
        of_kernel = found.setdefault(t.kernel, {}) if any(m.name == which for m in t.passes) else {}
        for m in (m for m in t.passes if m.name == which):
            params = in_words(t.params)
            of_kernel.setdefault(params, Group(params, [])).bars.append((t.framework, m))
    return {kernel: list(groups.values()) for kernel, groups in found.items()}


def _frameworks(timings: Sequence[KernelTiming]) -> dict[str, str]:
    """Framework -> how it is called in the picture."""
    return {t.framework: f"{named(t.framework)}{by(t)}" for t in timings}


def _scale(measured: Sequence[Measured]) -> Scale:
    ends = [end for m in measured if m.ratio for end in (m.ratio.low, m.ratio.high)]
    return Scale(min(LEAST[0], *ends, 1), max(LEAST[1], *ends, 1), LABELS + ROOM, WIDTH - ROOM)


def _frame(picture: Picture, scale: Scale, frameworks: Sequence[str]) -> None:
    told = "median of the paired ratios eager/jit; whiskers: its 95 % interval; pale: noisy"
    picture.text(16, 48, told, "faint")
    x = 16.0
    for i, name in enumerate(frameworks):
        picture.group(i, [f'<rect class="filled" x="{x:.1f}" y="62" width="12" height="12"/>'])
        picture.text(x + 18, 72.5, name)
        x += 34 + CHARACTER * len(name)
    below = picture.height - BOTTOM
    for tick in scale.ticks():
        picture.line(scale(tick), TOP - 4, scale(tick), below, "grid")
        for y in (TOP - 10, below + 18):
            picture.text(scale(tick), y, f"{tick:g}x", "faint", "middle")
    picture.line(scale(1), TOP - 4, scale(1), below, "axis")
    picture.text(scale(1) - 8, 72.5, "jit slower", "faint", "end")
    picture.text(scale(1) + 8, 72.5, "jit faster", "faint")


def _bar(picture: Picture, scale: Scale, y: float, m: Measured, what: tuple[int, str]) -> None:
    colour, name = what
    if m.ratio is None:
        picture.text(scale(1) + 8, y + 12, cut(in_a_line(m), WIDTH - scale(1) - 16), "faint")
        return
    one, end, low, high = (scale(v) for v in (1.0, m.ratio.median, m.ratio.low, m.ratio.high))
    place = f'x="{min(one, end):.1f}" y="{y + 1.5:.1f}" width="{max(abs(end - one), 1):.1f}" height="{BAR - 3}"'
    bar = f'<rect class="{"pale" if m.status == NOISY else "filled"}" {place}/>'
    picture.group(colour, [bar, *whisker(low, high, y + BAR / 2)], f"{name.strip()}: {in_a_line(m)}")
    left = m.ratio.median < 1
    x, anchor = (min(end, low) - 6, "end") if left else (max(end, high) + 6, "start")
    picture.text(x, y + 12, f"{units.times(m.ratio.median)}x", "faint", anchor)
