"""A pipeline of two stages, each of one linear layer: micro-batches travel between ranks (GPipe, Huang 2019)."""

from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F

from ..by_hand import NAMES, WIDTH
from .run import Record, network, replica, sgd, steps, summed_loss

MICRO_BATCHES = 4


def pipelined(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """Activations and their gradients are sent by hand: all micro-batches forward, then all backward, in reverse."""
    stage = stage_of(rank)
    optimiser, record = sgd(stage.parameters()), record_of(rank, stage)
    for x, y in steps(rank.fw, schedule, replicas):
        optimiser.zero_grad()
        if rank.index == 0:
            first_stage(stage, x.requires_grad_())
            record.step(None, x)
        else:
            record.step(last_stage(stage, y))
        optimiser.step()
    return replica(rank, record)


def first_stage(stage: Any, x: Any) -> None:
    sent = [stage(xs) for xs in x.tensor_split(MICRO_BATCHES)]
    for h in sent:
        dist.send(h.detach(), dst=1)
    for h in reversed(sent):
        g = torch.empty_like(h)
        dist.recv(g, src=1)
        h.backward(g)


def last_stage(stage: Any, y: Any) -> Any:
    """Returns the loss of the whole batch."""
    received, losses = [], []
    for ys in y.tensor_split(MICRO_BATCHES):
        h = next(stage.parameters()).new_empty(len(ys), WIDTH)
        dist.recv(h, src=0)
        received.append(h.requires_grad_())
        losses.append(summed_loss(stage(h), ys) / len(y))
    for h, loss in zip(reversed(received), reversed(losses), strict=True):
        loss.backward()
        dist.send(h.grad, dst=0)
    return torch.stack(losses).sum()


def scheduled(rank: Any, schedule: str, replicas: int, order: str) -> dict[str, Any]:
    """The same by torch.distributed.pipelining, whose schedule divides the gradients by the number of micro-batches."""
    from torch.distributed import pipelining

    stage = stage_of(rank)
    own = pipelining.PipelineStage(stage, rank.index, rank.count, rank.fw.asarray(0.0).device)
    run = getattr(pipelining, order)(own, MICRO_BATCHES, loss_fn=F.cross_entropy)
    optimiser, record = sgd(stage.parameters()), record_of(rank, stage)
    for x, y in steps(rank.fw, schedule, replicas):
        optimiser.zero_grad()
        losses: list[Any] = []
        run.step(x) if rank.index == 0 else run.step(target=y, losses=losses)
        record.step(torch.stack(losses).mean() if losses else None)
        optimiser.step()
    return replica(rank, record)


def stage_of(rank: Any) -> torch.nn.Module:
    """The first linear layer with its tanh, or the second."""
    net = network(rank.fw)
    return net[:2] if rank.index == 0 else net[2]


def record_of(rank: Any, stage: torch.nn.Module) -> Record:
    return Record(rank.fw, stage.parameters(), part_of_names(rank.index))


def part_of_names(stage: int) -> tuple[str, ...]:
    return NAMES[2 * stage : 2 * stage + 2]
