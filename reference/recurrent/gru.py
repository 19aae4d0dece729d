"""The gated recurrent unit: one cell, and a sequence of them with backpropagation through time.

Gate order: r, z, n (reset, update, candidate), packed along the first axis of the weights and biases.
Shapes: x (N,I) or, for the sequence, (T,N,I); h and h0 (N,H); w_ih (3H,I); w_hh (3H,H); b_ih and b_hh (3H,) or None.
"""

import numpy as np

from ..arrays import Array
from ._gates import linear, linear_vjp, sigmoid, sigmoid_slope, tanh_slope
from ._walk import Gradients, outputs, walk, walk_back


def gru_cell(x: Array, h: Array, w_ih: Array, w_hh: Array, b_ih: Array | None, b_hh: Array | None) -> Array:
    """With (a_r, a_z, a_n) = W_ih x + b_ih and (s_r, s_z, s_n) = W_hh h + b_hh:

        r = sigma(a_r + s_r), z = sigma(a_z + s_z), n = tanh(a_n + r s_n),   h' = (1 - z) n + z h, shape (N,H).

    Source: torch.nn.GRUCell, whose candidate is cuDNN's. K. Cho et al., arXiv:1406.1078v3, eq. 5 to 8, differ: there
    the reset gate stands before the product, n = tanh(W x + U (r h)), written without biases. J. Chung et al.,
    arXiv:1412.3555, swap the roles of z and 1 - z.
    """
    a_r, a_z, a_n = np.split(linear(x, w_ih, b_ih), 3, axis=1)  # N,H each
    s_r, s_z, s_n = np.split(linear(h, w_hh, b_hh), 3, axis=1)  # N,H each
    n = np.tanh(a_n + sigmoid(a_r + s_r) * s_n)
    # sigmoid(-a) is 1 - z; the subtraction would cancel when z is near 1, and h is often 0
    return sigmoid(-(a_z + s_z)) * n + sigmoid(a_z + s_z) * h


def gru_cell_vjp(
    g: Array, x: Array, h: Array, w_ih: Array, w_hh: Array, b_ih: Array | None, b_hh: Array | None
) -> Gradients:
    """With n = tanh(m): dn = g (1 - z), dz = g (h - n), dm = dn (1 - n^2), dr = dm s_n, ds_n = dm r, da_n = dm.

    r and z see a + s, so there da = ds. h acts as itself, with weight z, and through the affine map:
    dh = g z + ds W_hh.
    """
    a, s = linear(x, w_ih, b_ih), linear(h, w_hh, b_hh)  # N,3H each
    da, ds, dh_direct = _gates_vjp(g, a, s, h)
    dx, dw_ih, db_ih = linear_vjp(da, x, w_ih, b_ih)
    dh, dw_hh, db_hh = linear_vjp(ds, h, w_hh, b_hh)
    return dx, dh + dh_direct, dw_ih, dw_hh, db_ih, db_hh


def _gates_vjp(g: Array, a: Array, s: Array, h: Array) -> tuple[Array, Array, Array]:
    """(da, ds, g z): what stands between the affine maps and the new state."""
    a_r, a_z, a_n = np.split(a, 3, axis=1)  # N,H each
    s_r, s_z, s_n = np.split(s, 3, axis=1)  # N,H each
    r, z = sigmoid(a_r + s_r), sigmoid(a_z + s_z)
    m = a_n + r * s_n
    dm = g * sigmoid(-(a_z + s_z)) * tanh_slope(m)
    dr = dm * s_n * sigmoid_slope(a_r + s_r)
    dz = g * (h - np.tanh(m)) * sigmoid_slope(a_z + s_z)
    return np.concatenate([dr, dz, dm], axis=1), np.concatenate([dr, dz, dm * r], axis=1), g * z


def gru(x: Array, h0: Array, w_ih: Array, w_hh: Array, b_ih: Array | None, b_hh: Array | None) -> tuple[Array, Array]:
    """h_t = gru_cell(x_t, h_{t-1}) for t = 1..T; returns (hs, h_T) with hs (T,N,H) and h_T (N,H), equal to hs[T-1].

    For T = 0 hs is empty and h_T is h0 (torch.nn.GRU refuses an empty sequence).
    """
    states = walk(gru_cell, x, (h0,), (w_ih, w_hh, b_ih, b_hh))
    return outputs(states), states[-1][0]


def gru_vjp(
    g: tuple[Array, Array],
    x: Array,
    h0: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
) -> Gradients:
    """Backpropagation through time. With g = (dhs, dh_T) and da_t, ds_t as in the cell's vjp,

        dh_{t-1}' = dhs_{t-1} + dh_t' z_t + ds_t W_hh,   started from dh_T' = dhs_T + dh_T,

    dx_t = da_t W_ih, dW_ih = sum_t da_t^T x_t, db_ih = sum_t da_t, dW_hh = sum_t ds_t^T h_{t-1}, db_hh = sum_t ds_t.
    The two biases part in the candidate: b_hn stands inside the reset gate.
    """
    weights = (w_ih, w_hh, b_ih, b_hh)
    return walk_back(gru_cell_vjp, g, x, walk(gru_cell, x, (h0,), weights), weights)
