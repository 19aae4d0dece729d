"""What ``dualfw doctor`` finds, as values; and as text for a reader."""

import platform
import textwrap
from dataclasses import asdict, dataclass, field
from typing import Any

from .. import __version__, numerics
from ..frameworks.probe import Probe
from ..numerics import Numerics
from ..report.model import finite
from . import environment, nvml, units
from .control import Control

SCHEMA = "dualfw-doctor/1"
DTYPE = "float32"
WIDTH, INDENT = 112, 12


@dataclass(frozen=True)
class System:
    """The machine and the interpreter. ``affinity`` are the cores this process may run on, ``caches`` bytes by level,
    ``load`` the load average of the minute before.
    """

    plugin: str
    python: str
    platform: str
    cpu: str
    cores: int
    affinity: tuple[int, ...]
    caches: dict[str, int]
    load: float | None


@dataclass(frozen=True)
class Place:
    """One framework on one device: its settings, the roofline in bytes and operations a second, the control."""

    framework: str
    device: str
    state: dict[str, str]
    in_cache: float
    beyond: float
    rates: dict[str, float]
    control: Control

    def to_json(self) -> dict[str, Any]:
        roof = {"in_cache": self.in_cache, "beyond": self.beyond, "rates": self.rates}
        where = {"framework": self.framework, "device": self.device, "dtype": DTYPE}
        return {**where, "state": self.state, "roofline": roof, "control": self.control.to_json()}


@dataclass(frozen=True)
class Diagnosis:
    """``found``: what each framework that can be used says of itself. ``missing``: a sentence for each that cannot."""

    system: System
    found: dict[str, Probe]
    missing: dict[str, str]
    numerics: Numerics
    places: list[Place] = field(default_factory=list)
    gpus: list[nvml.Gpu] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        told = {
            "schema": SCHEMA,
            **asdict(self.system),
            "gpus": [g.to_json() for g in self.gpus],
            "frameworks": {name: asdict(p) for name, p in self.found.items()},
            "missing": self.missing,
            "numerics": asdict(self.numerics),
            "places": [p.to_json() for p in self.places],
        }
        plain: dict[str, Any] = finite(told)
        return plain


def system() -> System:
    """What this process runs on, now."""
    return System(
        plugin=__version__,
        python=platform.python_version(),
        platform=platform.platform(),
        cpu=environment.cpu_model(),
        cores=environment.cores(),
        affinity=environment.affinity(),
        caches=environment.caches(),
        load=environment.load(),
    )


def text(d: Diagnosis) -> str:
    """The diagnosis in reading order: the machine, the frameworks, then what was measured on each device."""
    s = d.system
    lines = [f"pytest-dualfw {s.plugin}, Python {s.python}, {s.platform}", *_machine(s)]
    lines += [_row("gpu", line) for line in _cards(d)]
    lines += [_row(name, ", ".join(filter(None, [p.version, p.build, _driver(p)]))) for name, p in d.found.items()]
    lines += [_row(name, sentence) for name, sentence in d.missing.items()]
    lines += [_row("numerics", numerics.in_words(d.numerics))]
    for p in d.places:
        lines += ["", f"{p.framework}-{p.device}-{DTYPE}", *_measured(p)]
    return "\n".join(lines)


def _machine(s: System) -> list[str]:
    pinned = f" ({', '.join(map(str, s.affinity))})" if s.affinity else ""
    load = "unknown" if s.load is None else f"{s.load} in the last minute{_busy(s.load, s.cores)}"
    return [
        _row("cpu", f"{s.cpu}, {s.cores} core{'s' if s.cores > 1 else ''} for this process{pinned}"),
        _row("caches", ", ".join(f"{name} {units.binary(size)}" for name, size in s.caches.items()) or "unknown"),
        _row("load", load),
    ]


def _driver(p: Probe) -> str:
    return f"driver {p.driver}" if p.driver and "gpu" in p.kinds() else ""


def _busy(load: float, cores: int) -> str:
    wanted = "more than the core serves" if cores == 1 else f"more than the {cores} cores serve"
    return f", {wanted}: stop other work for narrower intervals" if load > cores else ""


def _cards(d: Diagnosis) -> list[str]:
    seen = dict.fromkeys(device.name for p in d.found.values() for device in p.devices if device.kind == "gpu")
    if not seen:
        return ["none found"]
    if not d.gpus:
        return [f"{name}; pip install nvidia-ml-py tells clocks and temperature" for name in seen]
    return [_card(g) for g in d.gpus]


def _card(g: nvml.Gpu) -> str:
    clock = f"{_known(g.clock)} of {_known(g.clock_most)} MHz, memory {_known(g.memory_clock)} MHz"
    held = f"held back by {', '.join(g.held_by)}" if g.held_by else "not held back"
    return f"{g.name}, driver {g.driver}, {clock}, {_known(g.temperature)} degrees Celsius, {held}"


def _known(value: int | None) -> str:
    return "unknown" if value is None else str(value)


def _measured(p: Place) -> list[str]:
    c = p.control
    rates = ", ".join(f"{dtype} {units.rate(rate)}" for dtype, rate in p.rates.items())
    ratios = ", ".join(f"{units.times(r.median)} [{units.times(r.low)}, {units.times(r.high)}]" for r in c.runs)
    covering = f"the interval covers 1 in {c.covering} of {len(c.runs)} runs"
    return [
        _row("state", ", ".join(f"{name} {value}" for name, value in p.state.items())),
        _row("memory", f"{units.bandwidth(p.in_cache)} in cache, {units.bandwidth(p.beyond)} beyond"),
        _row("matmul", f"{rates} (both rows: the best that any framework was seen to do here)"),
        _row("A/A", f"{ratios}: {covering}"),
        _row("sees", f"changes of {units.percent(c.smallest_change)} and more, in 8 of 10 runs"),
    ]


def _row(name: str, words: str) -> str:
    first, rest = f"  {name:{INDENT - 2}s}", " " * INDENT
    return "\n".join(textwrap.wrap(words, WIDTH, initial_indent=first, subsequent_indent=rest))
