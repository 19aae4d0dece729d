"""Sweeps rows on torch and JAX and says what is wrong with them.

    python -m pytest_dualfw.suites.sweep [--dtype float64,float32] [--write] [word of an op's name, or a family]

Prints what it finds; ``--write`` replaces the catalogue by it (known_divergences.toml) and draws its pages.
"""

import argparse
import warnings
from collections import Counter
from importlib.metadata import version

from pytest_dualfw import Framework, Target, frameworks

from . import catalogue
from .divergence import Divergence
from .joined import joined, merged
from .ops import FAMILIES
from .row import Row
from .sweep import Swept, sweep

MODES = {"torch": "eager", "jax": "jit"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m pytest_dualfw.suites.sweep", description=__doc__.splitlines()[0])
    parser.add_argument("word", nargs="?", default="")
    parser.add_argument("--dtype", default="float64,float32")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # overflows, and casts of complex numbers, are what is looked at here
    found: list[Divergence] = []
    for family, rows in FAMILIES.items():
        for row in rows:
            if asked.word in row.name or asked.word == family:
                found += tell(family, row, asked.dtype.split(","))
    print(counts(found))
    if asked.write:
        catalogue.write(found)


def tell(family: str, row: Row, dtypes: list[str]) -> list[Divergence]:
    of_row = merged(d for dtype in dtypes for d in joined(family, row, swept(row, dtype), versions()))
    for d in of_row:
        print(f"{d.id} at {d.input if not d.index else d.at}: {d.obtained}, right: {d.truth or '-'}", flush=True)
    return of_row


def swept(row: Row, dtype: str) -> dict[str, Swept]:
    """By framework; without those that have no such op."""
    made = {fw: frameworks.framework(Target.parse(f"{fw}-cpu-{dtype}-{mode}")) for fw, mode in MODES.items()}
    return {name: _on(row, fw) for name, fw in made.items() if not row.why_unsupported(fw.target)}


def _on(row: Row, fw: Framework) -> Swept:
    with fw.scope():
        return sweep(row, fw)


def versions() -> dict[str, str]:
    return {name: version(name) for name in MODES}


def counts(found: list[Divergence]) -> str:
    kinds = Counter(d.kind for d in found)
    shared = sum(d.agree for d in found)
    return (
        f"{len(found)} divergences: {', '.join(f'{n} {k}' for k, n in kinds.items())}; both agree on {shared} of them"
    )


if __name__ == "__main__":
    main()
