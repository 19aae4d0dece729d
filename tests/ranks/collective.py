"""What ranks with a framework do in these tests: one sum over all of them, and some do not come to it."""

import os
import signal
import time

import numpy as np


def summed(rank):
    """1 + 2 + ... over all ranks."""
    return {"sum": _sum(rank, rank.index + 1.0)}


def skip(rank, who):
    """A rank that goes on to something else while the others wait for it."""
    if rank.index == who:
        elsewhere()
    return summed(rank)


def elsewhere():
    time.sleep(300)


def leave(rank, who):
    """A rank that dies between two sums."""
    first = summed(rank)
    if rank.index == who:
        os.kill(os.getpid(), signal.SIGKILL)
    summed(rank)
    return first


def raise_alone(rank, who):
    summed(rank)
    if rank.index == who:
        raise ValueError("planted")
    return summed(rank)


def places(rank):
    """On which devices a rank computes, and how many there are in all."""
    if rank.fw.name == "jax":
        import jax

        return {"own": np.array([d.id for d in jax.local_devices()]), "all": np.array(len(jax.devices()))}
    import torch.distributed as dist

    return {"own": np.array([dist.get_rank()]), "all": np.array(dist.get_world_size())}


def _sum(rank, x):
    if rank.fw.name == "torch":
        import torch.distributed as dist

        total = rank.fw.asarray(x)
        dist.all_reduce(total)
        return rank.fw.to_numpy(total)
    return _sum_in_jax(rank, x)


def _sum_in_jax(rank, x):
    import jax
    from jax.sharding import NamedSharding, PartitionSpec

    mesh = jax.sharding.Mesh(np.array(jax.devices()), ("all",))
    rows = NamedSharding(mesh, PartitionSpec("all"))
    count = len(jax.devices())
    given = jax.make_array_from_callback((count,), rows, lambda at: np.full(count, x, rank.fw.dtype)[at])
    own = jax.shard_map(
        lambda z: jax.lax.psum(z[0], "all"), mesh=mesh, in_specs=PartitionSpec("all"), out_specs=PartitionSpec()
    )
    return rank.fw.to_numpy(jax.jit(own)(given).addressable_data(0))
