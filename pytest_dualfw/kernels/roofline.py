"""What this machine attains: bytes a second in and beyond its caches, floating-point operations a second by dtype.

S. Williams, A. Waterman, D. Patterson, Roofline: An Insightful Visual Performance Model (2009). Not looked up, but
measured: once for each framework, version and dtype, kept in a file for each machine. The roof is the machine's, hence
the best that any framework was seen to do there.
"""

import hashlib
import json
import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import frameworks
from . import environment
from .model import Work

if TYPE_CHECKING:
    from ..frameworks.base import Framework

SCHEMA = "dualfw-roofline/1"
FOLDER = "PYTEST_DUALFW_CACHE"

# The guard must not cry wolf: a time is impossible only below the floor, which lies far below what was measured.
# It takes the bandwidth of the fastest cache, whatever the size: data that is used again may lie there, and a neighbour
# slows a cache less than memory. A kernel that only writes, or keeps data in registers, may be twice as fast as that.
# Winograd's convolution takes a quarter of the products that are counted for it (A. Lavin and S. Gray, Fast Algorithms
# for Convolutional Neural Networks, 2015, F(4x4, 3x3)).
MARGIN_BYTES, MARGIN_FLOPS = 2.0, 4.0

# A kernel may compute in these whatever the dtype of its data: float16 on a CPU does, and TF32 is no faster than half.
ALSO = ("float32", "bfloat16")
BANDWIDTH = "bandwidth"

# Calls of less than so many seconds are timed together, at most so many: their results are all alive at once.
BATCH, MOST_AT_ONCE = 500e-6, 20
MB = 2**20


@dataclass(frozen=True)
class Effort:
    """How long to look. ``arrays``: bytes of the arrays that are copied; ``orders`` of square matrices; ``time`` and
    ``samples``: at most so much for each.
    """

    arrays: tuple[int, ...]
    orders: tuple[int, ...]
    time: float = 0.15
    samples: int = 200


@dataclass(frozen=True)
class Roofline:
    """``bandwidth``: bytes a second beyond the last cache; ``rate``: floating-point operations a second in the target's
    dtype. ``points``: (bytes touched, bytes a second) of what was measured; ``fastest``: the rate of the fastest dtype
    that a kernel could compute in instead.
    """

    bandwidth: float
    rate: float
    points: tuple[tuple[float, float], ...] = ()
    fastest: float = 0.0

    def bandwidth_of(self, touched: float) -> float:
        """Bytes a second that a call which touches so many bytes can move: the most that was seen with as many or more,
        since a smaller array fits where a larger one fits.
        """
        return max([self.bandwidth, *(speed for size, speed in self.points if size >= touched)])

    def attainable(self, work: Work) -> float:
        """Seconds that ``work`` takes at the measured rates: the larger of moving and computing."""
        return max(work.bytes / self.bandwidth_of(work.bytes), work.flops / self.rate)

    def floor(self, work: Work) -> float:
        """Seconds below which nobody can have done ``work`` here."""
        moving = work.bytes / self.bandwidth_of(0) / MARGIN_BYTES
        return max(moving, work.flops / max(self.rate, self.fastest) / MARGIN_FLOPS)

    def share(self, work: Work, seconds: float) -> float:
        """Which part of the attainable rate a call of so many seconds reaches: 1 is the roofline."""
        return self.attainable(work) / seconds


# What was measured on one machine: "torch 2.13.0: bandwidth" -> points, "torch 2.13.0: float32" -> a rate.
Parts = dict[str, Any]

# Read once for each process; a folder that cannot be written costs one measurement for each.
_known: dict[Path, Parts] = {}


def roofline(fw: "Framework", effort: Effort | None = None, *, again: bool = False) -> Roofline:
    """That of the target's device and dtype: from the machine's file, or measured now (a few seconds) and kept there.
    ``again``: measured in any case, and kept where it is better, since the machine may have been busy.

    It lies in the folder that ``PYTEST_DUALFW_CACHE`` names, else in ``pytest-dualfw`` of the user's cache folder.
    Call it where the target's numerics are in force: in a test, or within ``fw.scope()``.
    """
    path = file_of(fw)
    if path not in _known:
        _known[path] = read(path)
    parts = _known[path]
    able = type(fw).probe().dtypes.get(fw.device, ())
    dtypes = list(dict.fromkeys([fw.dtype, *(d for d in ALSO if d in able)]))
    wanted = [part for part in (BANDWIDTH, *dtypes) if again or _name(fw, part) not in parts]
    if wanted:
        side, how = fw.at(), effort or effort_for(fw.device)  # another adaptor: counts what it computes for itself
        for part in wanted:
            name = _name(fw, part)
            parts[name] = _better(_measured(side, part, how), parts.get(name))
        write(path, parts)
    return of_parts(parts, fw.dtype)


