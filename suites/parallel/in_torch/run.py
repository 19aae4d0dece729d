"""The model, the record of a run, and the run on one device."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F

from ..by_hand import LEARNING_RATE, MOMENTUM, NAMES, WIDTH, batches, initial

Step = tuple[Any, Any]
# ``backward(net, x, y)`` leaves the gradients of the mean loss and returns it.
Backward = Callable[[Any, Any, Any], Any]


def network(fw: Any) -> torch.nn.Sequential:
    """The model of the run by hand, its parameters in the order of NAMES."""
    net = torch.nn.Sequential(torch.nn.Linear(WIDTH, WIDTH), torch.nn.Tanh(), torch.nn.Linear(WIDTH, WIDTH))
    net = net.to(fw.asarray(0.0))
    with torch.no_grad():
        for p, start in zip(net.parameters(), initial(), strict=True):
            p.copy_(fw.asarray(start))
    return net


def sgd(params: Iterable[Any]) -> torch.optim.Optimizer:
    return torch.optim.SGD(params, lr=LEARNING_RATE, momentum=MOMENTUM)


def steps(fw: Any, schedule: str, replicas: int) -> list[Step]:
    return [(fw.asarray(x), fw.asarray(y)) for x, y in batches(schedule, replicas)]


def part(x: Any, index: int, count: int) -> Any:
    """Like ``by_hand.shard``; a leaf of its own."""
    return x.tensor_split(count)[index].detach()


def summed_loss(logits: Any, y: Any) -> Any:
    return F.cross_entropy(logits, y, reduction="sum")


class Record:
    """What this rank tells of a run, in NumPy; ``names`` are those of the parameters it holds."""

    def __init__(self, fw: Any, params: Iterable[Any], names: Iterable[str] = NAMES) -> None:
        self._fw = fw
        self._params = dict(zip(names, params, strict=True))
        self._losses: list[Any] = []
        self._grads: dict[str, list[Any]] = {name: [] for name in self._params}
        self._inputs: list[Any] = []

    def step(self, loss: Any = None, x: Any = None) -> None:
        """After backward: the loss of the whole batch where this rank knows it, the gradients, that of ``x`` too."""
        if loss is not None:
            self._losses.append(self._numpy(loss))
        if x is not None:
            self._inputs.append(self._numpy(x.grad))
        for name, p in self._params.items():
            self._grads[name].append(self._numpy(p.grad))

    def told(self) -> dict[str, Any]:
        told = {f"param_{name}": self._numpy(p) for name, p in self._params.items()}
        told |= {f"grad_{name}": np.stack(grads) for name, grads in self._grads.items() if grads}
        told |= {"losses": np.stack(self._losses)} if self._losses else {}
        return told | ({"grad_x": np.concatenate(self._inputs)} if self._inputs else {})

    def _numpy(self, x: Any) -> Any:
        whole = x.full_tensor() if hasattr(x, "full_tensor") else x
        return self._fw.to_numpy(whole.detach())


def alone(rank: Any, schedule: str, replicas: int) -> dict[str, Any]:
    """Whole batches on this rank's own device."""
    return on_one_device(rank, schedule, replicas, whole_batch)


def on_one_device(rank: Any, schedule: str, replicas: int, backward: Backward) -> dict[str, Any]:
    net = network(rank.fw)
    optimiser, record = sgd(net.parameters()), Record(rank.fw, net.parameters())
    for x, y in steps(rank.fw, schedule, replicas):
        optimiser.zero_grad()
        record.step(backward(net, x.requires_grad_(), y), x)
        optimiser.step()
    return replica(rank, record)


def whole_batch(net: Any, x: Any, y: Any) -> Any:
    loss: Any = F.cross_entropy(net(x), y)
    loss.backward()
    return loss


def replica(rank: Any, record: Record) -> dict[str, Any]:
    """One replica for each rank."""
    return {f"{rank.index}/{name}": x for name, x in record.told().items()}


def over_all(x: Any) -> Any:
    """The sum over all ranks, apart from the graph."""
    total = x.detach().clone()
    dist.all_reduce(total)
    return total
