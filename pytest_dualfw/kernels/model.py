"""What measuring one kernel yields, as values. Times in seconds, memory in bytes; saved first, drawn second."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

SCHEMA = "dualfw-bench/1"

# The table of a run's report that timings go into: one row for each, the timing as one value.
TABLE, COLUMN = "kernels", "timing"

# ok: stands. noisy: to be read with care, as the reasons say (a wide interval, subnormal numbers). invalid: the number
# would lie. checked: under pytest-xdist, or with benchmarks switched off, outputs were checked and nothing was timed.
OK, NOISY, INVALID, CHECKED = STATUSES = ("ok", "noisy", "invalid", "checked")
FORWARD, BACKWARD = PASSES = ("forward", "forward+backward")


@dataclass(frozen=True)
class Side:
    """Seconds of one call, of eager or of jit. ``dispatch`` is the time until the call returns, before the wait;
    ``clock`` says what measured (wall, events); ``peak_bytes`` is None where nothing counts memory. ``device`` is the
    time that the device itself was at work, by a profiler; None where the clock tells it or no profiler does.
    """

    median: float
    q1: float
    q3: float
    minimum: float
    count: int
    dispatch: float
    clock: str = "wall"
    peak_bytes: int | None = None
    device: float | None = None


@dataclass(frozen=True)
class Ratio:
    """Eager over jit, the median of the paired ratios, with the bootstrap's 95 % interval: above 1, jit is faster."""

    median: float
    low: float
    high: float
    pairs: int

    @property
    def width(self) -> float:
        """Of the interval, beside the median."""
        return (self.high - self.low) / self.median

    @property
    def covers_one(self) -> bool:
        return self.low <= 1.0 <= self.high


@dataclass(frozen=True)
class Compilation:
    """Seconds of the phases of the first jitted call: ``phases`` by the framework's own names (trace, lower, compile,
    ...), ``first`` the whole call. ``cache`` is ``cold``, or says which cache was warm.
    """

    first: float
    phases: dict[str, float] = field(default_factory=dict)
    cache: str = "cold"


@dataclass(frozen=True)
class Work:
    """What the mathematics asks of one call: floating-point operations, bytes read and written at least once, and who
    says so (the row, the framework's counter, the compiler's cost analysis).
    """

    flops: float
    bytes: float
    source: str


@dataclass(frozen=True)
class Measured:
    """One pass of a kernel: forward, or forward and backward. ``eager``, ``jit`` and ``ratio`` are None unless the
    status is ok or noisy: a number that would lie is not there to be printed. ``roofline`` is the part of what the
    machine attains that jit reaches, ``recompiles`` what compiled in the timed part, ``remeasured`` how often a
    suspect was measured again within its run.
    """

    name: str
    status: str
    reasons: tuple[str, ...] = ()
    eager: Side | None = None
    jit: Side | None = None
    ratio: Ratio | None = None
    compilation: Compilation | None = None
    work: Work | None = None
    roofline: float | None = None
    recompiles: int = 0
    stop_reason: str = ""
    remeasured: int = 0

    @property
    def break_even(self) -> float | None:
        """Calls after which compiling has paid; infinity where jit is not faster."""
        if not (self.eager and self.jit and self.compilation):
            return None
        gain = self.eager.median - self.jit.median
        return self.compilation.first / gain if gain > 0 else math.inf


@dataclass(frozen=True)
class KernelTiming:
    """One kernel on one framework, device and dtype; both modes. ``params`` are what varies: sizes, options."""

    kernel: str
    framework: str
    device: str
    dtype: str
    passes: tuple[Measured, ...]
    params: dict[str, Any] = field(default_factory=dict)
    cache: str = "rotated"
    environment: dict[str, Any] = field(default_factory=dict)

    @property
    def forward(self) -> Measured:
        return self.passes[0]

    @property
    def backward(self) -> Measured | None:
        """Forward and backward together; None where it was not asked for."""
        return self.passes[1] if len(self.passes) > 1 else None

    def to_json(self) -> dict[str, Any]:
        return {"schema": SCHEMA, **asdict(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "KernelTiming":
        """What ``to_json`` wrote, also after a way through text. ValueError for another schema."""
        if data.get("schema") != SCHEMA:
            raise ValueError(f"a kernel timing has the schema {data.get('schema')!r}; this version reads {SCHEMA!r}")
        plain = {key: value for key, value in data.items() if key != "schema"}
        return cls(**{**plain, "passes": tuple(_measured(p) for p in data["passes"])})


# The parts of a pass that are values of their own.
_PARTS: dict[str, type] = {"eager": Side, "jit": Side, "ratio": Ratio, "compilation": Compilation, "work": Work}


def _measured(data: Mapping[str, Any]) -> Measured:
    parts = {key: made(**data[key]) for key, made in _PARTS.items() if data[key] is not None}
    return Measured(**{**data, "reasons": tuple(data["reasons"]), **parts})
