"""A case of DLPack in a process of its own, on the CPU: ``python -m ...exchange.alone numpy torch backwards``."""

import resource
import subprocess
import sys

from pytest_dualfw.frameworks import framework
from pytest_dualfw.numerics import Numerics
from pytest_dualfw.target import Target

from .dlpack import DIES, NUMPY, Case, measured


def outcome(case: Case) -> str:
    command = [sys.executable, "-m", __name__, case.source, case.taker, case.name]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return DIES if run.returncode < 0 else run.stdout.strip() or run.stderr[-500:]


def main(source: str, taker: str, name: str) -> None:
    from importlib import import_module

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # its end leaves no file
    sides = {"numpy": NUMPY}
    for side in {source, taker} - {"numpy"}:
        fw = framework(Target(side, "cpu", "float64", "eager"), Numerics())
        sides[side] = import_module(f"{__package__}.in_{side}.dlpack").side(fw)
    print(measured(Case(source, taker, name, ()), sides))


if __name__ == "__main__":
    main(*sys.argv[1:])
