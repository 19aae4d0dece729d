"""Scaled losses: a dynamic scale in plain JAX, and a gradient through float16."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp


def trainer(fw: Any, start: Any, settings: Any) -> Callable[[Any], Any]:
    """Steps of gradient descent, state in and state out: unscale, clip, step where all is finite, move the scale."""
    rule = settings.rule

    def update(w: Any, scale: Any, good: Any, c: Any) -> Any:
        g = jax.grad(_loss)(w, c, scale) / scale
        finite = jnp.all(jnp.isfinite(g))
        clipped = g * jnp.minimum(1.0, settings.longest / (jnp.linalg.norm(g) + 1e-6))
        grown = good + 1 == rule.interval
        after = jnp.where(finite, jnp.where(grown, scale * rule.growth, scale), scale * rule.backoff)
        good = jnp.where(finite & ~grown, good + 1, 0)
        return jnp.where(finite, w - settings.lr * clipped, w), after, good

    run = fw.compile(update)
    state = (fw.asarray(start), fw.asarray(settings.scale), fw.asarray(0))

    def step(c: Any) -> Any:
        nonlocal state
        state = run(*state, fw.asarray(c, dtype="float16"))
        return fw.to_numpy(state[0]), float(fw.to_numpy(state[1]))

    return step


def gradient(w: Any, c: Any, scale: Any) -> Any:
    """Of sum c w by a loss that is ``scale`` times as large, w and its gradient in float16."""

    def scaled(narrow: Any) -> Any:
        return jnp.sum(narrow.astype(jnp.float32) * c) * scale

    return jax.grad(scaled)(w.astype(jnp.float16)).astype(jnp.float32) / scale


def _loss(w: Any, c: Any, scale: Any) -> Any:
    """The gradient of the product is in float16."""
    return scale * jnp.sum((w.astype(jnp.float16) * c).astype(jnp.float32))
