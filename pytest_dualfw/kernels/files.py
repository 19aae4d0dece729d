"""What a run with kernels leaves in its report folder: ``kernels.jsonl``, and plots. Pure functions to text."""

import re
from collections.abc import Iterable

from .bars import speedup
from .curves import times
from .environment import Surroundings
from .line import lines, text
from .model import PASSES, KernelTiming
from .terminal import measured

LINES = "kernels.jsonl"
# The names of all files: those of an earlier run go when a folder is written again.
WRITTEN = (LINES, "speedup-*.svg", "time-*.svg")


def files(timings: Iterable[KernelTiming], surroundings: Surroundings) -> dict[str, str]:
    """File name -> its text: the lines, speed-ups by device, dtype and pass, times of each kernel of several sizes.

    Of what was timed, or was to be: none where all was only checked.
    """
    found = measured(timings)
    if not found:
        return {}
    told = {LINES: text(line for t in found for line in lines(t, surroundings))}
    return told | _speedups(found) | _times(found)


def _speedups(timings: Iterable[KernelTiming]) -> dict[str, str]:
    by_column: dict[tuple[str, ...], list[KernelTiming]] = {}
    for t in timings:
        for m in t.passes:
            by_column.setdefault((t.device, t.dtype, m.name), []).append(t)
    order = sorted(by_column, key=lambda column: (*column[:2], PASSES.index(column[2])))
    return {_name("speedup", *column): speedup(by_column[column], column[2]) for column in order}


def _times(timings: Iterable[KernelTiming]) -> dict[str, str]:
    by_kernel: dict[tuple[str, str, str], list[KernelTiming]] = {}
    for t in timings:
        by_kernel.setdefault((t.kernel, t.device, t.dtype), []).append(t)
    drawn = {_name("time", *which): times(group) for which, group in by_kernel.items()}
    return {name: picture for name, picture in drawn.items() if picture}


def _name(*parts: str) -> str:
    """Letters, digits and points only, whatever a kernel is called."""
    return "-".join(re.sub(r"[^A-Za-z0-9_.]+", "_", part).strip("_.") or "_" for part in parts) + ".svg"
