"""Ask a framework for its devices in a process of its own: ``python -m pytest_dualfw.frameworks.probe torch``.

The asking process holds no device memory, and a library that crashes on a broken driver takes only itself down.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from . import adaptor

TIMEOUT_S = 120

# Accepted by the XLA of jax 0.10; an XLA that does not know it ends the process, so it is tried out here first.
DETERMINISTIC_XLA = "--xla_gpu_deterministic_ops=true"


@dataclass(frozen=True)
class Device:
    """One device as the framework reports it; ``memory_gb`` in units of 2**30 bytes, None where it does not say."""

    kind: str
    name: str
    memory_gb: float | None = None


@dataclass(frozen=True)
class Probe:
    """What a framework finds on this machine. ``build`` says for what it was built, ``driver`` what drives it."""

    version: str
    devices: tuple[Device, ...] = ()
    build: str = ""
    driver: str = ""
    dtypes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(d.kind for d in self.devices))


class ProbeError(RuntimeError):
    """The framework could not be asked; the message is the last line it wrote."""


@cache
def probe(name: str, xla_flags: str | None = None) -> Probe:
    """What framework ``name`` finds on this machine. ProbeError where it cannot even be imported."""
    env = dict(os.environ, XLA_PYTHON_CLIENT_PREALLOCATE="false")
    if xla_flags is not None:
        env["XLA_FLAGS"] = xla_flags
    root = str(Path(__file__).resolve().parents[2])
    env["PYTHONPATH"] = os.pathsep.join(p for p in (env.get("PYTHONPATH"), root) if p)
    import subprocess  # 30 ms to import, and a run on the CPU never asks

    command = [sys.executable, "-m", "pytest_dualfw.frameworks.probe", name]
    try:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise ProbeError(f"it did not answer within {TIMEOUT_S} s") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise ProbeError(last)
    return from_json(done.stdout.splitlines()[-1])


def knows_deterministic_flag() -> bool:
    """Whether this XLA takes :data:`DETERMINISTIC_XLA` instead of ending the process."""
    try:
        probe("jax", f"{os.environ.get('XLA_FLAGS', '')} {DETERMINISTIC_XLA}".strip())
    except ProbeError:
        return False
    return True


def to_json(found: Probe) -> str:
    return json.dumps(asdict(found))


def from_json(text: str) -> Probe:
    data = json.loads(text)
    devices = tuple(Device(**d) for d in data.pop("devices"))
    dtypes = {kind: tuple(names) for kind, names in data.pop("dtypes").items()}
    return Probe(devices=devices, dtypes=dtypes, **data)


if __name__ == "__main__":
    print(to_json(adaptor(sys.argv[1]).probe()))
