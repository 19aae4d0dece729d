"""What saves memory on one device: micro-batches whose gradients add up, and activations computed again in backward."""

from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

from .run import network, on_one_device, steps, summed_loss

# Batches of 8, 5 and 3 rows: not one comes out even.
MICRO_BATCHES = 3


def micro_batches(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    return on_one_device(rank, schedule, replicas, accumulated)


def accumulated(net: Any, x: Any, y: Any) -> Any:
    total = x.new_zeros(())
    for xs, ys in zip(x.tensor_split(MICRO_BATCHES), y.tensor_split(MICRO_BATCHES), strict=True):
        loss = summed_loss(net(xs), ys) / len(y)
        loss.backward()
        total += loss.detach()
    return total


def checkpointed(rank: Any, schedule: str, replicas: int, use_reentrant: bool) -> dict[str, Any]:
    """torch.utils.checkpoint around the model; and the bytes kept for backward without it and with it."""
    call = partial(checkpoint, use_reentrant=use_reentrant)
    told = on_one_device(rank, schedule, replicas, lambda net, x, y: again(call, net, x, y))
    net, (x, y) = network(rank.fw), steps(rank.fw, schedule, replicas)[0]
    bytes_kept = [kept(f, net, x.requires_grad_(), y) for f in (net, partial(call, net))]
    return {**told, f"{rank.index}/kept": torch.tensor(bytes_kept).numpy()}


def again(call: Any, net: Any, x: Any, y: Any) -> Any:
    loss: Any = F.cross_entropy(call(net, x), y)
    loss.backward()
    return loss


def kept(f: Any, net: Any, x: Any, y: Any) -> int:
    """Bytes that the graph of the loss keeps for backward beside the parameters."""
    own = {p.untyped_storage().data_ptr() for p in net.parameters()}
    found: dict[int, Any] = {}

    def pack(saved: Any) -> Any:
        found[saved.untyped_storage().data_ptr()] = saved
        return saved

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda saved: saved):
        F.cross_entropy(f(x), y)
    return sum(saved.untyped_storage().nbytes() for place, saved in found.items() if place not in own)
