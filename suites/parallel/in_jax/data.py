"""Data parallel: shard_map in two ways, jit over sharded arrays, and pmap."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..by_hand import initial
from .run import (
    AXIS,
    ROWS,
    WHOLE,
    Grads,
    P,
    as_replicas,
    differentiated,
    lax,
    logits,
    mean_loss,
    mesh_of,
    padded,
    step_of,
    summed_loss,
    trained,
    typed,
)

MICRO_BATCHES = 2
BATCHES = (ROWS,) * 3


def through_shard_map(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """The loss is one shard_map, differentiated from outside: transposing it sums the gradients."""
    mesh = mesh_of(rank, replicas)

    def own(params: Any, x: Any, y: Any, m: Any) -> Any:
        return lax.psum(summed_loss(logits(params, x), y, m), AXIS) / rows_of_all(m)

    loss = jax.shard_map(own, mesh=mesh, in_specs=(P(), *BATCHES), out_specs=P())
    return trained(rank, differentiated(loss), schedule, mesh)


def in_shard_map(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """Each device differentiates the loss of its rows; the gradients are summed by hand."""
    return trained(rank, summed_by_hand(own_grads, mesh_of(rank, replicas)), schedule, mesh_of(rank, replicas))


def accumulating(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """Each shard in micro-batches, their gradients added in a scan; one sum over the devices at its end."""
    return trained(rank, summed_by_hand(accumulated_grads, mesh_of(rank, replicas)), schedule, mesh_of(rank, replicas))


def sharded_jit(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """No collective is written: the compiler sees that the rows lie on several devices."""
    return trained(rank, differentiated(mean_loss), schedule, mesh_of(rank, replicas))


def mapped(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """pmap: each replica has its own parameters and takes every step by itself; they meet at the sums."""
    devices = jax.devices(rank.fw.device)[:replicas]
    step = jax.pmap(step_of(pmapped_grads), axis_name=AXIS, devices=devices)
    params: Any = tuple(np.stack([typed(rank, p)] * replicas) for p in initial())
    velocity: Any = tuple(np.zeros_like(p) for p in params)
    found = []
    for batch in padded(schedule, replicas):
        given = [typed(rank, z).reshape(replicas, -1, *z.shape[1:]) for z in batch]
        params, velocity, told = step(params, velocity, *given)
        loss, of_params, of_x, moved = jax.tree.map(np.asarray, told)
        found.append((loss, of_params, np.concatenate(list(of_x)), moved))
    runs = {
        k: [(loss[k], [g[k] for g in dp], dx, [p[k] for p in ps]) for loss, dp, dx, ps in found]
        for k in range(replicas)
    }
    return as_replicas(runs, schedule, replicas)


def pmapped_grads(params: Any, x: Any, y: Any, m: Any) -> Any:
    loss, of_params, of_x = own_grads(params, x, y, m)
    return (*summed((loss, of_params)), of_x)


def summed_by_hand(own: Grads, mesh: Any) -> Grads:
    """``own`` on each device's rows, and the sums over devices."""

    def grads(params: Any, x: Any, y: Any, m: Any) -> Any:
        loss, of_params, of_x = own(own_copy(params), x, y, m)
        return (*summed((loss, of_params)), of_x)

    out = (P(), WHOLE, ROWS)
    return jax.shard_map(grads, mesh=mesh, in_specs=(P(), *BATCHES), out_specs=out)


def own_copy(params: Any) -> Any:
    """Parameters that each device may differentiate by itself: else their gradient is summed over devices already."""
    return jax.tree.map(lambda p: lax.pcast(p, AXIS, to="varying"), params)


def summed(tree: Any) -> Any:
    return lax.psum(tree, AXIS)


def rows_of_all(m: Any) -> Any:
    return lax.psum(jnp.sum(m), AXIS)


def own_loss(params: Any, x: Any, y: Any, m: Any, rows: Any) -> Any:
    """A device's part of the mean over all rows."""
    return summed_loss(logits(params, x), y, m) / rows


def own_grads(params: Any, x: Any, y: Any, m: Any) -> Any:
    rows = rows_of_all(m)
    return differentiated(lambda p, x, y, m: own_loss(p, x, y, m, rows))(params, x, y, m)


def accumulated_grads(params: Any, x: Any, y: Any, m: Any) -> Any:
    rows = rows_of_all(m)
    grads = differentiated(lambda p, x, y, m: own_loss(p, x, y, m, rows))

    def add(total: Any, micro: Any) -> Any:
        loss, of_params, of_x = grads(params, *micro)
        return jax.tree.map(jnp.add, total, (loss, of_params)), of_x

    start = jax.tree.map(jnp.zeros_like, (jnp.sum(m), params))
    micro = [z.reshape(MICRO_BATCHES, -1, *z.shape[1:]) for z in (x, y, m)]
    (loss, of_params), of_x = lax.scan(add, start, micro)
    return loss, of_params, of_x.reshape(x.shape)
