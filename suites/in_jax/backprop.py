"""The multilayer perceptron in JAX, spelled with jax.numpy and jax.nn."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu}


def mlp(x: Any, params: Sequence[tuple[Any, Any]], *, activation: str = "tanh") -> Any:
    *hidden, (w_last, b_last) = params
    for w, b in hidden:
        x = ACTIVATIONS[activation](x @ w.T + b)
    return x @ w_last.T + b_last
