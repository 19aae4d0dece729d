"""Sweeps rows on torch and JAX and says what is wrong with them.

    python -m pytest_dualfw.suites.sweep [--dtype float64,...] [--deep] [--write] [word of a name, or a family]

Prints what it finds; ``--write`` replaces the catalogue by it (known_divergences.toml) and draws its pages.
"""

import argparse
import warnings
from collections import Counter
from importlib.metadata import version
from pathlib import Path

from pytest_dualfw import Framework, Target, frameworks

from . import catalogue
from .divergence import Divergence
from .joined import joined, merged, unsupported
from .ops import FAMILIES
from .pages import Accuracy, draw
from .refusals import FAMILY, REFUSALS, refused
from .reproduce import standing
from .row import Row
from .sweep import Swept, sweep
from .truth import BITS
from .upstream import linked

DOCS = Path(__file__).resolve().parent.parent.parent / "docs"
MODES = {"torch": "eager", "jax": "jit"}


def main(arguments: list[str] | None = None) -> None:
    asked = parsed(arguments)
    warnings.simplefilter("ignore")  # overflows, and casts of complex numbers, are what is looked at here
    found: list[Divergence] = []
    accuracy: list[Accuracy] = []
    for family, row in chosen(asked.word):
        sweeps = {dtype: swept(row, dtype, deep=asked.deep and dtype == asked.dtype[0]) for dtype in asked.dtype}
        found += tell(merged(d for each in sweeps.values() for d in joined(family, row, each, versions())))
        found += tell(list(unsupported(family, row, versions())))
        accuracy += [a for each in sweeps.values() for s in each.values() for a in accuracies(family, s)]
    found += tell(refusals()) if asked.word in ("", FAMILY) else []
    print(counts(found))
    if asked.write:
        write(found, accuracy)


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m pytest_dualfw.suites.sweep", description=__doc__.splitlines()[0])
    parser.add_argument("word", nargs="?", default="", help="part of an op's name, or a family")
    parser.add_argument("--dtype", type=_names, default=list(BITS), help="one or several of " + ", ".join(BITS))
    parser.add_argument(
        "--deep",
        action="store_true",
        help="in the first dtype: second order, vmap, the other mode, layouts, worst cases",
    )
    parser.add_argument("--write", action="store_true", help="replace the catalogue and its pages (sweeps deeply)")
    asked = parser.parse_args(arguments)
    asked.deep |= asked.write
    unknown = [dtype for dtype in asked.dtype if dtype not in BITS]
    if unknown:
        parser.error(f"--dtype is {unknown[0]!r}; it is one or several of {', '.join(BITS)}")
    if not chosen(asked.word) and asked.word != FAMILY:
        parser.error(f"no op's name holds {asked.word!r}; the families are {', '.join([*FAMILIES, FAMILY])}")
    if asked.write and asked.word:
        parser.error(f"--write replaces the whole catalogue; leave {asked.word!r} out")
    if asked.write and not DOCS.is_dir():
        parser.error("--write draws pages into the docs of a checkout; run it in a clone")
    return asked


def _names(text: str) -> list[str]:
    return text.split(",")


def chosen(word: str) -> list[tuple[str, Row]]:
    return [(family, row) for family, rows in FAMILIES.items() for row in rows if word in row.name or word == family]


def tell(found: list[Divergence]) -> list[Divergence]:
    for d in found:
        print(f"{d.id} at {d.at if d.index else d.input}: {d.obtained}, right: {d.truth or '-'}", flush=True)
    return found


def refusals() -> list[Divergence]:
    made = {fw: frameworks.framework(Target.parse(f"{fw}-cpu-float32-eager")) for fw in MODES}
    return [d for r in REFUSALS if (d := refused(r, made, versions())) is not None]


def accuracies(family: str, swept: Swept) -> list[Accuracy]:
    return [Accuracy(family, swept.row.name, what, swept.target, *ulps) for what, ulps in swept.ulps().items()]


def write(found: list[Divergence], accuracy: list[Accuracy]) -> None:
    """The catalogue of what a reproducer shows too, and its pages in the checkout's docs."""
    found, stale = standing(linked(sorted(found, key=lambda d: d.id)))
    print("\n".join(["not reproduced, and left out:", *stale]) if stale else "all reproduced")
    catalogue.write(found)
    for name, text in draw(found, accuracy, versions()).items():
        path = DOCS / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def swept(row: Row, dtype: str, *, deep: bool) -> dict[str, Swept]:
    """By framework; without those that have no such op."""
    made = {fw: frameworks.framework(Target.parse(f"{fw}-cpu-{dtype}-{mode}")) for fw, mode in MODES.items()}
    return {name: _on(row, fw, deep) for name, fw in made.items() if not row.why_unsupported(fw.target)}


def _on(row: Row, fw: Framework, deep: bool) -> Swept:
    with fw.scope():
        return sweep(row, fw, deep=deep)


def versions() -> dict[str, str]:
    return {name: version(name) for name in MODES}


def counts(found: list[Divergence]) -> str:
    kinds = Counter(d.kind for d in found)
    shared = sum(d.agree for d in found)
    many = "divergence" if len(found) == 1 else "divergences"
    return f"{len(found)} {many}: {', '.join(f'{n} {k}' for k, n in kinds.items())}; both agree on {shared} of them"


if __name__ == "__main__":
    main()
