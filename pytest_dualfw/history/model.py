"""Stored measurements as values: a timeline of runs on one machine, with a series for each kernel and pass."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

RATIO, JIT, EAGER, COMPILE, MEMORY = QUANTITIES = ("ratio", "jit", "eager", "compile", "memory")

# The software whose versions are marked on the axis; the driver is the machine's own.
WATCHED = ("python", "torch", "jax", "jaxlib", "driver")


@dataclass(frozen=True)
class Run:
    """One run of a suite. ``started`` is UTC as text that sorts; ``versions`` are those of WATCHED that are known."""

    id: str
    started: str
    commit: str = ""
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bench:
    """What a series measures: a kernel with its sizes on one framework, device and dtype, and the pass."""

    id: str
    group: str = ""
    pass_: str = "forward"
    framework: str = ""
    device: str = ""
    dtype: str = ""

    @property
    def name(self) -> str:
        return f"{self.id} {self.pass_}"


@dataclass(frozen=True)
class Series:
    """A bench over the runs of its timeline: numbers by quantity, one for each run, NaN where there is none.

    ``low`` and ``high`` bound the ratio (95 %). ``status`` is the line's own (ok, noisy, invalid, ...), empty for a run
    that did not measure it. ``roofline`` is in percent, ``remeasured`` how often a suspect was measured again.
    """

    bench: Bench
    values: dict[str, Numbers]
    low: Numbers
    high: Numbers
    roofline: Numbers
    status: list[str]
    reasons: list[str]
    remeasured: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Timeline:
    """The runs of one machine and branch in the order of their start. ``machine`` are the last line's fields."""

    key: str
    branch: str
    machine: dict[str, Any]
    runs: list[Run]
    series: list[Series]

    @property
    def floor(self) -> float:
        """The smallest relative change that the machine could see on its last night, 0 where it is not known."""
        known = self.machine.get("floor")
        return float(known) if isinstance(known, float) and 0 < known < 1 else 0.0

    def marks(self) -> Iterator[tuple[int, str]]:
        """Where a version changed: the run's number and ``torch 2.12 -> 2.13``."""
        known: dict[str, str] = {}
        for i, run in enumerate(self.runs):
            for name, version in run.versions.items():
                if known.get(name, version) != version:
                    yield i, f"{name} {known[name]} -> {version}"
                known[name] = version


@dataclass(frozen=True)
class History:
    """Everything that was read. ``problems`` are sentences about what could not be used, and where it stands."""

    timelines: list[Timeline]
    problems: list[str]
    lines: int = 0
