"""How long a year of nights takes to report, and how much memory: python benchmarks/history_size.py [--nights 365]

Makes a folder of nights with one line for each benchmark and pass, of the size that a run leaves, reads it back, and
runs ``dualfw report`` on it, each in a process of its own. Seeded: the same numbers each time.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pytest_dualfw.commands.report import main as main_of_report
from pytest_dualfw.history.reader import read

PASSES = ("forward", "forward+backward")
FIRST = datetime(2025, 11, 22, 1, tzinfo=UTC)
MACHINE: dict[str, Any] = {
    "key": "7aaf4e3c4fc0",
    "cpu": "AMD EPYC 9474F 48-Core Processor",
    "cores": 2,
    "gpu": "",
    "driver": "",
}
SOFTWARE = {"python": "3.11.7", "torch": "2.13.0+cpu", "jax": "0.10.2", "jaxlib": "0.10.2", "threads": 1}


def main() -> None:
    options = _options()
    if options.read:
        print(json.dumps(measured(lambda: read(Path(options.read)))))
        return
    if options.report:
        print(json.dumps(measured(lambda: reported(Path(options.report)))))
        return
    with tempfile.TemporaryDirectory() as folder:
        size = make(Path(folder), options.nights, options.benchmarks)
        print(f"{options.nights} nights x {options.benchmarks} benchmarks x {len(PASSES)} passes: {size / 1e6:.0f} MB")
        for what in ("read", "report"):
            command = [sys.executable, __file__, f"--{what}", folder]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            told = json.loads(done.stdout.splitlines()[-1])
            print(f"{what}: {told['seconds']:.1f} s, at most {told['megabytes']:.0f} MB of memory, "
                  f"of which {told['before']:.0f} MB were in use before")  # fmt: skip


def make(folder: Path, nights: int, benchmarks: int) -> int:
    """Bytes written."""
    rng, size = random.Random(1), 0
    for night in range(nights):
        when = FIRST + timedelta(days=night)
        path = folder / MACHINE["key"] / "main" / f"{when:%Y-%m}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(json.dumps(line(rng, when, i, name)) + "\n" for i in range(benchmarks) for name in PASSES)
        with path.open("a", encoding="utf-8") as file:
            size += file.write(text)
    return size


def line(rng: random.Random, when: datetime, i: int, name: str) -> dict[str, Any]:
    """As ``Line.to_json`` writes it."""
    torch, load = i % 2 == 1, when.day % 8 / 4
    eager, jit = (rng.lognormvariate(-9 + i % 7, 0.02) for _ in range(2))
    named = {"id": f"kernel_{i // 2} n={32 * i} cpu-float32", "group": f"kernel_{i // 2}", "params": {"n": 32 * i}}
    where = {"framework": "torch" if torch else "jax", "device": "cpu", "dtype": "float32", "cache": "rotated"}
    return {
        "schema": "dualfw-bench/1",
        "run_id": f"{when:%Y%m%d%H%M}",
        "started": f"{when:%Y-%m-%dT%H:%M:%SZ}",
        "commit": {"id": f"{when:%Y%m%d}".ljust(40, "0"), "time": when.isoformat(), "dirty": False, "branch": "main"},
        "machine": MACHINE,
        "env": {**SOFTWARE, "flags": {}, "load": load, "compile_backend": "inductor" if torch else "XLA"},
        "bench": {**named, **where},
        "pass": name,
        "eager": side(eager),
        "jit": side(jit),
        "ratio": {"median": eager / jit, "lo": 0.99 * eager / jit, "hi": 1.01 * eager / jit, "n_pairs": 714},
        "compile": {"trace": rng.random(), "lower": rng.random(), "first": rng.lognormvariate(1, 0.1), "cache": "cold"},
        "recompiles": 0,
        "flops": 65536.0,
        "bytes": 12288.0,
        "counted_by": "row",
        "roofline_pct": 12.5,
        "status": "ok",
        "reasons": [],
        "stop_reason": "the interval is narrow enough",
        "remeasured": 0,
    }


def side(median: float) -> dict[str, Any]:
    spread = {"q1": 0.99 * median, "q3": 1.01 * median, "min": 0.9 * median, "n": 714, "dispatch": 0.5 * median}
    return {"median": median, **spread, "clock": "wall", "peak_bytes": None, "device": None}


def reported(folder: Path) -> None:
    main_of_report([str(folder), "--out", str(folder / "out")])


def measured(run: Callable[[], object]) -> dict[str, float]:
    before, start = _megabytes(), time.perf_counter()
    run()
    return {"seconds": time.perf_counter() - start, "megabytes": _megabytes(), "before": before}


def _megabytes() -> float:
    """The most that this process has used."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1e6 if sys.platform == "darwin" else 1e6 / 1024)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--benchmarks", type=int, default=200)
    parser.add_argument("--read", help=argparse.SUPPRESS)
    parser.add_argument("--report", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
