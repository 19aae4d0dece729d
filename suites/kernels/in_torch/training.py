"""A step of training: autograd, and torch.optim's functional SGD, which writes into parameters and velocities."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch.optim.sgd import sgd

LR, MOMENTUM = 0.1, 0.9


def training_mlp(params: Any, velocity: Any, x: Any, target: Any) -> tuple[Any, Any, Any]:
    return _train(_mlp, params, velocity, x, target)


def training_cnn(params: Any, velocity: Any, x: Any, target: Any) -> tuple[Any, Any, Any]:
    return _train(_cnn, params, velocity, x, target)


def _mlp(params: list[Any], x: Any) -> Any:
    w1, b1, w2, b2, w3, b3 = params
    return F.linear(F.relu(F.linear(F.relu(F.linear(x, w1, b1)), w2, b2)), w3, b3)


def _cnn(params: list[Any], x: Any) -> Any:
    w1, b1, w2, b2, w3, b3 = params
    x = F.max_pool2d(F.relu(F.conv2d(x, w1, b1, padding=1)), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, w2, b2, padding=1)), 2)
    return F.linear(x.flatten(1), w3, b3)


def _train(net: Callable[..., Any], params: Any, velocity: Any, x: Any, target: Any) -> tuple[Any, Any, Any]:
    leaves, buffers = ([p for pair in pairs for p in pair] for pairs in (params, velocity))

    def loss_of(leaves: list[Any]) -> Any:
        return F.cross_entropy(net(leaves, x), target)

    loss, grads = _value_and_grad(loss_of, leaves)
    with torch.no_grad():
        sgd(
            leaves, grads, buffers, foreach=True, lr=LR, momentum=MOMENTUM,
            weight_decay=0.0, dampening=0.0, nesterov=False, maximize=False,
        )  # fmt: skip
    return loss, params, velocity


def _value_and_grad(f: Callable[..., Any], leaves: list[Any]) -> tuple[Any, Any]:
    """Compiled, by torch.func: Dynamo follows it, while it follows torch.autograd.grad in some versions only."""
    if torch.compiler.is_compiling():
        grads, loss = torch.func.grad_and_value(f)(leaves)
        return loss, grads
    tracked = [p.detach().requires_grad_() for p in leaves]
    loss = f(tracked)
    return loss.detach(), list(torch.autograd.grad(loss, tracked))
