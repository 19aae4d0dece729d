"""The public classes of torch.optim."""

import inspect
from collections.abc import Callable
from typing import Any

import torch


def gradient_descent(params: Any, **options: Any) -> torch.optim.Optimizer:
    """torch.optim.SGD on the gradient of everything is gradient descent."""
    return torch.optim.SGD(params, **options)


def sgd(params: Any, **options: Any) -> torch.optim.Optimizer:
    return torch.optim.SGD(params, **options)


def adam(params: Any, **options: Any) -> torch.optim.Optimizer:
    return torch.optim.Adam(params, **options)


def adamw(params: Any, **options: Any) -> torch.optim.Optimizer:
    return torch.optim.AdamW(params, **options)


def rmsprop(params: Any, **options: Any) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(params, **options)


def adagrad(params: Any, *, initial_accumulator: float = 0.0, **options: Any) -> torch.optim.Optimizer:
    return torch.optim.Adagrad(params, initial_accumulator_value=initial_accumulator, **options)


def stepper(fw: Any, spec: Any, start: list[Any], **implementation: Any) -> Callable[[list[Any]], list[Any]]:
    """A function of the gradients that takes one step and returns a copy of the parameters.

    ``implementation`` is ``foreach=True`` or ``fused=True``: separate code inside torch for the same step.
    """
    params = [torch.nn.Parameter(fw.asarray(p)) for p in start]
    optimiser = globals()[spec.name](params, **spec.options, **spec.init, **implementation)
    update = fw.compile(_compilable(optimiser, params)) if fw.mode == "jit" else optimiser.step

    def step(gradients: list[Any]) -> list[Any]:
        for p, g in zip(params, gradients, strict=True):
            p.grad = g.clone()
        update()
        return [p.detach().clone() for p in params]

    return step


def _compilable(optimiser: torch.optim.Optimizer, params: list[Any]) -> Callable[[], list[Any]]:
    """The class's own ``step`` without its decorators, which torch.compile cannot take whole.

    They call the hooks, switch autograd off and break the graph on purpose ("Call to torch._dynamo.graph_break()");
    without them autograd is switched off here, as torch's own tests of compiled optimisers do it.
    """
    undecorated = inspect.unwrap(type(optimiser).step)

    def update() -> list[Any]:
        with torch.no_grad():
            undecorated(optimiser)
        return [p.clone() for p in params]  # a result, so that a call that ran eagerly is noticed

    return update
