"""How much memory a piece of work takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .memory import hand_back

# Linux forgets the highest mark when this is told 5 (proc_pid_clear_refs(5)).
FORGET = Path("/proc/self/clear_refs")
STATUS = Path("/proc/self/status")


@dataclass
class Memory:
    """``peak`` is the most resident memory beyond that before the work, in MB; None where the system tells none."""

    peak: float | None = None


@contextmanager
def watched() -> Iterator[Memory]:
    """The memory of the process while the body runs: everything counts, compiling too."""
    memory = Memory()
    hand_back()  # or what the C library holds free would be filled first, and no rise be seen
    if not _forgotten():
        yield memory
        return
    before = _megabytes("VmRSS")
    yield memory
    memory.peak = _megabytes("VmHWM") - before


def _forgotten() -> bool:
    try:
        FORGET.write_text("5")
    except OSError:
        return False
    return True


def _megabytes(name: str) -> float:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024
