"""One stored line as a value: what a series takes of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..kernels.model import CHECKED, FORWARD, INVALID, NOISY, OK, SCHEMA
from ..target import listed
from .layout import UNKNOWN
from .lenient import Fields, Unusable
from .model import COMPILE, EAGER, JIT, MEMORY, RATIO, WATCHED, Bench, Run
from .problems import Tell, shown
from .times import utc

# What stands in the numbers of a row, in this order, and where a line keeps it.
COLUMNS = (RATIO, JIT, EAGER, COMPILE, MEMORY, "low", "high", "roofline")
_NOTHING = (math.nan,) * len(COLUMNS)

MEASURED = (OK, NOISY)
STATUSES = (*MEASURED, INVALID, CHECKED, "skipped")
_FAMILY = SCHEMA.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Head:
    """What all lines of a run say alike. ``key`` is the machine's, ``machine`` its fields as they came, ``floor`` the
    smallest relative change it can see (NaN where nobody measured it).
    """

    key: str
    branch: str
    machine: Mapping[str, Any]
    floor: float
    run: Run


@dataclass(frozen=True, slots=True)
class Row:
    """``numbers`` are those of COLUMNS, NaN where there is none."""

    head: Head
    bench: Bench
    numbers: tuple[float, ...]
    status: str
    reasons: str
    remeasured: int


def row(data: object, tell: Tell) -> Row:
    """What a line's JSON says; ``tell`` hears of each value that is left out. Unusable for what is no line of this
    schema, or one without a bench or a time.
    """
    line = Fields(_line(data), tell)
    head, bench, status = _head(line), _bench(line.part("bench"), line.text("pass", FORWARD)), _status(line)
    numbers = _numbers(line) if status in MEASURED else _NOTHING
    return Row(head, bench, numbers, status, line.words("reasons"), line.count("remeasured"))


def _head(line: Fields) -> Head:
    commit, machine, env = line.part("commit"), line.part("machine"), line.part("env")
    started = _started(line.data.get("started"))
    run = Run(line.text("run_id", started), started, commit.text("id"), _versions(env, machine))
    branch, key = commit.text("branch", UNKNOWN), machine.text("key", UNKNOWN)
    return Head(key, branch, machine.data, env.number("floor"), run)


def _line(data: object) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise Unusable(shown(data))
    schema = data.get("schema")
    if schema == SCHEMA:
        return data
    if schema is None:
        raise Unusable("JSON without a schema")
    newer = isinstance(schema, str) and schema.startswith(_FAMILY)
    raise Unusable(f"schema={shown(schema)}", f"{SCHEMA!r} or a newer pytest-dualfw" if newer else repr(SCHEMA))


def _started(value: object) -> str:
    try:
        return utc(value) if isinstance(value, str) else utc("")
    except ValueError:
        raise Unusable(f"started={shown(value)}", "a time such as 2026-11-21T23:00:00Z") from None


def _status(line: Fields) -> str:
    """A word that nobody defined counts as invalid: what stands beside it may not be a measurement."""
    status = line.text("status", OK)
    if status in STATUSES:
        return status
    line.tell(f"got status={shown(status)}, expected {listed(STATUSES, 'or')}; no number of the line is used")
    return INVALID


def _bench(bench: Fields, pass_: str) -> Bench:
    name = bench.text("id")
    if not name:
        raise Unusable("a line without bench.id", "the name of what was measured")
    return Bench(name, bench.text("group"), pass_, *(bench.text(key) for key in ("framework", "device", "dtype")))


def _versions(env: Fields, machine: Fields) -> dict[str, str]:
    found = {name: (machine if name == "driver" else env).text(name) for name in WATCHED}
    return {name: version for name, version in found.items() if version}


def _numbers(line: Fields) -> tuple[float, ...]:
    ratio, jit = line.part("ratio"), line.part("jit")
    return (
        ratio.number("median"),
        jit.number("median"),
        line.part("eager").number("median"),
        line.part("compile").number("first"),
        # a kernel that works in place takes none: there is nothing that could grow by a factor
        math.nan if jit.data.get("peak_bytes") == 0 else jit.number("peak_bytes"),
        ratio.number("lo"),
        ratio.number("hi"),
        line.number("roofline_pct"),
    )
