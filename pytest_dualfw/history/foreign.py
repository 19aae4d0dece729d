"""Files of pytest-benchmark 4 and 5 (``--benchmark-json``, ``--benchmark-autosave``) as lines of a history."""

import math
import re
from dataclasses import dataclass, replace
from typing import Any

from ..kernels.environment import Commit, Machine, Surroundings
from ..kernels.line import Bench, Line, lines
from ..kernels.line import text as as_text
from ..kernels.model import FORWARD, OK, KernelTiming, Measured, Side
from .layout import UNKNOWN
from .lenient import Fields, Unusable, parsed, plain
from .problems import HistoryError, Tell, shown, unheard
from .times import utc

# The key under which this package keeps what is its own: in extra_info, and in a file that it exported.
OWN = "dualfw"

_EXPECTED = "a file of pytest-benchmark (--benchmark-json, --benchmark-autosave); the file is left out"
_UNVERSIONED = ("unversioned", "unknown", "(unknown)")
_JIT = re.compile(r"(?<![a-z])(jit|jitted|compiled?)(?![a-z])", re.IGNORECASE)


class Foreign(HistoryError):
    """JSON, but of another tool."""


@dataclass(frozen=True)
class _File:
    """What all benchmarks of a file have in common; ``machine`` are the line's fields."""

    surroundings: Surroundings
    machine: dict[str, Any]


def from_pytest_benchmark(text: str | bytes, tell: Tell = unheard) -> list[Line]:
    """Its benchmarks as lines of one run, whose id is the file's ``datetime``.

    Where ``kernel_benchmark`` left its timing in ``extra_info`` that is taken, once for both modes. Of any other
    benchmark the median stands under eager, or under jit where its name or a parameter says jit. ``tell`` hears of
    what is left out. HistoryError for text that is not JSON or has no time, Foreign for JSON of another tool.
    """
    fields = Fields(_data(text), tell)
    file, found = _file(fields), dict[str, Line]()
    for i, bench in enumerate(fields.data["benchmarks"]):
        if isinstance(bench, dict):
            found |= _of(Fields(bench, tell, f"benchmarks[{i}]."), file)
        else:
            tell(f"got benchmarks[{i}]={shown(bench)}, expected an object; it is left out")
    return list(found.values())


def _data(text: str | bytes) -> dict[str, Any]:
    try:
        data = parsed(text)
    except Unusable as error:
        raise HistoryError(f"got {error.got}, expected {_EXPECTED}") from error
    if isinstance(data, dict) and isinstance(data.get("benchmarks"), list) and "machine_info" in data:
        return data
    raise Foreign(f"got JSON of another tool, expected {_EXPECTED}")


def _file(fields: Fields) -> _File:
    own, info, commit = fields.part(OWN), fields.part("machine_info"), fields.part("commit_info")
    started = fields.text("datetime")
    try:
        utc(started)
    except ValueError as error:
        raise HistoryError(f"got datetime={shown(started)}, expected {_EXPECTED}") from error
    cpu = info.part("cpu")
    cores = cpu.count("count")
    machine = Machine(cpu.text("brand_raw") or info.text("processor") or info.text("machine"), cores, cores)
    python = info.text("python_version")
    surroundings = Surroundings(
        own.text("run_id", started), started, machine, _commit(commit), {"python": python} if python else {}
    )
    told = machine.to_json() if machine.cpu else {**machine.to_json(), "key": UNKNOWN}
    return _File(surroundings, plain(own.part("machine").data) or told)


def _commit(info: Fields) -> Commit:
    revision, branch = (name if name not in _UNVERSIONED else "" for name in (info.text("id"), info.text("branch")))
    return Commit(revision, info.text("time"), info.data.get("dirty") is True, branch)


def _of(bench: Fields, file: _File) -> dict[str, Line]:
    """By their text: tests of both modes hold the same timing."""
    extra = bench.part("extra_info")
    ours = _ours(extra, file) if OWN in extra.data else None
    return _theirs(bench, file) if ours is None else ours


def _ours(extra: Fields, file: _File) -> dict[str, Line] | None:
    """None where the timing has another form: anybody may have changed it."""
    try:
        timing = KernelTiming.from_json(extra.data[OWN])
        return _by_text(*lines(timing, file.surroundings), machine=file.machine)
    except (ArithmeticError, AttributeError, KeyError, RecursionError, TypeError, ValueError):
        extra.tell(f"got {extra.name}{OWN} of another form, expected a kernel timing; the benchmark's stats are used")
        return None


def _theirs(bench: Fields, file: _File) -> dict[str, Line]:
    name, stats = bench.text("fullname") or bench.text("name"), bench.part("stats")
    median = stats.number("median")
    if not name or math.isnan(median):
        bench.tell(f"got {bench.name.rstrip('.')} without a name or a median, expected both; it is left out")
        return {}
    params = plain(bench.part("params").data)
    compiled = any(_JIT.search(str(word)) for word in (name, *params.values()))
    side, s = _side(median, stats), file.surroundings
    measured = Measured(FORWARD, OK, jit=side) if compiled else Measured(FORWARD, OK, eager=side)
    of = Bench(name, bench.text("group"), params, framework="", device="", dtype="", cache="")
    return _by_text(Line(s.run_id, s.started, s.commit, {}, s.env, of, measured), machine=file.machine)


def _side(median: float, stats: Fields) -> Side:
    q1, q3, least = (_or(stats.number(key), median) for key in ("q1", "q3", "min"))
    # their clock stops when the call returns, whatever still runs
    return Side(median, q1, q3, least, stats.count("rounds"), dispatch=median)


def _by_text(*found: Line, machine: dict[str, Any]) -> dict[str, Line]:
    return {as_text([line]): line for line in (replace(line, machine=machine) for line in found)}


def _or(value: float, otherwise: float) -> float:
    return otherwise if math.isnan(value) else value
