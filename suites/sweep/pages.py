"""The catalogue and the accuracy tables as Markdown: one page for each family, and a page that counts."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .divergence import CLASSES, CONVENTION, UNSUPPORTED, Divergence
from .ops import FAMILIES
from .refusals import FAMILY as REFUSED
from .refusals import REFUSALS
from .reproduce import reproducer

FRAMEWORKS = ("torch", "jax")
COMMAND = "python -m pytest_dualfw.suites.sweep --write"
LONGEST = 60


@dataclass(frozen=True)
class Accuracy:
    """Of one quantity on one target: the largest and the median error in ulp, the largest over conditioning."""

    family: str
    op: str
    what: str
    target: str
    worst: float
    median: float
    excess: float


def overview(found: Sequence[Divergence], versions: dict[str, str]) -> str:
    told = ", ".join(f"{name} {number}" for name, number in versions.items())
    counts = Counter((d.family, d.kind) for d in found)
    shared = Counter(d.family for d in found if d.agree)
    sizes = {**{f: len(ops) for f, ops in FAMILIES.items()}, REFUSED: len(REFUSALS)}
    rows = [
        [f"[{f}](divergences/{f}.md)", ops, *(counts[f, kind] for kind in CLASSES), shared[f]]
        for f, ops in sizes.items()
    ]
    total = ["all", sum(sizes.values()), *(sum(counts[f, k] for f in sizes) for k in CLASSES), shared.total()]
    return "\n".join(
        [
            "# Where torch and JAX are wrong or differ",
            "",
            f"Found by sweeping {sum(map(len, FAMILIES.values()))} ops on {told} (CPU), written by `{COMMAND}`.",
            "",
            *_table(["family", "ops", *(f"{kind}" for kind in CLASSES), "both wrong alike"], [*rows, total]),
            "",
            *MEANING,
            "",
        ]
    )


MEANING = (
    "Each op is tried at zeros of both signs, ends of its domain, small, large and huge numbers, next to 1, at random",
    "numbers over all exponents, at infinities and NaN; ops of arrays at ties, zeros, huge and tiny numbers. Truth is",
    "mpmath's value, in 80 to 1500 digits, and its differences; who is right is not found by comparing the frameworks.",
    "",
    "- **defect**: wrong by mathematics. Not two digits are right, or a NaN or an infinity stands for a number.",
    "- **accuracy**: off by more than 16 times half an ulp and what half an ulp of each argument explains; or not two",
    "  digits are right, and the error is slight: below 32 half-ulps of the arguments (of a value), or of the value",
    "  (of what a slope makes of the argument).",
    "- **convention**: mathematics has no say (a kink, the end of a domain, an infinity), and the two differ.",
    "  So are defaults that differ.",
    "- **unsupported**: a framework has no such op, or cannot differentiate it; no program shows that.",
    "- **both wrong alike**: both return the same wrong number; comparing them with each other passes.",
    "",
    "Subnormal numbers may be flushed to zero, by results and by arguments; that is not counted, nor is what happens",
    "within a factor of 64 of the smallest and the largest normal number. The frameworks run as they are used: torch",
    "eagerly, JAX jitted. One entry stands for the worst point of its kind; there may be more.",
    "Where a framework has no such op, one line of its own functions stands for it, and an error is that line's; the",
    "reproducer shows it.",
)


def family_page(family: str, found: Iterable[Divergence]) -> str:
    mine = sorted((d for d in found if d.family == family), key=lambda d: (CLASSES.index(d.kind), d.op, d.what))
    told = f"Written by `{COMMAND}`. What the classes mean: [overview](../divergences.md)."
    lines = [f"# Divergences: {family}", "", told, ""]
    for kind in CLASSES:
        of_kind = [d for d in mine if d.kind == kind]
        if of_kind:
            lines += [f"## {kind}", "", *_table(HEAD[kind], [_cells(d) for d in of_kind]), ""]
    lines += ["## Reproducers", "", *(line for d in mine if d.frameworks for line in _reproducers(d))]
    return "\n".join(lines)


def _reproducers(d: Divergence) -> Iterator[str]:
    yield from (f"<details><summary>{d.id}</summary>", "")
    yield from (f"Reported: <{d.upstream}>", "") if d.upstream else ()
    for fw in d.frameworks:
        yield from ("```python", reproducer(d, fw).rstrip(), "```", "")
    yield from ("</details>", "")


WRONG = ["op", "what", "at", "torch", "JAX", "right", "dtypes"]
HEAD = dict.fromkeys(CLASSES, WRONG) | {CONVENTION: WRONG[:5] + WRONG[6:]}


def _cells(d: Divergence) -> list[Any]:
    shown = [_number(d.obtained[fw]) if fw in d.obtained else _absent(d, fw) for fw in FRAMEWORKS]
    right = [] if d.kind == CONVENTION else [d.truth]
    return [d.op, d.what, _place(d), *shown, *right, ", ".join(dict.fromkeys(t.split("-")[2] for t in d.targets))]


def _absent(d: Divergence, framework: str) -> str:
    return d.kind if d.kind == UNSUPPORTED and framework in d.versions else ""


def _place(d: Divergence) -> str:
    if not d.input:
        return d.at
    if isinstance(d.input[0], list):
        return d.at.partition(":")[0] + (f" [{', '.join(map(str, d.index))}]" if d.index else "")
    return ", ".join(map(_number, d.input))


def _number(x: float | str) -> str:
    return x if isinstance(x, str) else repr(x) if math.isfinite(x) else str(x)


def accuracy_page(rows: Sequence[Accuracy], versions: dict[str, str]) -> str:
    told = ", ".join(f"{name} {number}" for name, number in versions.items())
    targets = list(dict.fromkeys(r.target for r in rows))
    lines = ["# Accuracy in ulp", "", f"{told}, CPU; written by `{COMMAND}`.", "", *EXPLAINED, ""]
    for family in FAMILIES:
        cells = {(r.op, r.what, r.target): r for r in rows if r.family == family and not r.what.startswith("forward")}
        drawn = [
            [op, what, *(_ulps(cells.get((op, what, t))) for t in targets)]
            for op, what in dict.fromkeys((op, what) for op, what, _ in cells)
        ]
        lines += [f"## {family}", "", *_table(["op", "what", *targets], drawn), ""]
    return "\n".join(lines)


EXPLAINED = (
    "Largest and median error over the points of the sweep, in units of the last place of the true number (for ops of",
    "arrays, of the largest entry beside it). Where the largest is above 8, the number in brackets is the largest",
    "error over the bound of conditioning: half an ulp of the result and what half an ulp of each argument moves it.",
    "It is near 1 where the function is ill-conditioned, and large where the implementation loses digits. `inf`: a NaN",
    "or an infinity where a number is due.",
)


def _ulps(r: Accuracy | None) -> str:
    if r is None:
        return ""
    return f"{r.worst:.2g} / {r.median:.1g}" + (f" ({r.excess:.2g})" if r.worst > 8 else "")


def _table(head: Sequence[Any], rows: Sequence[Sequence[Any]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(_escaped(str(cell)) for cell in line)} |" for line in lines]


def _escaped(text: str) -> str:
    short = text if len(text) <= LONGEST or text.startswith("[") else f"{text[:LONGEST]}..."
    return short.replace("|", "\\|")


def draw(found: Sequence[Divergence], rows: Sequence[Accuracy], versions: dict[str, str]) -> dict[str, str]:
    """Path below docs -> text."""
    pages = {f"divergences/{family}.md": family_page(family, found) for family in [*FAMILIES, REFUSED]}
    return {"divergences.md": overview(found, versions), "accuracy.md": accuracy_page(rows, versions), **pages}
