"""A step of training in torch: autograd, torch.optim, torch.optim.lr_scheduler, torch.nn.utils.clip_grad_*."""

import sys
from collections.abc import Mapping
from typing import Any

import torch
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.optim import lr_scheduler

from pytest_dualfw.taps import watching

from ..optimisers import in_torch as optimisers

HERE = sys.modules[__name__]


class Trainer:
    """``begin(start)``; then ``step(inputs, target)`` trains on a batch and returns the loss before and the gradients;
    ``params`` are the parameters after it, running statistics too. In jit mode forward and backward are compiled.
    """

    def __init__(self, fw: Any, spec: Any, recipe: Any) -> None:
        self._fw, self._spec, self._recipe = fw, spec, recipe
        self._model, self._loss = spec.in_framework(fw), spec.framework_loss(fw)
        self._run = fw.differentiated(self._forward)

    def begin(self, start: Mapping[str, Any]) -> None:
        recipe, given = self._recipe, {name: self._fw.asarray(p) for name, p in start.items()}
        trained = {name: torch.nn.Parameter(p) for name, p in self._spec.trained(given).items()}
        self.params: dict[str, Any] = {**given, **trained}
        make = getattr(optimisers, recipe.optimiser.name)
        self._optimiser = make(list(trained.values()), lr=recipe.lr, **recipe.optimiser.options)
        self._schedule = getattr(HERE, recipe.schedule.name)(self._optimiser, **recipe.schedule.options)

    def step(self, inputs: Any, target: Any) -> tuple[Any, dict[str, Any]]:
        trained = self._spec.trained(self.params)
        fixed = {name: self.params[name] for name in self._spec.state}
        loss, statistics, gradients = self._run(trained, fixed, inputs, target)
        for name, p in trained.items():
            p.grad = gradients[name].clone()  # clipping writes into it
        if clipping := self._recipe.clipping.name:
            getattr(HERE, clipping)(list(trained.values()), limit=self._recipe.clipping.limit)
        self._optimiser.step()
        self._schedule.step()
        self.params |= statistics
        return loss, gradients

    def _forward(self, trained: Any, fixed: Any, inputs: Any, target: Any) -> Any:
        with watching({}) as watch:
            output = self._model({**trained, **fixed}, *inputs)
        return self._loss(output, target), {name: watch.seen.get(name, x) for name, x in fixed.items()}


def constant_rate(optimiser: Any) -> Any:
    return lr_scheduler.ConstantLR(optimiser, factor=1.0)


def stepped_rate(optimiser: Any, *, every: int, gamma: float) -> Any:
    return lr_scheduler.StepLR(optimiser, every, gamma)


def cosine_rate(optimiser: Any, *, warmup: int, steps: int, start: float) -> Any:
    line = lr_scheduler.LinearLR(optimiser, start_factor=start, total_iters=warmup)
    curve = lr_scheduler.CosineAnnealingLR(optimiser, steps - warmup)
    return lr_scheduler.SequentialLR(optimiser, [line, curve], milestones=[warmup])


def clip_by_global_norm(params: list[Any], *, limit: float) -> None:
    clip_grad_norm_(params, limit)


def clip_by_value(params: list[Any], *, limit: float) -> None:
    clip_grad_value_(params, limit)
