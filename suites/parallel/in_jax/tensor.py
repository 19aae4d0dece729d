"""Tensor parallel: a column-parallel linear layer, then a row-parallel one (Megatron-LM, Shoeybi 2019, section 3).

Each device holds some rows of w1 (O,I) and b1, and the same columns of w2. Forward and backward there is one
all-reduce: of the partial logits, and of the gradient of x, which transposing shard_map puts where x becomes each
device's own.
"""

from typing import Any

import jax
import jax.numpy as jnp

from .run import AXIS, P, differentiated, lax, mean_loss, mesh_of, summed_loss, trained

PLACES = (P(AXIS, None), P(AXIS), P(None, AXIS), P())


def tensor_parallel(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    mesh = mesh_of(rank, replicas)
    forward = jax.shard_map(partial_logits, mesh=mesh, in_specs=(PLACES, P()), out_specs=P())

    def loss(params: Any, x: Any, y: Any, m: Any) -> Any:
        return summed_loss(forward(params, x), y, m) / jnp.sum(m)

    return trained(rank, differentiated(loss), schedule, mesh, P(), PLACES)


def partial_logits(params: Any, x: Any) -> Any:
    w1, b1, w2, b2 = params
    return lax.psum(jnp.tanh(x @ w1.T + b1) @ w2.T, AXIS) + b2


def sharded_jit(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """No collective is written: the compiler sees that the parameters lie on several devices."""
    return trained(rank, differentiated(mean_loss), schedule, mesh_of(rank, replicas), P(), PLACES)
