"""Where the numbers come from: versions, devices, numerics in force, seed, machine, commit."""

import shlex
from collections.abc import Mapping
from typing import Any

from ..text import moment, plural
from .model import PageModel, Section

# field of the report's environment -> what the page calls it, in the order of the page
FIELDS = {
    "started": "started (UTC)",
    "versions": "versions",
    "python": "Python",
    "devices": "devices",
    "numerics": "numerics",
    "profile": "profile",
    "seed": "seed",
    "left_out": "left out",
    "platform": "platform",
    "plugin": "pytest-dualfw",
    "command": "command",
}


def section(model: PageModel) -> Section | None:
    """Rows of a name and what it is; None where nothing is known."""
    rows = [*_run(model), *_measured(model)]
    return Section("environment", "Environment", rows) if rows else None


def _run(model: PageModel) -> list[tuple[str, str]]:
    if not model.run:
        return []
    known = model.run["environment"]
    told = [(name, _words(field, known.get(field))) for field, name in FIELDS.items()]
    counted = f"{plural(len(model.tests), 'test')} on {plural(len(model.run['targets']), 'target')}"
    return [*((name, words) for name, words in told if words), ("tests", counted)]


def _measured(model: PageModel) -> list[tuple[str, str]]:
    """The machine and the commit of the first kernel's line."""
    if not model.kernels:
        return []
    machine, commit = (model.kernels[0].get(key) or {} for key in ("machine", "commit"))
    hardware = [machine.get("cpu"), f"{machine['cores']} cores" if machine.get("cores") else "", machine.get("gpu")]
    dirty = "with local changes" if commit.get("dirty") else ""
    revision = [str(commit.get("id", ""))[:12], commit.get("branch"), dirty]
    told = [("machine", hardware), ("commit", revision)]
    return [(name, ", ".join(str(p) for p in parts if p)) for name, parts in told if any(parts)]


def _words(field: str, value: Any) -> str:
    if field == "started":
        return moment(value or "")
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {version}" for name, version in value.items())
    if isinstance(value, list):
        return shlex.join(map(str, value)) if field == "command" else ", ".join(map(str, value))
    return "" if value is None else str(value)
