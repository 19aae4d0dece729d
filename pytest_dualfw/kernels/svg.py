"""Static SVG as text: an axis, a picture, its colours. No script, no network; light or dark as the reader's system."""

import math
from dataclasses import dataclass, field
from html import escape

WIDTH = 860
# Okabe and Ito (2008), told apart by colour-blind readers: vermillion, blue, green, purple; and lighter on dark ground.
COLOURS = ("#d55e00", "#0072b2", "#007f5c", "#b0558a")
LIGHTER = ("#ff9248", "#56b4e9", "#2fd1a5", "#e5a3c8")
# A wide guess at one character of 13 pixels: there are no fonts here to ask.
CHARACTER = 7.2

# class -> (light, dark)
_RULES = {
    # a rim in the ground's colour keeps words readable on lines
    "text": (
        "font: 13px system-ui, sans-serif; fill: #24292f; paint-order: stroke; stroke: #ffffff; stroke-width: 3",
        "fill: #e6edf3; stroke: #0d1117",
    ),
    ".title": ("font-size: 15px; font-weight: 600", ""),
    ".strong": ("font-weight: 600", ""),
    ".faint": ("font-size: 12px; fill: #57606a", "fill: #9da7b3"),
    ".ground": ("fill: #ffffff", "fill: #0d1117"),
    ".grid": ("stroke: #d8dee4", "stroke: #30363d"),
    ".axis": ("stroke: #24292f; stroke-width: 1.5", "stroke: #e6edf3"),
    ".filled": ("fill: currentColor", ""),
    ".pale": ("fill: currentColor; fill-opacity: 0.35", ""),
    ".hollow": ("fill: #ffffff; stroke: currentColor; stroke-width: 2", "fill: #0d1117"),
    ".line": ("fill: none; stroke: currentColor; stroke-width: 2", ""),
    ".dashed": ("stroke-dasharray: 6 4", ""),
    **{
        f".c{i}": (f"color: {light}", f"color: {dark}")
        for i, (light, dark) in enumerate(zip(COLOURS, LIGHTER, strict=True))
    },
}


@dataclass(frozen=True)
class Scale:
    """A logarithmic axis from ``low`` to ``high``, drawn from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        part = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + part * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Powers of ten within the axis; finer numbers too where that would be fewer than three."""
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        found: list[float] = []
        for digits in ((1.0,), (1.0, 2.0, 5.0), (0.9, 1.0, 1.1, 1.2, 1.5, 2.0, 3.0, 5.0, 7.0)):
            found = [d * 10.0**e for e in decades for d in digits if self.low <= d * 10.0**e <= self.high]
            if len(found) >= 3:
                break
        return found


@dataclass
class Picture:
    """An SVG in the making. ``title`` is drawn, and read aloud."""

    title: str
    height: float
    parts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.text(16, 28, cut(self.title, WIDTH - 32, CHARACTER * 15 / 13), "title")

    def text(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> None:
        """``anchor``: which end of the words stands at ``x``: start, middle, end. No words leave no trace."""
        if not words:
            return
        kinds = f' class="{kind}"' if kind else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kinds}>{clean(words)}</text>')

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        self.parts.append(line(x1, y1, x2, y2, kind))

    def group(self, colour: int, marks: list[str], tooltip: str = "") -> None:
        """Marks of one colour; the tooltip is what a pointer over them, or a reader aloud, tells."""
        told = f"<title>{clean(tooltip)}</title>" if tooltip else ""
        self.parts.append(f'<g class="c{colour % len(COLOURS)}">{told}{"".join(marks)}</g>')

    def __str__(self) -> str:
        size = f'width="{WIDTH}" height="{self.height:.0f}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {self.height:.0f}" role="img">'
        ground = f'<rect class="ground" {size} rx="6"/>'
        return "\n".join([head, f"<title>{clean(self.title)}</title>", style(), ground, *self.parts, "</svg>", ""])


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def whisker(low: float, high: float, y: float) -> list[str]:
    """From ``low`` to ``high`` at height ``y``, with ends."""
    ends = [line(x, y - 3, x, y + 3, "axis") for x in (low, high)]
    return [line(low, y, high, y, "axis"), *ends]


def style() -> str:
    light = "\n".join(f"{name} {{ {rule} }}" for name, (rule, _) in _RULES.items())
    dark = "\n".join(f"  {name} {{ {rule} }}" for name, (_, rule) in _RULES.items() if rule)
    return f"<style>\n{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n</style>"


def clean(words: str) -> str:
    """Text as XML takes it: escaped, without the characters that XML 1.0 cannot hold."""
    allowed = (c for c in words if c in "\t\n" or (" " <= c < "\ud800") or ("\udfff" < c < "\ufffe") or c > "\uffff")
    return escape("".join(allowed))


def cut(words: str, room: float, character: float = CHARACTER) -> str:
    """As much of the text as fits ``room`` pixels."""
    longest = max(int(room / character), 1)
    return words if len(words) <= longest else words[: longest - 1] + "…"
