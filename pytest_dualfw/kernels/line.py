"""One measurement as one line of JSON: what ``kernels.jsonl`` holds and a history appends."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..report.model import finite
from .environment import Commit, Surroundings
from .model import SCHEMA, Compilation, KernelTiming, Measured, Ratio, Side, Work


@dataclass(frozen=True)
class Bench:
    """Which series a line belongs to, together with its pass; ``group`` is the kernel whatever its sizes."""

    id: str
    group: str
    params: dict[str, Any]
    framework: str
    device: str
    dtype: str
    cache: str


@dataclass(frozen=True)
class Line:
    """One pass of one kernel on one framework, device and dtype, with all that a comparison over nights needs."""

    run_id: str
    started: str
    commit: Commit
    machine: dict[str, Any]
    env: dict[str, Any]
    bench: Bench
    measured: Measured
    schema: str = field(default=SCHEMA, init=False)

    def to_json(self) -> dict[str, Any]:
        m = self.measured
        told = {
            "schema": self.schema,
            "run_id": self.run_id,
            "started": self.started,
            "commit": self.commit.to_json(),
            "machine": self.machine,
            "env": self.env,
            "bench": asdict(self.bench),
            "pass": m.name,
            "eager": m.eager and _side(m.eager),
            "jit": m.jit and _side(m.jit),
            "ratio": m.ratio and _ratio(m.ratio),
            "compile": m.compilation and _compile(m.compilation),
            "recompiles": m.recompiles,
            "flops": m.work and m.work.flops,
            "bytes": m.work and m.work.bytes,
            "counted_by": m.work and m.work.source,
            "roofline_pct": None if m.roofline is None else 100 * m.roofline,
            "status": m.status,
            "reasons": list(m.reasons),
            "stop_reason": m.stop_reason,
            "remeasured": m.remeasured,
        }
        plain: dict[str, Any] = finite(told)
        return plain


def lines(timing: KernelTiming, surroundings: Surroundings) -> list[Line]:
    """One for each pass. What a measurement knows of its own environment goes before what the run knows."""
    return [
        Line(
            surroundings.run_id,
            surroundings.started,
            surroundings.commit,
            surroundings.machine.to_json(),
            {**surroundings.env, **timing.environment},
            bench(timing),
            measured,
        )
        for measured in timing.passes
    ]


def from_json(data: Mapping[str, Any]) -> Line:
    """What ``Line.to_json`` wrote. ValueError for another schema, KeyError for a field that is missing."""
    if data.get("schema") != SCHEMA:
        raise ValueError(f"the line has the schema {data.get('schema')!r}; this version reads {SCHEMA!r}")
    return Line(
        data["run_id"],
        data["started"],
        Commit(**data["commit"]),
        dict(data["machine"]),
        dict(data["env"]),
        Bench(**data["bench"]),
        _measured(data),
    )


def text(found: Iterable[Line]) -> str:
    """One line of JSON each, ready to be appended to a file."""
    return "".join(json.dumps(line.to_json(), allow_nan=False, default=str) + "\n" for line in found)


def in_words(params: Mapping[str, Any]) -> str:
    """``n=64 causal=True``."""
    return " ".join(f"{name}={value}" for name, value in params.items())


def bench(t: KernelTiming) -> Bench:
    """The series of a timing, apart from the pass."""
    where = f"{t.framework}-{t.device}-{t.dtype}"
    name = " ".join(filter(None, [t.kernel, in_words(t.params), where]))
    return Bench(name, t.kernel, t.params, t.framework, t.device, t.dtype, t.cache)


def _side(s: Side) -> dict[str, Any]:
    told = {"median": s.median, "q1": s.q1, "q3": s.q3, "min": s.minimum, "n": s.count}
    return {**told, "dispatch": s.dispatch, "clock": s.clock, "peak_bytes": s.peak_bytes, "device": s.device}


def _ratio(r: Ratio) -> dict[str, Any]:
    return {"median": r.median, "lo": r.low, "hi": r.high, "n_pairs": r.pairs}


def _compile(c: Compilation) -> dict[str, Any]:
    return {**c.phases, "first": c.first, "cache": c.cache}


def _measured(data: Mapping[str, Any]) -> Measured:
    eager, jit, ratio, compiled = (data[key] for key in ("eager", "jit", "ratio", "compile"))
    return Measured(
        name=data["pass"],
        status=data["status"],
        reasons=tuple(data["reasons"]),
        eager=eager and _read_side(eager),
        jit=jit and _read_side(jit),
        ratio=ratio and Ratio(ratio["median"], ratio["lo"], ratio["hi"], ratio["n_pairs"]),
        compilation=compiled and _read_compile(compiled),
        work=None if data["flops"] is None else Work(data["flops"], data["bytes"], data["counted_by"]),
        roofline=None if data["roofline_pct"] is None else data["roofline_pct"] / 100,
        recompiles=data["recompiles"],
        stop_reason=data["stop_reason"],
        remeasured=data["remeasured"],
    )


def _read_side(s: Mapping[str, Any]) -> Side:
    seconds = (s["median"], s["q1"], s["q3"], s["min"])
    return Side(*seconds, s["n"], s["dispatch"], s["clock"], s["peak_bytes"], s["device"])


def _read_compile(c: Mapping[str, Any]) -> Compilation:
    phases = {name: seconds for name, seconds in c.items() if name not in ("first", "cache")}
    return Compilation(c["first"], phases, c["cache"])
