"""The model, the record of a run, and the run on one device. Batches are padded to one shape and carry a mask."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from ..by_hand import BATCH, LEARNING_RATE, MOMENTUM, NAMES, batches, initial, sizes

# Without types.
P: Any = PartitionSpec
lax: Any = jax.lax

AXIS = "replicas"

# Where arrays lie: rows of a batch on the replicas in turn, each parameter whole on all of them.
ROWS = P(AXIS)
WHOLE = (P(),) * len(NAMES)

# ``grads(params, x, y, m) -> (loss, gradients of params, gradient of x)``, for one batch.
Grads = Callable[..., Any]

# In the text of a compiled program; a GPU starts them and waits for them later.
_ALL_REDUCE = re.compile(r" all-reduce(?:-start)?\(")


def mesh_of(rank: Any, replicas: int) -> Mesh:
    """The first devices of all ranks."""
    return Mesh(np.array(jax.devices(rank.fw.device)[:replicas]), (AXIS,))


def logits(params: Any, x: Any) -> Any:
    w1, b1, w2, b2 = params
    return jnp.tanh(x @ w1.T + b1) @ w2.T + b2


def summed_loss(rows: Any, y: Any, m: Any) -> Any:
    """Over the rows of which the mask is 1."""
    picked = jnp.take_along_axis(jax.nn.log_softmax(rows), y[:, None], axis=1)[:, 0]
    return -jnp.sum(m * picked)


def mean_loss(params: Any, x: Any, y: Any, m: Any) -> Any:
    return summed_loss(logits(params, x), y, m) / jnp.sum(m)


def differentiated(loss: Callable[..., Any]) -> Grads:
    """``loss(params, x, y, m)`` and its gradients with respect to the first two."""

    def grads(params: Any, x: Any, y: Any, m: Any) -> Any:
        value, (of_params, of_x) = jax.value_and_grad(loss, argnums=(0, 1))(params, x, y, m)
        return value, of_params, of_x

    return grads


def dealt(replicas: int) -> Any:
    """Rows are dealt out in turn, so that a shard has padding at its end, or nothing but padding."""
    return np.arange(BATCH).reshape(-1, replicas).T.reshape(-1)


def padded(schedule: str, replicas: int) -> list[tuple[Any, Any, Any]]:
    """x (8, 8), y (8,) and the mask m (8,) of each step, in NumPy."""
    order, found = dealt(replicas), []
    for x, y in batches(schedule, replicas):
        missing = BATCH - len(x)
        filled = np.append(x, np.zeros((missing, x.shape[1])), axis=0)
        labels = np.append(y, np.zeros(missing, np.int64))
        mask = np.append(np.ones(len(x)), np.zeros(missing))
        found.append((filled[order], labels[order], mask[order]))
    return found


def typed(rank: Any, x: Any) -> Any:
    """NumPy's ``x`` in the target's dtype, or as 32-bit integers."""
    return x.astype(rank.fw.dtype if x.dtype.kind == "f" else np.int32)


def put(rank: Any, mesh: Mesh, x: Any, spec: Any) -> Any:
    """NumPy's ``x`` on the mesh: every rank holds the whole of it and gives its devices their parts."""
    data = typed(rank, x)
    return jax.make_array_from_callback(data.shape, NamedSharding(mesh, spec), lambda part: data[part])


def updated(params: Any, velocity: Any, gradients: Any) -> Any:
    """SGD with momentum: ``(params, velocity)``."""
    velocity = jax.tree.map(lambda v, g: MOMENTUM * v + g, velocity, gradients)
    return jax.tree.map(lambda p, v: p - LEARNING_RATE * v, params, velocity), velocity


def step_of(grads: Grads) -> Callable[..., Any]:
    """``(params, velocity, x, y, m) -> (params, velocity, told)``, told the loss, gradients, that of x, and params."""

    def step(params: Any, velocity: Any, x: Any, y: Any, m: Any) -> Any:
        loss, of_params, of_x = grads(params, x, y, m)
        params, velocity = updated(params, velocity, of_params)
        return params, velocity, (loss, of_params, of_x, params)

    return step


def trained(
    rank: Any, grads: Grads, schedule: str, mesh: Mesh, rows: Any = ROWS, weights: Any = WHOLE
) -> dict[str, Any]:
    """Train by ``grads`` on ``mesh``: batches laid out by ``rows``, each parameter by its place in ``weights``."""
    params = tuple(put(rank, mesh, p, place) for p, place in zip(initial(), weights, strict=True))
    velocity = tuple(put(rank, mesh, np.zeros(p.shape), place) for p, place in zip(initial(), weights, strict=True))
    steps = [[put(rank, mesh, z, rows) for z in batch] for batch in padded(schedule, mesh.devices.size)]
    compiled = compiled_step(grads, mesh, weights).lower(params, velocity, *steps[0]).compile()
    found = []
    for batch in steps:
        params, velocity, told = compiled(params, velocity, *batch)
        found.append(jax.tree.map(lambda x: copies(rank, mesh, x), told))
    own = [k for k, device in enumerate(mesh.devices) if device.process_index == jax.process_index()]
    count = len(_ALL_REDUCE.findall(compiled.as_text() or ""))
    runs = {k: [_of(told, k) for told in found] for k in own}
    return as_replicas(runs, schedule, mesh.devices.size, all_reduces=count)


def compiled_step(grads: Grads, mesh: Mesh, weights: Any) -> Any:
    """Parameters stay where they are. What is told becomes whole on every replica; what is whole already stays as each
    of them has it.
    """
    places = tuple(NamedSharding(mesh, place) for place in weights)
    return jax.jit(step_of(grads), out_shardings=(places, places, NamedSharding(mesh, P())))


def copies(rank: Any, mesh: Mesh, x: Any) -> dict[int, Any]:
    """What each replica of this rank holds of an array that is the same on all."""
    index = {device: k for k, device in enumerate(mesh.devices)}
    return {index[shard.device]: rank.fw.to_numpy(shard.data) for shard in x.addressable_shards}


def as_replicas(runs: Mapping[int, Any], schedule: str, replicas: int, **more: Any) -> dict[str, Any]:
    """What is told of each replica's steps, in NumPy, without the padding of x."""
    found: dict[str, Any] = {}
    back = np.argsort(dealt(replicas))
    for k, steps in runs.items():
        losses, of_params, of_x, params = (list(each) for each in zip(*steps, strict=True))
        rows = [g[back][:n] for g, n in zip(of_x, sizes(schedule, replicas), strict=True)]
        named = {"losses": np.stack(losses), "grad_x": np.concatenate(rows), **more}
        for name, gradients, p in zip(NAMES, zip(*of_params, strict=True), params[-1], strict=True):
            named |= {f"grad_{name}": np.stack(gradients), f"param_{name}": p}
        found |= {f"{k}/{name}": x for name, x in named.items()}
    return found


def alone(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """Whole batches on the first of this rank's devices."""
    return on_one_device(rank, schedule, differentiated(mean_loss))


def on_one_device(rank: Any, schedule: str, grads: Grads) -> dict[str, Any]:
    mesh = Mesh(np.array(jax.local_devices(backend=rank.fw.device)[:1]), (AXIS,))
    told = trained(rank, grads, schedule, mesh)
    return {f"{rank.index}/{name.partition('/')[2]}": x for name, x in told.items()}


def _of(told: Any, k: int) -> Any:
    return jax.tree.map(lambda each: each[k], told, is_leaf=lambda x: isinstance(x, dict))
