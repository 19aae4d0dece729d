"""What saves memory on one device: micro-batches whose gradients add up, and activations computed again in backward."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..by_hand import initial
from .run import differentiated, logits, mean_loss, on_one_device, padded, summed_loss, typed

# Of 3, 3 and 2 rows of a padded batch, and some of them may be all padding.
MICRO_BATCHES = (slice(0, 3), slice(3, 6), slice(6, 8))


def micro_batches(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    return on_one_device(rank, schedule, accumulated)


def accumulated(params: Any, x: Any, y: Any, m: Any) -> Any:
    grads = differentiated(lambda p, x, y, m_: summed_loss(logits(p, x), y, m_) / jnp.sum(m))
    found = [grads(params, x[rows], y[rows], m[rows]) for rows in MICRO_BATCHES]
    loss, of_params = jax.tree.map(lambda *each: sum(each[1:], each[0]), *((loss, dp) for loss, dp, _ in found))
    return loss, of_params, jnp.concatenate([dx for _, _, dx in found])


def checkpointed(rank: Any, schedule: str, replicas: int, policy: str) -> dict[str, Any]:
    """jax.checkpoint around the model; and the bytes kept for backward without it and with it."""
    again = jax.checkpoint(logits, policy=getattr(jax.checkpoint_policies, policy))

    def loss(params: Any, x: Any, y: Any, m: Any) -> Any:
        return summed_loss(again(params, x), y, m) / jnp.sum(m)

    told = on_one_device(rank, schedule, differentiated(loss))
    return {**told, f"{rank.index}/kept": np.array([kept(rank, f) for f in (mean_loss, loss)])}


def kept(rank: Any, loss: Any) -> int:
    """Bytes that the pullback of the loss keeps beside the parameters: the arrays it closes over."""
    params = tuple(rank.fw.asarray(p) for p in initial())
    x, y, m = (rank.fw.asarray(typed(rank, z)) for z in padded("even", 1)[0])
    own = {p.unsafe_buffer_pointer() for p in params}
    pullback = jax.vjp(lambda p, x: loss(p, x, y, m), params, x)[1]
    found = {r.unsafe_buffer_pointer(): r.nbytes for r in jax.tree.leaves(pullback) if isinstance(r, jax.Array)}
    return sum(nbytes for place, nbytes in found.items() if place not in own)
