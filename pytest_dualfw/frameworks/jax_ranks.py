"""Ranks of JAX: processes that ``jax.distributed`` joins, with gloo collectives on CPUs; or one with many devices."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import jax

from ..target import Target

_DEVICE_COUNT = "--xla_force_host_platform_device_count"


@contextmanager
def joined(own: Target, rank: int, ranks: int, devices: int) -> Iterator[None]:
    """``jax.devices()`` has all ranks' devices inside, ``devices`` of each. Nothing of JAX may have run before."""
    if own.device == "cpu":
        _make_devices(devices)
    if ranks == 1:
        yield
        return
    local = range(rank * devices, (rank + 1) * devices) if own.device == "gpu" else None
    if own.device == "cpu":
        jax.config.update("jax_cpu_collectives_implementation", "gloo")  # type: ignore[no-untyped-call]
    coordinator = f"{os.environ['MASTER_ADDR']}:{os.environ['MASTER_PORT']}"
    jax.distributed.initialize(coordinator, ranks, rank, local_device_ids=local)
    yield
    # Not after an error: it would wait for ranks that are waiting for this one.
    jax.distributed.shutdown()  # type: ignore[no-untyped-call]


def _make_devices(count: int) -> None:
    """CPU devices that XLA makes up, with a thread for each: with fewer a collective waits for itself."""
    flags = os.environ.get("XLA_FLAGS", "").split()
    os.environ["XLA_FLAGS"] = " ".join(flag for flag in flags if not flag.startswith(_DEVICE_COUNT))
    os.environ["NPROC"] = str(max(count, int(os.environ.get("NPROC", "1"))))
    jax.config.update("jax_platforms", "cpu")  # type: ignore[no-untyped-call]
    jax.config.update("jax_num_cpu_devices", count)  # type: ignore[no-untyped-call]
