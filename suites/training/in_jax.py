"""The same training in JAX: jax.nn, jax.value_and_grad, and momentum in two lines, since JAX has no optimisers."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

ACTIVATIONS: dict[str, Callable[..., Any]] = {"tanh": jnp.tanh, "relu": jax.nn.relu}


def trainer(fw: Any, initial: Any, activation: str, lr: float, momentum: float) -> tuple[Any, Any]:
    """``(step, params)``: ``step(x, y)`` trains on a batch and returns the loss before it."""
    params: Any = [tuple(fw.asarray(p) for p in pair) for pair in initial]
    velocity: Any = jax.tree.map(jnp.zeros_like, params)

    def loss_of(params: Any, x: Any, y: Any) -> Any:
        *hidden, (w_last, b_last) = params
        for w, b in hidden:
            x = ACTIVATIONS[activation](x @ w.T + b)
        rows = jax.nn.log_softmax(x @ w_last.T + b_last)
        return -jnp.mean(jnp.take_along_axis(rows, y[:, None], axis=1))

    def update(params: Any, velocity: Any, x: Any, y: Any) -> Any:
        loss, grads = jax.value_and_grad(loss_of)(params, x, y)
        velocity = jax.tree.map(lambda v, g: momentum * v + g, velocity, grads)
        return loss, jax.tree.map(lambda p, v: p - lr * v, params, velocity), velocity

    compiled = fw.compile(update)

    def step(x: Any, y: Any) -> Any:
        nonlocal params, velocity
        loss, params, velocity = compiled(params, velocity, x, y)
        return loss

    return step, lambda: params
