"""Long short-term memory: one cell, and a sequence of them with backpropagation through time.

Gate order: i, f, g, o (input, forget, candidate, output), packed along the first axis of the weights and biases.
Shapes: x (N,I) or, for the sequence, (T,N,I); h, c, h0, c0 (N,H); w_ih (4H,I); w_hh (4H,H); b_ih and b_hh (4H,) or
None.
No peepholes, no projection, and nothing is added to the forget gate's bias.
"""

import numpy as np

from ..arrays import Array
from ._gates import linear, linear_vjp, sigmoid, sigmoid_slope, tanh_slope
from ._walk import Gradients, outputs, walk, walk_back


def lstm_cell(
    x: Array, h: Array, c: Array, w_ih: Array, w_hh: Array, b_ih: Array | None, b_hh: Array | None
) -> tuple[Array, Array]:
    """With (a_i, a_f, a_g, a_o) = W_ih x + b_ih + W_hh h + b_hh:

        i = sigma(a_i), f = sigma(a_f), g = tanh(a_g), o = sigma(a_o),
        c' = f c + i g,   h' = o tanh(c');   returns (h', c'), each (N,H).

    Source: S. Hochreiter and J. Schmidhuber, Neural Computation 9 (1997) 1735, with the forget gate of F. A. Gers et
    al., Neural Computation 12 (2000) 2451; the packing is that of torch.nn.LSTMCell, jax.experimental.rnn and Keras.
    TensorFlow's older cells pack i, g, f, o.
    """
    a = linear(x, w_ih, b_ih) + linear(h, w_hh, b_hh)  # N,4H
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)  # N,H each
    c_next = sigmoid(a_f) * c + sigmoid(a_i) * np.tanh(a_g)
    return sigmoid(a_o) * np.tanh(c_next), c_next


def lstm_cell_vjp(
    g: tuple[Array, Array],
    x: Array,
    h: Array,
    c: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
) -> Gradients:
    """With g = (dh', dc'), c' receives its own cotangent and what comes through h' = o tanh(c'):

        D = dc' + dh' o (1 - tanh(c')^2);   do = dh' tanh(c'), di = D g, df = D c, dg = D i, dc = D f;

    each gate's gradient times its slope gives da, which both affine maps receive.
    """
    a = linear(x, w_ih, b_ih) + linear(h, w_hh, b_hh)  # N,4H
    da, dc = _gates_vjp(g, a, c)
    dx, dw_ih, db_ih = linear_vjp(da, x, w_ih, b_ih)
    dh, dw_hh, db_hh = linear_vjp(da, h, w_hh, b_hh)
    return dx, dh, dc, dw_ih, dw_hh, db_ih, db_hh


def _gates_vjp(cotangents: tuple[Array, Array], a: Array, c: Array) -> tuple[Array, Array]:
    """(da, dc) from (dh', dc'): what stands between the affine maps and the new state."""
    dh_next, dc_next = cotangents
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)  # N,H each
    i, f, g, o = sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)
    c_next = f * c + i * g
    d = dc_next + dh_next * o * tanh_slope(c_next)
    da_i, da_f = d * g * sigmoid_slope(a_i), d * c * sigmoid_slope(a_f)
    da_g, da_o = d * i * tanh_slope(a_g), dh_next * np.tanh(c_next) * sigmoid_slope(a_o)
    return np.concatenate([da_i, da_f, da_g, da_o], axis=1), d * f


def lstm(
    x: Array,
    h0: Array,
    c0: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
) -> tuple[Array, Array, Array]:
    """(h_t, c_t) = lstm_cell(x_t, h_{t-1}, c_{t-1}) for t = 1..T; returns (hs, h_T, c_T) with hs (T,N,H).

    h_T equals hs[T-1]. For T = 0 hs is empty and the state is the initial one (torch.nn.LSTM refuses an empty
    sequence).
    """
    states = walk(lstm_cell, x, (h0, c0), (w_ih, w_hh, b_ih, b_hh))
    h_last, c_last = states[-1]
    return outputs(states), h_last, c_last


def lstm_vjp(
    g: tuple[Array, Array, Array],
    x: Array,
    h0: Array,
    c0: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
) -> Gradients:
    """Backpropagation through time. With g = (dhs, dh_T, dc_T) and D_t, da_t as in the cell's vjp,

        D_t = dc_t' + dh_t' o_t (1 - tanh(c_t)^2),   dc_{t-1}' = D_t f_t,   dh_{t-1}' = dhs_{t-1} + da_t W_hh,

    started from dh_T' = dhs_T + dh_T and dc_T' = dc_T. Along c the gradient is only multiplied by f_t: the constant
    error carousel. dx_t = da_t W_ih, dW_ih = sum_t da_t^T x_t, dW_hh = sum_t da_t^T h_{t-1}, both biases sum_t da_t.
    """
    weights = (w_ih, w_hh, b_ih, b_hh)
    return walk_back(lstm_cell_vjp, g, x, walk(lstm_cell, x, (h0, c0), weights), weights)
