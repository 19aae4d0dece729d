"""A step of training in JAX: jax.value_and_grad, plain updates, and the schedules' formulas in jax.numpy."""

import sys
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from pytest_dualfw.taps import watching

from ..optimisers import in_jax as optimisers

HERE = sys.modules[__name__]


class Trainer:
    """``begin(start)``; then ``step(inputs, target)`` trains on a batch and returns the loss before and the gradients;
    ``params`` are the parameters after it, running statistics too. In jit mode a step is one compiled function.
    """

    def __init__(self, fw: Any, spec: Any, recipe: Any) -> None:
        self._fw, self._spec, self._recipe = fw, spec, recipe
        self._model, self._loss = spec.in_framework(fw), spec.framework_loss(fw)
        self._update = fw.compile(self._updated)

    def begin(self, start: Mapping[str, Any]) -> None:
        self.params: dict[str, Any] = {name: self._fw.asarray(p) for name, p in start.items()}
        trained = self._spec.trained(self.params)
        self._states = {name: self._recipe.optimiser.start(optimisers, p) for name, p in trained.items()}
        self._t = 0

    def step(self, inputs: Any, target: Any) -> tuple[Any, dict[str, Any]]:
        loss, gradients, self.params, self._states = self._update(
            self.params, self._states, jnp.asarray(self._t), inputs, target
        )
        self._t += 1
        return loss, gradients

    def _updated(self, params: Any, states: Any, t: Any, inputs: Any, target: Any) -> Any:
        fixed = {name: params[name] for name in self._spec.state}
        differentiated = jax.value_and_grad(self._forward, has_aux=True)
        (loss, statistics), gradients = differentiated(self._spec.trained(params), fixed, inputs, target)
        step = self._recipe.at_rate(self._recipe.rate(HERE, t, self._recipe.lr))
        stepped = {
            name: step.step(optimisers, params[name], g, states[name])
            for name, g in self._recipe.clipped(HERE, gradients).items()
        }
        moved = {name: p for name, (p, _) in stepped.items()}
        return loss, gradients, {**moved, **statistics}, {name: s for name, (_, s) in stepped.items()}

    def _forward(self, trained: Any, fixed: Any, inputs: Any, target: Any) -> Any:
        with watching({}) as watch:
            output = self._model({**trained, **fixed}, *inputs)
        return self._loss(output, target), {name: watch.seen.get(name, x) for name, x in fixed.items()}


def constant_rate(t: Any, *, lr: float) -> Any:
    return lr


def stepped_rate(t: Any, *, lr: float, every: int, gamma: float) -> Any:
    return lr * gamma ** (t // every)


def cosine_rate(t: Any, *, lr: float, warmup: int, steps: int, start: float) -> Any:
    line = start + (1 - start) * t / warmup
    curve = (1 + jnp.cos(jnp.pi * (t - warmup) / (steps - warmup))) / 2
    return lr * jnp.where(t < warmup, line, curve)


def clip_by_global_norm(gs: list[Any], *, limit: float) -> list[Any]:
    norm = jnp.sqrt(sum(jnp.sum(g * g) for g in gs))
    return [g * jnp.minimum(1.0, limit / (norm + 1e-6)) for g in gs]


def clip_by_value(gs: list[Any], *, limit: float) -> list[Any]:
    return [jnp.clip(g, -limit, limit) for g in gs]
