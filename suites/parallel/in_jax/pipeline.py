"""A pipeline of two stages, each of one linear layer: micro-batches travel between devices (GPipe, Huang 2019)."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..by_hand import BATCH, NAMES, WIDTH, initial
from .run import (
    AXIS,
    P,
    as_replicas,
    differentiated,
    lax,
    mesh_of,
    padded,
    summed_loss,
    trained,
    typed,
    updated,
)

MICRO_BATCHES = 4
SENT = [(0, 1)]
LAYERS = (slice(0, 2), slice(2, 4))


def permuted(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """One program on both devices: at each tick a stage works on a micro-batch and sends it on (ppermute).

    Differentiating turns the pipeline round: gradients travel from the last stage to the first.
    """
    mesh = mesh_of(rank, replicas)
    stages = jax.shard_map(pipeline, mesh=mesh, in_specs=(P(AXIS), P(AXIS), P()), out_specs=P(AXIS))

    def loss(params: Any, x: Any, y: Any, m: Any) -> Any:
        w1, b1, w2, b2 = params
        logits = stages(jnp.stack([w1, w2]), jnp.stack([b1, b2]), x)[1]
        return summed_loss(logits, y, m) / jnp.sum(m)

    return trained(rank, differentiated(loss), schedule, mesh, P())


def pipeline(w: Any, b: Any, x: Any) -> Any:
    """What leaves this stage for every micro-batch, with a leading axis of stages. w is (1,8,8), b (1,8)."""
    last = lax.axis_index(AXIS) == 1
    waiting = x.reshape(MICRO_BATCHES, -1, WIDTH)

    def tick(received: Any, t: Any) -> Any:
        z = jnp.where(last, received, waiting[jnp.minimum(t, MICRO_BATCHES - 1)])
        a = z @ w[0].T + b[0]
        out = jnp.where(last, a, jnp.tanh(a))
        return lax.ppermute(out, AXIS, SENT), out

    nothing = lax.pcast(jnp.zeros_like(waiting[0]), AXIS, to="varying")
    _, out = lax.scan(tick, nothing, jnp.arange(MICRO_BATCHES + 1))
    return lax.dynamic_slice_in_dim(out, last.astype(int), MICRO_BATCHES).reshape(1, -1, WIDTH)


def placed(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """Two programs, one for each device; activations and their gradients are put from one to the other."""
    devices = jax.devices(rank.fw.device)[:2]
    start = [tuple(typed(rank, p) for p in initial()[layer]) for layer in LAYERS]
    params = [jax.device_put(p, device) for p, device in zip(start, devices, strict=True)]
    velocity = [jax.tree.map(jnp.zeros_like, p) for p in params]
    found = []
    for batch in padded(schedule, 1):
        loss, gradients, of_x = both_stages(params, [typed(rank, z) for z in batch], devices)
        stepped = [updated(p, v, g) for p, v, g in zip(params, velocity, gradients, strict=True)]
        params, velocity = [p for p, _ in stepped], [v for _, v in stepped]
        told = (loss, [*gradients[0], *gradients[1]], of_x, [*params[0], *params[1]])
        found.append(jax.tree.map(rank.fw.to_numpy, told))
    return own_parts(as_replicas({0: found}, schedule, 1))


def both_stages(params: Any, batch: Any, devices: Any) -> Any:
    """The loss of the whole batch, the gradients of each stage, and that of x."""
    rows = batch[2].sum()
    parts = [[z[i : i + BATCH // MICRO_BATCHES] for z in batch] for i in range(0, BATCH, BATCH // MICRO_BATCHES)]
    found = []
    for x, y, m in parts:
        z = jax.device_put(x, devices[0])
        h = jax.device_put(first_stage(params[0], z), devices[1])
        loss, (of_last, g) = last_stage(params[1], h, y, m, rows)
        of_first, of_x = first_stage_backward(params[0], z, jax.device_put(g, devices[0]))
        found.append(((loss, (of_first, of_last)), of_x))
    loss, gradients = jax.tree.map(lambda *each: sum(each[1:], each[0]), *(sums for sums, _ in found))
    return loss, gradients, jnp.concatenate([of_x for _, of_x in found])


@jax.jit
def first_stage(params: Any, x: Any) -> Any:
    return jnp.tanh(x @ params[0].T + params[1])


@jax.jit
def first_stage_backward(params: Any, x: Any, g: Any) -> Any:
    return jax.vjp(first_stage, params, x)[1](g)


@jax.jit
def last_stage(params: Any, h: Any, y: Any, m: Any, rows: Any) -> Any:
    def loss(params: Any, h: Any) -> Any:
        return summed_loss(h @ params[0].T + params[1], y, m) / rows

    return jax.value_and_grad(loss, argnums=(0, 1))(params, h)


def own_parts(told: dict[str, Any]) -> dict[str, Any]:
    """Under the number of the stage that holds each array: the second has the loss and the second layer."""
    second = {"losses", *(f"{kind}_{name}" for kind in ("grad", "param") for name in NAMES[2:])}
    return {f"{int(key[2:] in second)}/{key[2:]}": np.asarray(x) for key, x in told.items()}
