"""Recurrent networks in JAX, which has none of its own on every device: cells spelled plainly, lax.scan along time."""

from typing import Any

import jax
import jax.numpy as jnp


def rnn_cell(x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> Any:
    return jnp.tanh(_affine(x, w_ih, b_ih) + _affine(h, w_hh, b_hh))


def lstm_cell(x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> tuple[Any, Any]:
    a_i, a_f, a_g, a_o = jnp.split(_affine(x, w_ih, b_ih) + _affine(h, w_hh, b_hh), 4, axis=-1)
    c = jax.nn.sigmoid(a_f) * c + jax.nn.sigmoid(a_i) * jnp.tanh(a_g)
    return jax.nn.sigmoid(a_o) * jnp.tanh(c), c


def gru_cell(x: Any, h: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> Any:
    a_r, a_z, a_n = jnp.split(_affine(x, w_ih, b_ih), 3, axis=-1)
    s_r, s_z, s_n = jnp.split(_affine(h, w_hh, b_hh), 3, axis=-1)
    z = jax.nn.sigmoid(a_z + s_z)
    n = jnp.tanh(a_n + jax.nn.sigmoid(a_r + s_r) * s_n)
    return (1 - z) * n + z * h


def rnn(x: Any, h0: Any, *weights: Any) -> tuple[Any, Any]:
    def step(h: Any, x_t: Any) -> tuple[Any, Any]:
        h = rnn_cell(x_t, h, *weights)
        return h, h

    h, hs = jax.lax.scan(step, h0, x)
    return hs, h


def lstm(x: Any, h0: Any, c0: Any, *weights: Any) -> tuple[Any, Any, Any]:
    def step(state: Any, x_t: Any) -> tuple[Any, Any]:
        h, c = lstm_cell(x_t, *state, *weights)
        return (h, c), h

    (h, c), hs = jax.lax.scan(step, (h0, c0), x)
    return hs, h, c


def gru(x: Any, h0: Any, *weights: Any) -> tuple[Any, Any]:
    def step(h: Any, x_t: Any) -> tuple[Any, Any]:
        h = gru_cell(x_t, h, *weights)
        return h, h

    h, hs = jax.lax.scan(step, h0, x)
    return hs, h


def _affine(x: Any, w: Any, b: Any) -> Any:
    y = x @ w.T
    return y if b is None else y + b
