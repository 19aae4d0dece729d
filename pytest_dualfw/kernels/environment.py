"""Where a measurement is taken: the hardware, the software, the commit; plain values, nothing of it imported."""

import hashlib
import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .. import frameworks

CPUINFO = Path("/proc/cpuinfo")
CACHES = Path("/sys/devices/system/cpu/cpu0/cache")

# What a run sets from outside and what changes how fast it is.
FLAGS = ("XLA_FLAGS", "NPROC", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "CUBLAS_WORKSPACE_CONFIG")
SOFTWARE = ("torch", "jax", "jaxlib")
_UNIT = {"K": 2**10, "M": 2**20, "G": 2**30}
GIT_TIMEOUT_S = 10


@dataclass(frozen=True)
class Machine:
    """The hardware that a series of measurements belongs to. ``cores`` are those this process may run on,
    ``threads`` how many of them a framework uses.
    """

    cpu: str
    cores: int
    threads: int
    gpu: str = ""
    driver: str = ""

    @property
    def key(self) -> str:
        """A hash of hardware and pinning; not of the driver or a library, whose changes a history is to show."""
        pinned = [self.cpu, self.cores, self.threads, self.gpu]
        return hashlib.sha256(json.dumps(pinned).encode()).hexdigest()[:12]

    def to_json(self) -> dict[str, Any]:
        """The fields of the line's ``machine``; threads stand in its ``env``."""
        return {"key": self.key, "cpu": self.cpu, "cores": self.cores, "gpu": self.gpu, "driver": self.driver}


@dataclass(frozen=True)
class Commit:
    """The revision under measurement; empty outside a git repository. ``dirty``: files differ from it."""

    id: str = ""
    time: str = ""
    dirty: bool = False
    branch: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Surroundings:
    """What all measurements of one run have in common. ``started`` is UTC, ``env`` software, threads, flags, load."""

    run_id: str
    started: str
    machine: Machine
    commit: Commit = field(default_factory=Commit)
    env: dict[str, Any] = field(default_factory=dict)


def machine(threads: int, gpu: str = "", driver: str = "") -> Machine:
    """The one this process runs on."""
    return Machine(cpu_model(), cores(), threads, gpu, driver)


def software(threads: int) -> dict[str, Any]:
    """Python, the frameworks that are installed, threads, what is set from outside, the load of the last minute."""
    versions = {name: frameworks.version_of(name) if frameworks.is_installed(name) else None for name in SOFTWARE}
    flags = {name: os.environ[name] for name in FLAGS if name in os.environ}
    return {"python": platform.python_version(), **versions, "threads": threads, "flags": flags, "load": load()}


def commit(folder: Path) -> Commit:
    """The revision of the repository that ``folder`` lies in."""
    found = git(folder, "log", "-1", "--format=%H %cI")
    if not found:
        return Commit()
    revision, _, when = found.partition(" ")
    dirty = bool(git(folder, "status", "--porcelain", "--untracked-files=no"))
    return Commit(revision, when, dirty, git(folder, "rev-parse", "--abbrev-ref", "HEAD"))


def cpu_model() -> str:
    """The processor's name as the kernel tells it, else as Python does."""
    for line in CPUINFO.read_text(encoding="utf-8").splitlines() if CPUINFO.exists() else ():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def cores() -> int:
    """Those this process may run on."""
    return len(affinity()) or os.cpu_count() or 1


def affinity() -> tuple[int, ...]:
    """Numbers of the cores this process may run on; empty where the system does not say."""
    ask = getattr(os, "sched_getaffinity", None)
    return tuple(sorted(ask(0))) if ask else ()


def caches() -> dict[str, int]:
    """Bytes of each cache that holds data: ``L1``, ``L2``, ``L3``; empty where the system does not say."""
    found = {}
    for entry in sorted(CACHES.glob("index*")):
        if (entry / "type").read_text().strip() != "Instruction":
            found[f"L{(entry / 'level').read_text().strip()}"] = _bytes((entry / "size").read_text().strip())
    return found


def load() -> float | None:
    """The load average of the last minute; None where the system has none."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _bytes(size: str) -> int:
    return int(size[:-1]) * _UNIT[size[-1]] if size[-1:] in _UNIT else int(size)


def git(folder: Path, *args: str) -> str:
    """What git says of the repository that ``folder`` lies in; empty where it says nothing, or there is none."""
    command = ["git", "-C", str(folder), *args]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=GIT_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
