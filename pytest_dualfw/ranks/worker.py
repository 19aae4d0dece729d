"""``python -m pytest_dualfw.ranks.worker FOLDER``: one rank computes the jobs of a plan, one after the other."""

import faulthandler
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..numerics import in_force
from .folder import DONE, JOB, RAISED, Folder
from .launchers import JOINS
from .plan import Job, Plan

if TYPE_CHECKING:
    from ..frameworks.base import Framework

# Asked for where it stands, a worker writes its stack: also one that hangs in C.
ASK = signal.SIGUSR1


@dataclass(frozen=True)
class Rank:
    """What a job knows of where it runs. ``fw`` is the framework on this rank's (first) device, None without one."""

    index: int
    count: int
    devices: int
    fw: "Framework | None"


def main(folder: Folder) -> None:
    index = int(os.environ["RANK"])
    with folder.stack(index).open("w") as stack, _telling(folder, index):
        faulthandler.register(ASK, file=stack, all_threads=False)
        folder.write(JOB, index, name="joining its group")
        plan = Plan.from_json(folder.plan.read_text(encoding="utf-8"))
        with _joined(plan, index) as rank:
            for number, job in enumerate(plan.jobs):
                folder.write(JOB, index, name=job.name)
                _save(folder.result(number, index), _computed(job, rank))
    folder.write(DONE, index, jobs=len(plan.jobs))
    gc.freeze()  # an interpreter that has torch takes seconds to end, looking for garbage


@contextmanager
def _telling(folder: Folder, index: int) -> Iterator[None]:
    """Tell of an exception before the process ends and the other ranks lose their connection to it."""
    try:
        yield
    except BaseException as error:
        said = str(error).strip().splitlines() or [""]
        folder.write(RAISED, index, error=f"{type(error).__name__}: {said[0]}".removesuffix(": "), time=time.time())
        raise


@contextmanager
def _joined(plan: Plan, index: int) -> Iterator[Rank]:
    """The ranks as one group of the target's framework, which is in force as in a test."""
    if not plan.target.fw:
        yield Rank(index, plan.ranks, plan.devices, None)
        return
    from ..frameworks import framework

    own = replace(plan.target, index=index * plan.devices)
    with _found(JOINS[plan.target.fw])(own, index, plan.ranks, plan.devices):
        fw = framework(own, plan.numerics)
        with fw.scope(), in_force(fw, seed=0):
            yield Rank(index, plan.ranks, plan.devices, fw)


def _computed(job: Job, rank: Rank) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _found(job.work)(rank, **job.options)
    return found


def _found(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def _save(place: Path, arrays: Mapping[str, Any]) -> None:
    beside = place.with_suffix(".part")
    with beside.open("wb") as file:
        np.savez(file, **arrays)
    beside.replace(place)


if __name__ == "__main__":
    main(Folder(Path(sys.argv[1])))
