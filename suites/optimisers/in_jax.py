"""The textbook updates in jax.numpy, one pure step each on one parameter: JAX has no optimisers of its own.

A state is a tuple of arrays. t, the number of steps taken, is an array too: a Python number would be compiled into the
step, and the step again for the next t.
"""

import math
import sys
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp


def gradient_descent_step(p: Any, g: Any, *, lr: float) -> Any:
    return p - lr * g


def sgd_init(p: Any) -> Any:
    return jnp.zeros((), int), jnp.zeros_like(p)


def sgd_step(
    p: Any,
    g: Any,
    state: Any,
    *,
    lr: float,
    momentum: float = 0.0,
    dampening: float = 0.0,
    weight_decay: float = 0.0,
    nesterov: bool = False,
) -> tuple[Any, Any]:
    t, b = state
    g = g + weight_decay * p
    b = jnp.where(t == 0, g, momentum * b + (1 - dampening) * g)  # the first buffer is not dampened
    d = g + momentum * b if nesterov else b if momentum else g
    return p - lr * d, (t + 1, b)


def adam_init(p: Any) -> Any:
    return jnp.zeros((), int), jnp.zeros_like(p), jnp.zeros_like(p)


def adam_step(
    p: Any,
    g: Any,
    state: Any,
    *,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> tuple[Any, Any]:
    direction, state = _adam_direction(g + weight_decay * p, state, betas, eps)
    return p - lr * direction, state


adamw_init = adam_init


def adamw_step(
    p: Any,
    g: Any,
    state: Any,
    *,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
) -> tuple[Any, Any]:
    direction, state = _adam_direction(g, state, betas, eps)
    return p - lr * (direction + weight_decay * p), state


def rmsprop_init(p: Any) -> Any:
    return jnp.zeros_like(p), jnp.zeros_like(p), jnp.zeros_like(p)


def rmsprop_step(
    p: Any,
    g: Any,
    state: Any,
    *,
    lr: float,
    alpha: float = 0.99,
    eps: float = 1e-8,
    momentum: float = 0.0,
    centered: bool = False,
) -> tuple[Any, Any]:
    mean, square, b = state
    mean = alpha * mean + (1 - alpha) * g
    square = alpha * square + (1 - alpha) * g * g
    b = momentum * b + g / (jnp.sqrt(square - mean * mean if centered else square) + eps)
    return p - lr * b, (mean, square, b)


def adagrad_init(p: Any, *, initial_accumulator: float = 0.0) -> Any:
    return jnp.zeros((), int), jnp.full_like(p, initial_accumulator)


def adagrad_step(
    p: Any, g: Any, state: Any, *, lr: float, lr_decay: float = 0.0, eps: float = 1e-10
) -> tuple[Any, Any]:
    t, total = state
    total = total + g * g
    return p - lr / (1 + t * lr_decay) * g / (jnp.sqrt(total) + eps), (t + 1, total)


def stepper(fw: Any, spec: Any, start: list[Any]) -> Callable[[list[Any]], list[Any]]:
    """A function of the gradients that takes one step and returns the parameters."""
    here = sys.modules[__name__]
    params = [fw.asarray(p) for p in start]
    states = [spec.start(here, p) for p in params]

    def update(params: list[Any], gradients: list[Any], states: list[Any]) -> tuple[list[Any], list[Any]]:
        moved = [spec.step(here, p, g, s) for p, g, s in zip(params, gradients, states, strict=True)]
        return [p for p, _ in moved], [s for _, s in moved]

    compiled = fw.compile(update)

    def step(gradients: list[Any]) -> list[Any]:
        nonlocal params, states
        params, states = compiled(params, gradients, states)
        moved: list[Any] = params
        return moved

    return step


def _adam_direction(g: Any, state: Any, betas: tuple[float, float], eps: float) -> tuple[Any, Any]:
    t, m, v = state
    t = t + 1
    m = betas[0] * m + (1 - betas[0]) * g
    v = betas[1] * v + (1 - betas[1]) * g * g
    m_hat, v_hat = m / _one_minus_power(betas[0], t), v / _one_minus_power(betas[1], t)
    return m_hat / (jnp.sqrt(v_hat) + eps), (t, m, v)


def _one_minus_power(beta: float, t: Any) -> Any:
    """1 - beta^t without cancellation: for beta = 0.999 float32 would keep four digits of the difference."""
    return -jnp.expm1(t * math.log(beta))