def of_parts(parts: Parts, dtype: str) -> Roofline:
    """The best of each that any framework was seen to do."""
    points = sorted((float(n), float(v)) for name, found in parts.items() if _what(name) == BANDWIDTH for n, v in found)
    rates = {name: float(rate) for name, rate in parts.items() if _what(name) != BANDWIDTH}
    largest = points[-1][0]  # a copy of the largest array; reading it touched half as much
    beyond = max(speed for touched, speed in points if touched >= largest / 2)
    own = max(rate for name, rate in rates.items() if _what(name) == dtype)
    return Roofline(beyond, own, tuple(points), max(rates.values()))


def file_of(fw: "Framework") -> Path:
    """One for each machine, device, number of threads, and TF32 on or off."""
    names = [d.name for d in type(fw).probe().devices if d.kind == fw.device]
    device = f"{fw.device} {names[fw.target.index or 0]}"
    cpu = [platform.node(), environment.cpu_model(), environment.cores()]
    told = json.dumps([SCHEMA, cpu, device, fw.numerics.threads, fw.numerics.tf32])
    return folder() / f"roofline-{hashlib.sha256(told.encode()).hexdigest()[:16]}.json"


def folder() -> Path:
    """Where measurements are kept between runs."""
    if FOLDER in os.environ:
        return Path(os.environ[FOLDER])
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pytest-dualfw"


def read(path: Path) -> Parts:
    """Empty where there is no such file, or none that this version wrote."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return dict(found["parts"]) if isinstance(found, dict) and found.get("schema") == SCHEMA else {}


def write(path: Path, parts: Parts) -> None:
    """Whole or not at all: two processes may come here at once. What cannot be kept is measured again."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as draft:
            json.dump({"schema": SCHEMA, "parts": parts}, draft, indent=1)
        Path(draft.name).replace(path)


def _better(new: Any, old: Any) -> Any:
    """The higher rate; of points the higher bandwidth at each number of bytes."""
    if old is None:
        return new
    if not isinstance(new, list):
        return max(new, old)
    most = dict(map(tuple, old))
    return [[touched, max(speed, most.get(touched, 0.0))] for touched, speed in new]


def _name(fw: "Framework", part: str) -> str:
    return f"{fw.name} {frameworks.version_of(fw.name)}: {part}"


def _what(name: str) -> str:
    return name.rpartition(": ")[2]


def _measured(fw: "Framework", part: str, effort: Effort) -> Any:
    """Points of the bandwidth, or the rate of a dtype. The best of many short samples: a busy moment lowers no roof."""
    if part == BANDWIDTH:
        return [list(point) for size in effort.arrays for point in _moved(fw, size, effort)]
    return max(_product(fw, part, n, effort) for n in effort.orders)


def effort_for(device: str) -> Effort:
    """On a CPU arrays that fit each cache and one that fits none; on others none fits what a server card has."""
    if device != "cpu":
        return Effort((4 * MB, 16 * MB, 64 * MB, 512 * MB), (2048, 8192))
    beyond = min(max(4 * max(environment.caches().values(), default=0), 64 * MB), 512 * MB)
    return Effort((MB // 16, MB // 4, MB, 4 * MB, 16 * MB, beyond), (256, 512))


def _moved(fw: "Framework", size: int, effort: Effort) -> Iterator[tuple[int, float]]:
    """(bytes touched, bytes a second) of copying an array, and of reading one.

    A negation moves what a copy moves. Its result is new memory, which the system clears page by page where it is
    large: then reading alone tells what the memory can do.
    """
    x = fw.asarray(np.full(size // 4, 1.5, np.float32), dtype="float32")
    yield 2 * size, 2 * size / fastest(lambda: fw.xp.negative(x), fw.synchronize, effort)
    yield size, size / fastest(lambda: fw.xp.sum(x), fw.synchronize, effort)


def _product(fw: "Framework", dtype: str, n: int, effort: Effort) -> float:
    """Operations a second of the product of two square matrices of order ``n``."""
    rng = np.random.default_rng(n)
    a, b = (fw.asarray(rng.uniform(0.5, 1.5, (n, n)) / n**0.5, dtype=dtype) for _ in range(2))
    return 2 * n**3 / fastest(lambda: fw.xp.matmul(a, b), fw.synchronize, effort)


def fastest(call: Callable[[], Any], wait: Callable[[Any], Any], effort: Effort) -> float:
    """Seconds of one call, the least that was seen; short calls are timed several at once."""
    wait(call())
    once = _sample(call, wait, 1)
    together = min(max(int(BATCH / once), 1), MOST_AT_ONCE)
    least, end = once, perf_counter() + effort.time
    for _ in range(effort.samples):
        least = min(least, _sample(call, wait, together))
        if perf_counter() > end:
            break
    return least


def _sample(call: Callable[[], Any], wait: Callable[[Any], Any], count: int) -> float:
    start = perf_counter()
    wait([call() for _ in range(count)])
    return (perf_counter() - start) / count
