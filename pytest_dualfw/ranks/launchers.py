"""How ranks are started: a table of launchers, and what a target must have for them."""

import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..frameworks.probe import probe
from .plan import Plan

_HOST = "127.0.0.1"

# target's framework -> where its ranks become one group
JOINS = {
    "torch": "pytest_dualfw.frameworks.torch_ranks:joined",
    "jax": "pytest_dualfw.frameworks.jax_ranks:joined",
}


class RanksUnsupported(RuntimeError):
    """The machine has too few devices for a plan; the message is one sentence."""


@dataclass(frozen=True)
class Process:
    """One process to start: its command and what its environment has beside this process's."""

    command: tuple[str, ...]
    environment: dict[str, str]


Launcher = Callable[[Plan, Path, int], list[Process]]


def shepherd(folder: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest_dualfw.ranks.shepherd", str(folder))


def torchrun(plan: Plan, folder: Path, port: int) -> list[Process]:
    """torch's own launcher. It finds a free port itself: ``--standalone`` asks the system for one and keeps it."""
    options = ("--standalone", "--nnodes=1", f"--nproc-per-node={plan.ranks}", "--max-restarts=0", "--no-python")
    return [Process((sys.executable, "-m", "torch.distributed.run", *options, *shepherd(folder)), {})]


def processes(plan: Plan, folder: Path, port: int) -> list[Process]:
    """One process for each rank, as a cluster's scheduler starts them. The names are those that torchrun sets."""
    group = {"WORLD_SIZE": str(plan.ranks), "MASTER_ADDR": _HOST, "MASTER_PORT": str(port)}
    return [Process(shepherd(folder), {**group, "RANK": str(k), "LOCAL_RANK": str(k)}) for k in range(plan.ranks)]


LAUNCHERS: dict[str, Launcher] = {"torchrun": torchrun, "processes": processes}


def environment(plan: Plan) -> dict[str, str]:
    """What all ranks share: this process's modules, and as many threads as the target has."""
    threads = str(plan.numerics.threads)
    found = os.pathsep.join(os.path.abspath(p) for p in sys.path)
    return {**os.environ, "PYTHONPATH": found, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": threads}


def reserved() -> socket.socket:
    """A socket that holds a free port of this machine for as long as it is open, without listening.

    A coordinator that sets SO_REUSEPORT, as gRPC's server does, can bind it too; the system gives it to nobody else.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind((_HOST, 0))
    return held


def expect_devices(plan: Plan) -> None:
    """Raise RanksUnsupported where ranks want more devices of their own than there are. CPUs are shared."""
    wanted, kind = plan.ranks * plan.devices, plan.target.device
    if kind == "cpu":
        return
    there = sum(device.kind == kind for device in probe(plan.target.fw).devices)
    if there < wanted:
        raise RanksUnsupported(
            f"{plan.ranks} ranks with {plan.devices} {kind} each need {wanted} and {plan.target.fw} sees {there}; "
            "run on a machine that has them, without pytest-xdist (it gives each worker one)"
        )
