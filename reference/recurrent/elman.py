"""The plain recurrent network: one cell, and a sequence of them with backpropagation through time.

Shapes: x (N,I) or, for the sequence, (T,N,I); h and h0 (N,H); w_ih (H,I); w_hh (H,H); b_ih and b_hh (H,) or None.
The two biases only ever add up; they are kept apart because the frameworks store both.
"""

import numpy as np

from ..arrays import Array
from ._gates import linear, linear_vjp, tanh_slope
from ._walk import Gradients, outputs, walk, walk_back


def rnn_cell(x: Array, h: Array, w_ih: Array, w_hh: Array, b_ih: Array | None, b_hh: Array | None) -> Array:
    """The next state h' = tanh(W_ih x + b_ih + W_hh h + b_hh), shape (N,H).

    Source: J. L. Elman, Finding Structure in Time, Cognitive Science 14 (1990) 179; in this form torch.nn.RNNCell with
    its default nonlinearity.
    """
    h_next: Array = np.tanh(linear(x, w_ih, b_ih) + linear(h, w_hh, b_hh))
    return h_next


def rnn_cell_vjp(
    g: Array, x: Array, h: Array, w_ih: Array, w_hh: Array, b_ih: Array | None, b_hh: Array | None
) -> Gradients:
    """With h' = tanh(a): da = g (1 - tanh(a)^2), and both affine maps receive the same da."""
    da = g * tanh_slope(linear(x, w_ih, b_ih) + linear(h, w_hh, b_hh))  # N,H
    dx, dw_ih, db_ih = linear_vjp(da, x, w_ih, b_ih)
    dh, dw_hh, db_hh = linear_vjp(da, h, w_hh, b_hh)
    return dx, dh, dw_ih, dw_hh, db_ih, db_hh


def rnn(x: Array, h0: Array, w_ih: Array, w_hh: Array, b_ih: Array | None, b_hh: Array | None) -> tuple[Array, Array]:
    """h_t = rnn_cell(x_t, h_{t-1}) for t = 1..T; returns (hs, h_T) with hs (T,N,H) and h_T (N,H), equal to hs[T-1].

    For T = 0 hs is empty and h_T is h0 (torch.nn.RNN refuses an empty sequence).
    """
    states = walk(rnn_cell, x, (h0,), (w_ih, w_hh, b_ih, b_hh))
    return outputs(states), states[-1][0]


def rnn_vjp(
    g: tuple[Array, Array],
    x: Array,
    h0: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
) -> Gradients:
    """Backpropagation through time. With g = (dhs, dh_T) and a_t the argument of step t's tanh,

        dh_T' = dhs_T + dh_T,   da_t = dh_t' (1 - h_t^2),   dh_{t-1}' = dhs_{t-1} + da_t W_hh,   dx_t = da_t W_ih,

    dW_ih = sum_t da_t^T x_t, dW_hh = sum_t da_t^T h_{t-1}, both biases sum_t da_t; dh0 = da_1 W_hh.

    Source: P. J. Werbos, Backpropagation Through Time, Proc. IEEE 78 (1990) 1550.
    """
    weights = (w_ih, w_hh, b_ih, b_hh)
    return walk_back(rnn_cell_vjp, g, x, walk(rnn_cell, x, (h0,), weights), weights)
