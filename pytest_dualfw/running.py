"""What the test that runs just now knows of itself: its target, its data's seed, what it checked."""

import os
import shlex
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .findings import Check, Recorder
from .target import Target

if TYPE_CHECKING:
    from .tolerance import Tolerance


@dataclass
class Running:
    """One test on one target. ``label`` is the row of the verdict table that its checks belong to.

    ``options`` are the run's options that change numbers, ``place`` the test's id as seen from where pytest started.
    ``write_script`` writes a program that shows its last GradientMismatch.
    """

    nodeid: str
    label: str
    target: Target
    seed: int
    options: str = ""
    place: str = ""
    recorder: Recorder = field(default_factory=Recorder)
    rows: list[dict[str, Any]] = field(default_factory=list)
    tolerance: "Tolerance | None" = None
    write_script: Callable[[], str] | None = None

    @property
    def checks(self) -> list[Check]:
        return self.recorder.checks

    @property
    def generator_seed(self) -> int:
        """What the library's global generator is seeded with."""
        return zlib.crc32(repr(self.data_seed()).encode())

    def data_seed(self) -> list[int]:
        """The run's seed and the test without its target: every target draws the same data."""
        return [self.seed, zlib.crc32(without_target(self.nodeid, self.target).encode())]

    def command(self) -> str:
        """The line that runs this test again on the same data."""
        t = self.target
        device = t.device if t.index is None else f"{t.device}:{t.index}"
        given = {
            "--fw": "torch,jax" if t.fw == "both" else t.fw,
            "--fw-device": "" if device == "cpu" else device,
            "--fw-dtype": t.dtype,
            "--fw-mode": t.mode,
            "--fw-seed": str(self.seed),
        }
        options = [f"{option}={value}" for option, value in given.items() if value]
        return " ".join(["pytest", shlex.quote(self.place or self.nodeid), *options, *self.options.split()])


def seen_from(start: Path, root: Path, nodeid: str) -> str:
    """A test's id counts from the root folder; the shell stands where pytest was started."""
    file, separator, rest = nodeid.partition("::")
    return nodeid if start == root else os.path.relpath(root / file, start) + separator + rest


def without_target(nodeid: str, target: Target) -> str:
    """``test_x[jax-cpu-float32-jit-3]`` becomes ``test_x[3]``."""
    return nodeid.replace(f"[{target}-", "[").replace(f"[{target}]", "")


def label_of(nodeid: str, target: Target, op: Any = None) -> str:
    """The op that a test's parameter carries (anything with an ``op_name``), else the test's own name."""
    name = getattr(op, "op_name", None)
    return str(name) if name else without_target(nodeid, target).partition("::")[2].partition("[")[0]


def op_of(params: Sequence[Any]) -> Any:
    return next((p for p in params if getattr(p, "op_name", None)), None)
