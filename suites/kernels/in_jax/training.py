"""A step of training: jax.value_and_grad, and momentum in two lines."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

LR, MOMENTUM = 0.1, 0.9


def training_mlp(params: Any, velocity: Any, x: Any, target: Any) -> tuple[Any, Any, Any]:
    return _train(_mlp, params, velocity, x, target)


def training_cnn(params: Any, velocity: Any, x: Any, target: Any) -> tuple[Any, Any, Any]:
    return _train(_cnn, params, velocity, x, target)


def _mlp(params: Any, x: Any) -> Any:
    *hidden, (w, b) = params
    for w_l, b_l in hidden:
        x = jax.nn.relu(x @ w_l.T + b_l)
    return x @ w.T + b


def _cnn(params: Any, x: Any) -> Any:
    *blocks, (w, b) = params
    for w_l, b_l in blocks:
        x = _pooled(jax.nn.relu(_convolved(x, w_l) + b_l[:, None, None]))
    return x.reshape(len(x), -1) @ w.T + b


def _convolved(x: Any, w: Any) -> Any:
    return jax.lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NCHW", "OIHW", "NCHW"))


def _pooled(x: Any) -> Any:
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def _mean_loss(params: Any, net: Callable[..., Any], x: Any, target: Any) -> Any:
    rows = jax.nn.log_softmax(net(params, x))
    return -jnp.mean(jnp.take_along_axis(rows, target[:, None], axis=1))


def _train(net: Callable[..., Any], params: Any, velocity: Any, x: Any, target: Any) -> tuple[Any, Any, Any]:
    loss, grads = jax.value_and_grad(_mean_loss)(params, net, x, target)
    velocity = jax.tree.map(lambda v, g: MOMENTUM * v + g, velocity, grads)
    return loss, jax.tree.map(lambda p, v: p - LR * v, params, velocity), velocity
