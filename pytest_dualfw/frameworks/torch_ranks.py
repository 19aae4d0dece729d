"""Ranks of torch: a process group over gloo on CPUs, over NCCL on GPUs, one for each rank."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist

from ..target import Target

# target's device -> backend
BACKENDS = {"cpu": "gloo", "gpu": "nccl"}


@contextmanager
def joined(own: Target, rank: int, ranks: int, devices: int) -> Iterator[None]:
    """The default process group inside; where it is, stands in the environment that torchrun set."""
    device = torch.device("cuda", rank) if own.device == "gpu" else None
    if device:
        torch.cuda.set_device(device)
    dist.init_process_group(BACKENDS[own.device], device_id=device)
    yield
    dist.destroy_process_group()  # not after an error: it would wait for ranks that are waiting for this one
