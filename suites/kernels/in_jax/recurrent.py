"""LSTM in jax.numpy: lax.scan along time, and a Python loop.

The body of the scan is a function of the module and the weights travel in its carry: a closure over them would be
traced and compiled again at every eager call.
"""

from typing import Any

import jax
import jax.numpy as jnp


def lstm_cell(x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> tuple[Any, Any]:
    a_i, a_f, a_g, a_o = jnp.split(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh, 4, axis=-1)
    c = jax.nn.sigmoid(a_f) * c + jax.nn.sigmoid(a_i) * jnp.tanh(a_g)
    return jax.nn.sigmoid(a_o) * jnp.tanh(c), c


def lstm_scan(x: Any, h0: Any, c0: Any, *weights: Any) -> tuple[Any, Any, Any]:
    (h, c, _), hs = jax.lax.scan(_step, (h0, c0, weights), x)
    return hs, h, c


def lstm_unrolled(x: Any, h: Any, c: Any, *weights: Any) -> tuple[Any, Any, Any]:
    hs = []
    for x_t in x:
        h, c = lstm_cell(x_t, h, c, *weights)
        hs.append(h)
    return jnp.stack(hs), h, c


def _step(carry: Any, x_t: Any) -> tuple[Any, Any]:
    h, c, weights = carry
    h, c = lstm_cell(x_t, h, c, *weights)
    return (h, c, weights), h
