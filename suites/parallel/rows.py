"""Rows: each technique under the name that it has in its framework, and where it runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_dualfw.ranks.plan import Job

# The axis along which replicas hold parts of a parameter, in a tensor-parallel pair of layers.
COLUMNS_THEN_ROWS = {"w1": 0, "b1": 0, "w2": 1}


@dataclass(frozen=True)
class Technique:
    """One way to compute the run on several devices: ``place`` is a function of ``in_torch`` or ``in_jax``.

    ``schedule`` says how many rows each batch has. Of what a run tells, ``untold`` is what no replica knows.
    ``split`` are parameters of which each replica tells its own part, ``all_reduces`` how many of them one step has.
    ``replicas`` are the numbers of replicas it can have, ``quick`` those of them in the quick profile. ``one_process``:
    it wants all devices in one. ``needs`` is a name that the framework must have. ``exact``: it runs the same
    kernels as one device does. ``frees``: the activation of the first layer is not kept for backward.
    """

    name: str
    place: str
    schedule: str = "uneven"
    options: Mapping[str, Any] = field(default_factory=dict)
    untold: tuple[str, ...] = ()
    split: Mapping[str, int] = field(default_factory=dict)
    all_reduces: int | None = None
    replicas: tuple[int, ...] = (2, 4)
    quick: tuple[int, ...] = (2,)
    one_process: bool = False
    needs: str = ""
    exact: bool = False
    frees: bool = False


@dataclass(frozen=True)
class Placement:
    """``ranks`` processes with ``devices`` devices each; ``quick``: in the quick profile too."""

    launcher: str
    ranks: int
    devices: int
    quick: bool

    @property
    def replicas(self) -> int:
        return self.ranks * self.devices

    def __str__(self) -> str:
        return f"{self.ranks}x{self.devices}"


@dataclass(frozen=True)
class Case:
    """A technique with so many replicas in one place: what a test is parametrised by."""

    fw: str
    technique: Technique
    replicas: int
    placement: Placement

    def __str__(self) -> str:
        return f"{self.technique.name}-{self.replicas}-{self.placement}"

    @property
    def op_name(self) -> str:
        return self.technique.name

    @property
    def quick(self) -> bool:
        return self.placement.quick and self.replicas in self.technique.quick

    @property
    def jobs(self) -> tuple[Job, Job]:
        """The run on one device and the run on all of them."""
        return alone(self.fw, self.technique.schedule, self.replicas), self._together

    @property
    def _together(self) -> Job:
        schedule, options = self.technique.schedule, self.technique.options
        name = f"{self.technique.name} with {self.replicas} replicas"
        given = {"schedule": schedule, "replicas": self.replicas, **options}
        return Job(name, place_of(self.fw, self.technique.place), given)


NOT_OF_X = ("grad_x",)
AGAIN: dict[str, Any] = {"replicas": (1,), "quick": (1,), "frees": True}

TORCH = (
    Technique("micro_batches", "one_device:micro_batches", replicas=(1,), quick=(1,)),
    Technique("checkpoint", "one_device:checkpointed", options={"use_reentrant": False}, **AGAIN, exact=True),
    Technique("checkpoint_reentrant", "one_device:checkpointed", options={"use_reentrant": True}, **AGAIN, exact=True),
    Technique("ddp", "data:data_parallel", untold=NOT_OF_X),
    Technique("ddp_compiled", "data:compiled", untold=NOT_OF_X, quick=()),
    Technique("ddp_no_sync", "data:accumulating", untold=NOT_OF_X),
    Technique("ddp_join", "data:joining", "tail", untold=("grad_x", "losses")),
    Technique("tensor_parallel", "tensor:tensor_parallel", split=COLUMNS_THEN_ROWS, all_reduces=2),
    Technique("dtensor", "tensor:sharded", all_reduces=2),
    Technique("pipeline", "pipeline:pipelined", "even", replicas=(2,)),
    Technique("gpipe", "pipeline:scheduled", "even", {"order": "ScheduleGPipe"}, NOT_OF_X, replicas=(2,)),
    Technique("1f1b", "pipeline:scheduled", "even", {"order": "Schedule1F1B"}, NOT_OF_X, replicas=(2,)),
)

JAX = (
    Technique("micro_batches", "one_device:micro_batches", replicas=(1,), quick=(1,)),
    Technique("checkpoint", "one_device:checkpointed", options={"policy": "nothing_saveable"}, **AGAIN),
    Technique(
        "checkpoint_dots", "one_device:checkpointed", options={"policy": "dots_saveable"}, **{**AGAIN, "quick": ()}
    ),
    Technique("shard_map", "data:through_shard_map", quick=(4,)),
    Technique("shard_map_psum", "data:in_shard_map", quick=()),
    Technique("shard_map_micro_batches", "data:accumulating"),
    Technique("sharded_jit", "data:sharded_jit", quick=()),
    Technique("pmap", "data:mapped", one_process=True, quick=(), needs="pmap"),
    Technique("tensor_parallel", "tensor:tensor_parallel", all_reduces=2),
    Technique("tensor_sharded_jit", "tensor:sharded_jit", all_reduces=2, quick=()),
    Technique("pipeline_ppermute", "pipeline:permuted", replicas=(2,)),
    Technique("pipeline_device_put", "pipeline:placed", replicas=(2,), one_process=True, quick=()),
)

TECHNIQUES = {"torch": TORCH, "jax": JAX}
PLACEMENTS = {
    "torch": (Placement("torchrun", 2, 1, quick=True), Placement("torchrun", 4, 1, quick=False)),
    "jax": (
        Placement("processes", 1, 4, quick=True),
        Placement("processes", 2, 1, quick=False),
        Placement("processes", 2, 2, quick=False),
    ),
}


def alone(fw: str, schedule: str, replicas: int) -> Job:
    """The run on one device; on how many another one is, does not matter where the batches are the same."""
    count = replicas if schedule == "tail" else 1
    return Job(
        f"{schedule} on one device for {count}", place_of(fw, "run:alone"), {"schedule": schedule, "replicas": count}
    )


def place_of(fw: str, place: str) -> str:
    return f"pytest_dualfw.suites.parallel.in_{fw}.{place}"


def cases(fw: str) -> list[Case]:
    return [
        Case(fw, technique, replicas, placement)
        for placement in PLACEMENTS[fw]
        for technique in TECHNIQUES[fw]
        for replicas in technique.replicas
        if _fits(technique, replicas, placement)
    ]


def _fits(technique: Technique, replicas: int, placement: Placement) -> bool:
    """One replica, which all ranks compute for themselves, once; two also in a process that has four devices."""
    if replicas == 1 or placement.ranks == 1:
        return placement.quick
    return replicas == placement.replicas and not technique.one_process


def jobs_of(chosen: Iterable[Case]) -> tuple[Job, ...]:
    """Each job once, in order."""
    return tuple({job.name: job for case in chosen for job in case.jobs}.values())
