"""The catalogue of divergences as a file: written by the sweep, read by the tests."""

import json
import math
import tomllib
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from .divergence import DEFECT, Divergence
from .measure import BASES, FORWARD, FUNCTIONAL, JVP, PLAIN, VALUE

FILE = Path(__file__).parent.parent / "known_divergences.toml"
# What is not written, and is so where nothing is said.
DEFAULTS: tuple[object, ...] = ("", (), False, 0.0)
HEADER = """\
# Where torch and JAX are wrong, lose digits, or have different conventions, as the sweep found it.
# Written by `python -m pytest_dualfw.suites.sweep --write`; do not edit by hand.
"""


class Known:
    """What the catalogue holds of errors, as a question."""

    def __init__(self, found: Iterable[Divergence]) -> None:
        self._held = {(d.op, fw, d.kind, d.what) for d in found for fw in d.frameworks}

    def holds(self, op: str, framework: str, kind: str, what: str) -> bool:
        """A loss of accuracy where it holds a defect is no news, nor what is asked in another way (forward mode,
        vmap) where it holds an error of what it is asked of.
        """
        return any((op, framework, k, w) in self._held for k in {DEFECT, kind} for w in (what, *_asked_of(what)))


def _asked_of(what: str) -> tuple[str, ...]:
    if what in BASES:
        return ()
    return (VALUE,) if what.endswith(VALUE) else (*PLAIN[1:], f"{FUNCTIONAL} of d/dx", FORWARD, JVP)


def read(path: Path = FILE) -> list[Divergence]:
    if not path.is_file():
        return []
    entries = tomllib.loads(path.read_text())["divergence"]
    return [_divergence(entry) for entry in entries]


def _divergence(entry: dict[str, Any]) -> Divergence:
    tuples = {name: tuple(entry.get(name, ())) for name in ("input", "index", "targets")}
    return Divergence(**{**entry, **tuples})


def write(found: Iterable[Divergence], path: Path = FILE) -> None:
    path.write_text("\n".join([HEADER, *map(_entry, sorted(found, key=lambda d: (d.family, d.id)))]))


def _entry(d: Divergence) -> str:
    kept = {f.name: getattr(d, f.name) for f in fields(d)}
    lines = [f"{name} = {_text(value)}" for name, value in kept.items() if value not in DEFAULTS]
    return "\n".join(["[[divergence]]", *lines, ""])


def _text(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_text(v)}" for k, v in value.items()) + " }"
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": "nan", "inf": "inf", "-inf": "-inf"}[str(value)]
    return repr(value)
