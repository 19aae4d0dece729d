"""Tensor parallel: a column-parallel linear layer, then a row-parallel one (Megatron-LM, Shoeybi 2019, section 3).

Each rank holds some rows of w1 (O,I) and b1, and the same columns of w2. Forward and backward there is one all-reduce:
of the partial logits, and of the gradient of x.
"""

from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.distributed.tensor.debug import CommDebugMode

from ..by_hand import NAMES
from .run import Record, network, part, replica, sgd, steps


class _Copied(torch.autograd.Function):
    """f: forward the identity, backward the sum over ranks."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        total = g.clone()
        dist.all_reduce(total)
        return total


class _Reduced(torch.autograd.Function):
    """g: forward the sum over ranks, backward the identity."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        total = x.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g


# Without types.
copied: Any = _Copied.apply
reduced: Any = _Reduced.apply
counting: Any = CommDebugMode


def tensor_parallel(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    w1, b1, w2, b2 = (p.detach() for p in network(rank.fw).parameters())
    columns = part(w2.T, rank.index, rank.count).T
    held = [part(w1, rank.index, rank.count), part(b1, rank.index, rank.count), columns, b2]
    params = [p.clone().requires_grad_() for p in held]

    def logits(x: Any) -> Any:
        v1, c1, v2, c2 = params
        return reduced(torch.tanh(F.linear(copied(x), v1, c1)) @ v2.T) + c2

    return trained(rank, logits, params, schedule, replicas)


def sharded(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """The same as torch.distributed.tensor.parallel does it, with DTensors."""
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel, parallelize_module

    mesh = init_device_mesh("cuda" if rank.fw.device == "gpu" else "cpu", (rank.count,))
    net = parallelize_module(network(rank.fw), mesh, {"0": ColwiseParallel(), "2": RowwiseParallel()})
    return trained(rank, net, list(net.parameters()), schedule, replicas)


def trained(rank: Any, logits: Any, params: list[Any], schedule: str, replicas: int) -> dict[str, Any]:
    optimiser, record = sgd(params), Record(rank.fw, params, NAMES)
    counts = []
    for x, y in steps(rank.fw, schedule, replicas):
        optimiser.zero_grad()
        with counting() as communicated:
            loss: Any = F.cross_entropy(logits(x.requires_grad_()), y)
            loss.backward()
        counts.append(communicated.get_total_counts())
        record.step(loss, x)
        optimiser.step()
    return {**replica(rank, record), f"{rank.index}/all_reduces": max(counts)}
