"""The same training in torch: torch.nn.functional, autograd, torch.optim.SGD."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

ACTIVATIONS: dict[str, Callable[..., Any]] = {"tanh": torch.tanh, "relu": F.relu}


def trainer(fw: Any, initial: Any, activation: str, lr: float, momentum: float) -> tuple[Any, Any]:
    """``(step, params)``: ``step(x, y)`` trains on a batch and returns the loss before it."""
    params = [tuple(fw.asarray(p).requires_grad_() for p in pair) for pair in initial]
    optimiser = torch.optim.SGD([p for pair in params for p in pair], lr=lr, momentum=momentum)

    def loss_of(params: Any, x: Any, y: Any) -> Any:
        *hidden, last = params
        for w, b in hidden:
            x = ACTIVATIONS[activation](F.linear(x, w, b))
        return F.cross_entropy(F.linear(x, *last), y)

    compiled = fw.compile(loss_of)

    def step(x: Any, y: Any) -> Any:
        optimiser.zero_grad()
        loss = compiled(params, x, y)
        loss.backward()
        optimiser.step()
        return loss

    return step, lambda: params
