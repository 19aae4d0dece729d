"""What the plugin costs a suite that does not use it, and what collecting parametrised tests costs one that does.

    python benchmarks/overhead.py

Each figure is a ratio or a difference within this run: both sides are whole processes, run in turn in random order, and
the median of the paired differences is printed with its quartiles.
"""

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PAIRS = 40
COLLECTING_PAIRS = 8
TESTS = 10_000
TARGETS = 4

PLAIN = "def test_plain():\n    pass\n"
ASLEEP = ["-p", "no:pytest_dualfw.autoload"]

# The same 10,000 items: parametrised by pytest alone, and by the targets.
BY_HAND = f"""
import pytest

@pytest.mark.parametrize("n", range({TESTS // TARGETS}))
@pytest.mark.parametrize("cell", ["torch-float32", "torch-float64", "jax-float32", "jax-float64"])
def test_many(cell, n):
    pass
"""
BY_TARGET = f"""
import pytest

@pytest.mark.parametrize("n", range({TESTS // TARGETS}))
def test_many(target, n):
    pass
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain = suite(folder, "test_plain.py", PLAIN)
        report("start-up, plugin asleep (ms)", 1e3, paired([plain], [plain, *ASLEEP], PAIRS))
        targets = ["--fw=torch,jax", "--fw-dtype=float32,float64"]
        by_target = [suite(folder, "test_by_target.py", BY_TARGET), *targets, "--co"]
        by_hand = [suite(folder, "test_by_hand.py", BY_HAND), "--co", *ASLEEP]
        ratios(f"collecting {TESTS} items, by target over by hand", paired(by_target, by_hand, COLLECTING_PAIRS))
        unused = [suite(folder, "test_by_hand.py", BY_HAND), "--co"]
        ratios(f"collecting {TESTS} items, plugin asleep over absent", paired(unused, by_hand, COLLECTING_PAIRS))


def suite(folder: str, name: str, text: str) -> str:
    path = Path(folder, name)
    path.write_text(text)
    return str(path)


def paired(a: list[str], b: list[str], pairs: int) -> list[tuple[float, float]]:
    """Seconds of both commands, pair by pair, either first by chance; one warm-up pair is dropped."""
    found = []
    for _ in range(pairs + 1):
        first = random.random() < 0.5
        times = [seconds(c) for c in ((a, b) if first else (b, a))]
        found.append((times[0], times[1]) if first else (times[1], times[0]))
    return found[1:]


def seconds(arguments: list[str]) -> float:
    """CPU seconds of one pytest process (user and system): on a shared machine steadier than the wall clock."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=Path(arguments[0]).parent)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def report(what: str, scale: float, pairs: list[tuple[float, float]]) -> None:
    low, middle, high = statistics.quantiles([(a - b) * scale for a, b in pairs], n=4)
    print(f"{what}: {middle:.1f} more (quartiles {low:.1f} to {high:.1f}, {len(pairs)} pairs)")


def ratios(what: str, pairs: list[tuple[float, float]]) -> None:
    low, middle, high = statistics.quantiles([a / b for a, b in pairs], n=4)
    print(f"{what}: {middle:.3f} (quartiles {low:.3f} to {high:.3f}, {len(pairs)} pairs)")


if __name__ == "__main__":
    print(f"python {sys.version.split()[0]}, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores")
    main()
