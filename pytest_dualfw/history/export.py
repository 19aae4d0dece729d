"""A history for other tools: CSV, and files that ``pytest-benchmark compare`` reads. Pure functions."""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from typing import Any

from ..kernels.line import Line
from ..kernels.model import KernelTiming, Side
from ..report.model import finite
from .foreign import OWN
from .model import QUANTITIES, History, Run, Series, Timeline
from .problems import HistoryError

# ratio is eager over jit with its 95 % interval low to high; jit, eager and compile are seconds, memory is bytes,
# roofline percent. An empty cell: not measured.
CSV_COLUMNS = (
    *("machine", "branch", "run", "started", "commit", "bench", "group", "pass", "framework", "device", "dtype"),
    *("status", *QUANTITIES, "low", "high", "roofline", "remeasured", "reasons"),
)

# Of a normal distribution the quartiles are so many standard deviations apart.
_QUARTILES = 1.349


def to_csv(history: History) -> str:
    """CSV_COLUMNS, then one row for each run and series that it measured, in the order of both."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows(row for timeline in history.timelines for row in _rows(timeline))
    return text.getvalue()


def to_pytest_benchmark(lines: Iterable[Line]) -> dict[str, Any]:
    """One run as a file that ``pytest-benchmark compare`` accepts, a benchmark for each mode and pass.

    A line keeps the least, the quartiles and the median: mean and maximum stand for median and upper quartile, the
    standard deviation is what a normal distribution with these quartiles has. ``from_pytest_benchmark`` gives the
    lines back, except how often they were measured again. HistoryError for lines of several runs, or none.
    """
    found = list(lines)
    runs = sorted({line.run_id for line in found})
    if len(runs) != 1:
        raise HistoryError(f"got the lines of {len(runs)} runs, expected those of one; a file holds one run")
    first, machine = found[0], found[0].machine
    told = {
        "machine_info": {
            "cpu": {"brand_raw": machine.get("cpu", ""), "count": machine.get("cores", 0)},
            "python_version": first.env.get("python", ""),
        },
        "commit_info": first.commit.to_json(),
        "benchmarks": [bench for passes in _by_bench(found) for bench in _benchmarks(passes)],
        "datetime": first.started,
        "version": "5.0.0",
        OWN: {"run_id": first.run_id, "machine": machine},
    }
    plain: dict[str, Any] = finite(told)
    return plain


def _rows(timeline: Timeline) -> Iterator[list[Any]]:
    for i, run in enumerate(timeline.runs):
        for series in timeline.series:
            if series.status[i]:
                yield [timeline.key, timeline.branch, *_row(i, run, series)]


def _row(i: int, run: Run, series: Series) -> list[Any]:
    b, measured = series.bench, [series.values[quantity] for quantity in QUANTITIES]
    numbers = [float(found[i]) for found in (*measured, series.low, series.high, series.roofline)]
    cells = ["" if math.isnan(number) else repr(number) for number in numbers]
    names = [b.id, b.group, b.pass_, b.framework, b.device, b.dtype, series.status[i]]
    return [run.id, run.started, run.commit, *names, *cells, int(series.remeasured[i]), series.reasons[i]]


def _by_bench(lines: Iterable[Line]) -> list[list[Line]]:
    """The passes of each bench; of a line that comes twice the later."""
    found: dict[str, dict[str, Line]] = {}
    for line in lines:
        found.setdefault(line.bench.id, {})[line.measured.name] = line
    return [list(passes.values()) for passes in found.values()]


def _benchmarks(passes: list[Line]) -> Iterator[dict[str, Any]]:
    extra = _extra(passes)
    for line in passes:
        group = f"{line.bench.id} {line.measured.name}"
        for mode, side in (("eager", line.measured.eager), ("jit", line.measured.jit)):
            if side:
                told = {"group": group, "name": f"{group} {mode}", "fullname": f"{group} {mode}"}
                params = {**line.bench.params, "mode": mode}
                yield {**told, "params": params, "param": mode, "extra_info": extra, "stats": _stats(side)}


def _extra(passes: list[Line]) -> dict[str, Any]:
    """The timing as ``kernel_benchmark`` leaves it; none of a benchmark that was itself imported."""
    b, measured = passes[0].bench, tuple(line.measured for line in passes)
    if not b.framework:
        return {}
    timing = KernelTiming(b.group, b.framework, b.device, b.dtype, measured, b.params, b.cache, passes[0].env)
    return {OWN: timing.to_json()}


def _stats(side: Side) -> dict[str, Any]:
    spread = side.q3 - side.q1
    return {
        "min": side.minimum,
        "q1": side.q1,
        "median": side.median,
        "mean": side.median,
        "q3": side.q3,
        "max": side.q3,
        "iqr": spread,
        "stddev": spread / _QUARTILES,
        "ld15iqr": side.minimum,
        "hd15iqr": side.q3,
        "outliers": "0;0",
        "iqr_outliers": 0,
        "stddev_outliers": 0,
        "rounds": side.count,
        "iterations": 1,
        "total": side.median * side.count,
        "ops": 1 / side.median,
    }
