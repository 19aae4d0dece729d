"""A parameter under a mask in JAX, and momentum with weight decay in two lines, since JAX has no optimisers."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ..pruning import SGD, Problem, Step


def masked(w: Any, mask: Any) -> Any:
    return w * mask


def trainer(fw: Any, problem: Problem, prune: Callable[[Any, Any], Any] = masked) -> Step:
    """``step()``: dL/dp of both weights, p after the step, and the weights that the layers compute with."""
    params: Any = [[fw.asarray(p) for p in side] for side in (problem.weights, problem.biases)]
    masks = [fw.asarray(m) for m in problem.masks]
    x, y = fw.asarray(problem.x), fw.asarray(problem.y)
    velocity: Any = jax.tree.map(jnp.zeros_like, params)

    def loss_of(params: Any, x: Any, y: Any) -> Any:
        weights, (b1, b2) = params
        w1, w2 = (prune(w, m) for w, m in zip(weights, masks, strict=True))
        rows = jax.nn.log_softmax(jnp.tanh(x @ w1.T + b1) @ w2.T + b2)
        return -jnp.mean(jnp.take_along_axis(rows, y[:, None], axis=1))

    def update(params: Any, velocity: Any, x: Any, y: Any) -> Any:
        gradients = jax.grad(loss_of)(params, x, y)
        decayed = jax.tree.map(lambda g, p: g + SGD["weight_decay"] * p, gradients, params)
        velocity = jax.tree.map(lambda v, g: SGD["momentum"] * v + g, velocity, decayed)
        params = jax.tree.map(lambda p, v: p - SGD["lr"] * v, params, velocity)
        return gradients[0], params, velocity, [prune(w, m) for w, m in zip(params[0], masks, strict=True)]

    compiled = fw.compile(update)

    def step() -> tuple[list[Any], list[Any], list[Any]]:
        nonlocal params, velocity
        gradients, params, velocity, weights = compiled(params, velocity, x, y)
        return gradients, params[0], weights

    return step
