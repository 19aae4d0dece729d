"""Data parallel: torch.nn.parallel.DistributedDataParallel, which averages gradients over ranks."""

from contextlib import nullcontext
from typing import Any

import torch
import torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel

from .run import Record, network, over_all, part, replica, sgd, steps, summed_loss

MICRO_BATCHES = 2


def replicated(rank: Any) -> Any:
    return DistributedDataParallel(network(rank.fw))


def shares(loss: Any, rows: int, rank: Any) -> Any:
    """The summed loss of some of ``rows`` rows, so that the average over ranks is the mean over all rows."""
    return loss * rank.count / rows


def data_parallel(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """Each rank has a shard of each batch, which may be uneven or empty."""
    model = replicated(rank)
    return trained(rank, model, model, schedule, replicas)


def trained(rank: Any, model: Any, call: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """``call`` runs ``model``."""
    optimiser, record = sgd(model.parameters()), Record(rank.fw, model.parameters())
    for x, y in steps(rank.fw, schedule, replicas):
        optimiser.zero_grad()
        mine = summed_loss(call(part(x, rank.index, rank.count)), part(y, rank.index, rank.count))
        shares(mine, len(x), rank).backward()
        record.step(over_all(mine) / len(x))
        optimiser.step()
    return replica(rank, record)


def compiled(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """The same with torch.compile around it, which cuts the graph where gradients are brought together."""
    made = replicated(rank)
    return trained(rank, made, torch.compile(made, backend=rank.fw.numerics.compile_backend), schedule, replicas)


def accumulating(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """Each shard in micro-batches, their gradients added; ranks meet at the last (``no_sync`` before)."""
    model = replicated(rank)
    optimiser, record = sgd(model.parameters()), Record(rank.fw, model.parameters())
    for x, y in steps(rank.fw, schedule, replicas):
        optimiser.zero_grad()
        total = x.new_zeros(())
        for micro in range(MICRO_BATCHES):
            xs, ys = (part(part(z, rank.index, rank.count), micro, MICRO_BATCHES) for z in (x, y))
            with nullcontext() if micro == MICRO_BATCHES - 1 else model.no_sync():
                mine = summed_loss(model(xs), ys)
                shares(mine, len(x), rank).backward()
            total += mine.detach()
        record.step(over_all(total) / len(x))
        optimiser.step()
    return replica(rank, record)


def joining(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """Ranks that run out of batches join and shadow the others; the average is over those that still have some.

    A rank that has joined gets the parameters at the end.
    """
    model = replicated(rank)
    optimiser, record = sgd(model.parameters()), Record(rank.fw, model.parameters())
    most = max(len(x) for x, _ in steps(rank.fw, schedule, replicas))
    with model.join(divide_by_initial_world_size=False):
        for x, y in steps(rank.fw, schedule, replicas):
            whole = len(x) == most
            if not whole and rank.index:
                break
            mine = (part(z, rank.index, rank.count) if whole else z for z in (x, y))
            optimiser.zero_grad()
            xs, ys = mine
            loss: Any = F.cross_entropy(model(xs), ys)
            loss.backward()
            record.step()
            optimiser.step()
    told = replica(rank, record)
    return told if rank.index == 0 else {name: x for name, x in told.items() if "/param_" in name}
