"""Everything that wants a real GPU, in one command: python benchmarks/gpu.py [--budget 1500]

What the machine is, the shipped suites, every kernel eager and jitted, and torch's kernels beside triton's do_bench.
Leaves report.json, kernels.jsonl, plots, the page and provenance.json in benchmarks/results/<device>-<date>/. A step
that fails or runs out of time is told there, and the next one begins. --device=cpu -k "softmax and tiny" tries it
where there is no GPU.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from pytest_dualfw.kernels.environment import commit

HERE = Path(__file__).resolve().parent
PACKAGES = ("torch", "triton", "jax", "jaxlib", "numpy", "pytest", "pytest-benchmark", "pytest-dualfw")
PYTEST = ("-m", "pytest", "--pyargs", "-q", "-p", "no:cacheprovider")
BOTH = ("--fw=torch,jax", "--fw-mode=eager,jit")
# Samples of ours for each kernel beside do_bench's.
SAMPLES = 200


@dataclass(frozen=True)
class Step:
    """``part`` of the whole budget is what it may take."""

    name: str
    arguments: tuple[str, ...]
    part: float


@dataclass(frozen=True)
class Done:
    """How a step ended: ``status`` as a process ends, None where its time was up."""

    name: str
    command: str
    status: int | None
    seconds: float


def main() -> None:
    options = _options()
    if options.beside:
        for line in beside_do_bench(options.k):
            print(json.dumps(line), flush=True)
        return
    out = options.out or HERE / "results" / f"{_device_name(options.device)}-{datetime.now(UTC):%Y-%m-%d}"
    out.mkdir(parents=True, exist_ok=True)
    done: list[Done] = []
    for step in steps(options.device, out, options.k):
        done.append(run(step, out, options.budget))
        print(f"{step.name}: status {done[-1].status}, {done[-1].seconds:.0f} s", flush=True)
        (out / "provenance.json").write_text(json.dumps(provenance(done), indent=1) + "\n", encoding="utf-8")


def steps(device: str, out: Path, narrowed: str) -> list[Step]:
    """In the order of their worth: what was measured first is there when the time is up."""
    on, only = f"--fw-device={device}", ("-k", narrowed) if narrowed else ()
    dtypes = "--fw-dtype=float32,bfloat16"
    timed = (*PYTEST, "pytest_dualfw.suites.test_kernels", *BOTH, on, dtypes, "--benchmark-only", "--benchmark-quiet")
    suites = (*PYTEST, "pytest_dualfw.suites", *BOTH, on, dtypes, "--benchmark-skip")
    drawn = (str(out / "kernels"), "--run", str(out / "suites"), "--out", str(out / "page"))
    return [
        Step("doctor", ("-m", "pytest_dualfw.command", "doctor", f"--device={device}", "--json"), 0.1),
        Step("kernels", (*timed, f"--fw-report={out / 'kernels'}", *only), 0.45),
        Step("do_bench", (__file__, "--beside", "-k", narrowed), 0.15),
        Step("suites", (*suites, f"--fw-report={out / 'suites'}", *only), 0.25),
        Step("page", ("-m", "pytest_dualfw.command", "report", *drawn), 0.05),
    ]


def run(step: Step, out: Path, budget: float) -> Done:
    """Its output goes to a file of its name."""
    command, start = [sys.executable, *step.arguments], time.perf_counter()
    with (out / f"{step.name}.txt").open("w", encoding="utf-8") as log:
        try:
            limit = budget * step.part
            status = subprocess.run(
                command, stdout=log, stderr=subprocess.STDOUT, timeout=limit, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            status = None
    told = " ".join(["python", *step.arguments]).replace(f"{HERE.parent}/", "")
    return Done(step.name, told, status, time.perf_counter() - start)


def provenance(done: list[Done]) -> dict[str, Any]:
    found = {"date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "python": sys.version.split()[0]}
    versions = {name: known for name in PACKAGES if (known := _version(name))}
    return {**found, "versions": versions, "commit": commit(HERE).to_json(), "steps": [asdict(d) for d in done]}


def beside_do_bench(narrowed: str) -> Iterator[dict[str, Any]]:
    """torch's jitted forward pass of each kernel, medium and large: our median and do_bench's, in seconds."""
    import numpy as np
    from pytest_dualfw.suites.kernels import KERNELS, kernels
    from triton.testing import do_bench

    from pytest_dualfw import frameworks
    from pytest_dualfw.kernels.model import FORWARD
    from pytest_dualfw.kernels.passes import Pass
    from pytest_dualfw.kernels.subject import Subject
    from pytest_dualfw.numerics import Numerics, in_force
    from pytest_dualfw.target import Target

    fw = frameworks.framework(Target("torch", "gpu", "float32", "jit"), Numerics(compile_backend="inductor"))
    for kernel in kernels(KERNELS, ("medium", "large")):
        if kernel.unsupported(fw.target) or not all(word in str(kernel) for word in narrowed.split(" and ")):
            continue
        with in_force(fw, 0), kernel.in_force(fw):
            rng = np.random.default_rng(0)
            made = Subject.of(fw, kernel.in_framework("torch"), kernel.inputs("gpu"), rng, backward=False)
            with made.timer.scope():
                p = Pass.of(made, FORWARD)
                ours = median([p.seconds("jit", 1) for _ in range(SAMPLES)][SAMPLES // 4 :])
                call = partial(p.calls["jit"], *p.rotation.take(1)[0])
                theirs = 1e-3 * float(do_bench(call, return_mode="median"))
        yield {"kernel": str(kernel), "ours": ours, "do_bench": theirs, "ratio": ours / theirs}


def _device_name(device: str) -> str:
    if device != "gpu":
        return device
    asked = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        raise SystemExit("nvidia-smi names no GPU here; run on a machine with one, or give --device=cpu") from None
    return "-".join(told.lower().split())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("gpu", "cpu"), default="gpu")
    parser.add_argument("--budget", type=float, default=1500.0, help="seconds in all (default: 1500)")
    parser.add_argument("-k", default="", help="words of a kernel's name, as pytest takes them")
    parser.add_argument("--out", type=Path, help="where the results go")
    parser.add_argument("--beside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
