"""Training in torch, and how much of it is in memory."""

import gc
from collections.abc import Callable
from itertools import accumulate
from types import SimpleNamespace
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd import profiler

from ..memory import BETAS, EPS, LR, MOMENTUM, SIZES, Array, Loop, Peak

SECOND = "the second step"

OPTIMISERS: dict[str, Callable[[Any], Any]] = {
    "sgd": lambda params: torch.optim.SGD(params, lr=LR, momentum=MOMENTUM),
    "adam": lambda params: torch.optim.Adam(params, lr=LR, betas=BETAS, eps=EPS),
}


def loop(fw: Any, optimiser: str, params: list[Array], x: Array, y: Array) -> Loop:
    network = nn.Sequential(nn.Linear(*SIZES[:2]), nn.Tanh(), nn.Linear(*SIZES[1:]))
    names = [name for name, _ in network.named_parameters()]
    network.load_state_dict({name: fw.asarray(p) for name, p in zip(names, params, strict=True)}, assign=True)
    state = SimpleNamespace(network=network, optimiser=OPTIMISERS[optimiser](network.parameters()))
    given = fw.asarray(x), fw.asarray(y)
    loss_of = fw.compile(lambda x, y: F.cross_entropy(network(x), y))

    def step() -> Any:
        state.optimiser.zero_grad()
        loss = loss_of(*given)
        loss.backward()
        state.optimiser.step()
        return loss

    return Loop(step, lambda: peak(fw, step), state)


def peak(fw: Any, step: Callable[[], Any]) -> Peak:
    """On the CPU by the events of torch's profiler, of the second of two steps: it does not know what was allocated
    before it began, and so not what the first step frees.
    """
    if fw.device != "cpu":
        return Peak(fw.timer().peak_bytes(step, ()), None)
    with profiler.profile(profile_memory=True) as run:
        step()
        with profiler.record_function(SECOND):
            step()
    result: Any = run.kineto_results
    events = sorted(result.events(), key=lambda e: e.start_ns())
    begin = next(e.start_ns() for e in events if e.name() == SECOND)
    changes = [e.nbytes() for e in events if e.name() == "[memory]" and e.start_ns() >= begin]
    used = [0, *accumulate(changes)]
    return Peak(max(used), used[-1])


def census(fw: Any) -> Callable[[], dict[str, int]]:
    """Tensors that Python can reach, their bytes, programs compiled; of a GPU what its allocator has given out."""
    timer = fw.timer()

    def count() -> dict[str, int]:
        tensors = [x for x in gc.get_objects() if issubclass(type(x), torch.Tensor)]
        found = {"arrays": len(tensors), "bytes of arrays": sum(x.nbytes for x in tensors)}
        found["programs"] = timer.compilations()
        if fw.device == "gpu":
            found["bytes of the device"] = torch.cuda.memory_allocated()
        return found

    return count
