"""Products and jax.nn's activations. jax.nn.gelu is the tanh form unless told otherwise."""

from typing import Any

import jax


def gelu_mlp(x: Any, w_in: Any, b_in: Any, w_out: Any, b_out: Any) -> Any:
    return jax.nn.gelu(x @ w_in.T + b_in, approximate=False) @ w_out.T + b_out


def silu_mlp(x: Any, w_gate: Any, w_up: Any, w_down: Any) -> Any:
    return (jax.nn.silu(x @ w_gate.T) * (x @ w_up.T)) @ w_down.T
