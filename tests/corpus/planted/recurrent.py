"""Recurrent nets: gates and paths confused in the backward pass, and backpropagation cut off early in time."""

from typing import Any

import numpy as np

from ..table import Case, Function, Rng
from .custom import BOTH, bug, normal, plain, sigmoid, stop_gradient
from .layers import PATH

TRUNCATED = "truncated through time"


def lstm_arguments(rng: Rng) -> tuple[Any, ...]:
    shapes = (2, 3), (2, 3), (2, 3), (12, 3), (12, 3), (12,)
    return tuple(rng.standard_normal(s) for s in shapes)


def lstm_gates(xp: Any, x: Any, h: Any, c: Any, w: Any, u: Any, b: Any) -> Any:
    a, n = x @ w.T + h @ u.T + b, h.shape[1]
    i, f, o = sigmoid(xp, a[:, :n]), sigmoid(xp, a[:, n : 2 * n]), sigmoid(xp, a[:, 3 * n :])
    return i, f, xp.tanh(a[:, 2 * n : 3 * n]), o


def lstm_cell(xp: Any, *args: Any) -> Any:
    i, f, z, o = lstm_gates(xp, *args)
    c = f * args[2] + i * z
    return o * xp.tanh(c), c


def lstm_vjp(order: tuple[int, ...] = (0, 1, 2, 3), through_cell: float = 1, candidate: bool = True) -> Function:
    """``order`` of the gates' gradients; ``through_cell`` weighs c's cotangent; the candidate has tanh's slope."""

    def pullback(xp: Any, g: Any, x: Any, h: Any, c: Any, w: Any, u: Any, b: Any) -> Any:
        i, f, z, o = lstm_gates(xp, x, h, c, w, u, b)
        t = xp.tanh(f * c + i * z)
        dc = through_cell * g[1] + g[0] * o * (1 - t**2)
        slope = 1 - z**2 if candidate else z * (1 - z)
        da = dc * z * i * (1 - i), dc * c * f * (1 - f), dc * i * slope, g[0] * t * o * (1 - o)
        da = xp.concat([da[k] for k in order], axis=1)
        return da @ w, da @ u, dc * f, da.T @ x, da.T @ h, xp.sum(da, axis=0)

    return pullback


def gru_gates(xp: Any, x: Any, h: Any, w: Any, u: Any) -> Any:
    a, b, n = x @ w.T, h @ u.T, h.shape[1]
    r, z = sigmoid(xp, a[:, :n] + b[:, :n]), sigmoid(xp, a[:, n : 2 * n] + b[:, n : 2 * n])
    hidden = b[:, 2 * n :]
    return r, z, xp.tanh(a[:, 2 * n :] + r * hidden), hidden


def gru_cell(xp: Any, x: Any, h: Any, w: Any, u: Any) -> Any:
    _, z, n, _ = gru_gates(xp, x, h, w, u)
    return (1 - z) * n + z * h


def gru_vjp(swapped: bool = False, direct: float = 1, reset: bool = True) -> Function:
    """``swapped`` reset and update; ``direct`` weighs the path z h; ``reset`` scales the hidden candidate."""

    def pullback(xp: Any, g: Any, x: Any, h: Any, w: Any, u: Any) -> Any:
        r, z, n, hidden = gru_gates(xp, x, h, w, u)
        dn = g * (1 - z) * (1 - n**2)
        gates = [dn * hidden * r * (1 - r), g * (h - n) * z * (1 - z)]
        gates = gates[::-1] if swapped else gates
        da = xp.concat([*gates, dn], axis=1)
        db = xp.concat([*gates, dn * r if reset else dn], axis=1)
        return da @ w, db @ u + direct * g * z, da.T @ x, db.T @ h

    return pullback


def gru_reset_detached(xp: Any, x: Any, h: Any, w: Any, u: Any) -> Any:
    """The reset gate is detached."""
    r, z, _, hidden = gru_gates(xp, x, h, w, u)
    n = xp.tanh((x @ w.T)[:, 2 * h.shape[1] :] + stop_gradient(r) * hidden)
    return (1 - z) * n + z * h


def decay(xp: Any, x: Any, rate: float) -> Any:
    """The matrix of y_t = rate y_(t-1) + x_t: rate^(t - s) on and below the diagonal."""
    t = xp.arange(x.shape[0])
    lag = xp.astype(t[:, None] - t[None, :], x.dtype)
    return xp.where(lag >= 0, rate ** xp.abs(lag), 0 * lag)


def averaged(xp: Any, x: Any) -> Any:
    return decay(xp, x, 0.3) @ x


def averaged_not_reversed_vjp(xp: Any, g: Any, x: Any) -> Any:
    """The recurrence runs forward in time in the backward pass too."""
    return (averaged(xp, g),)


def averaged_truncated_vjp(xp: Any, g: Any, x: Any) -> Any:
    """Reaches back ten steps only: 0.3^11 is 2e-6."""
    t = xp.arange(x.shape[0])
    kept = t[:, None] - t[None, :] <= 10
    m = decay(xp, x, 0.3)
    return (xp.where(kept, m, 0 * m).T @ g,)


def contraction(rng: Rng) -> tuple[Any, ...]:
    w = 0.35 * np.linalg.qr(rng.standard_normal((4, 4)))[0]
    return 0.3 * rng.standard_normal((16, 4)), w


def rnn_truncated(xp: Any, x: Any, w: Any) -> Any:
    """The state is detached eleven steps before the end: the contraction leaves about 3e-6 of the gradient there."""
    h = xp.tanh(x[0])
    for t in range(1, x.shape[0]):
        h = stop_gradient(h) if t == x.shape[0] - 11 else h
        h = xp.tanh(x[t] + w @ h)
    return h


def gru_truncated(xp: Any, x: Any, w: Any) -> Any:
    """A minimal gated unit whose state is detached ten steps before the end."""
    h = xp.tanh(x[0])
    for t in range(1, x.shape[0]):
        h = stop_gradient(h) if t == x.shape[0] - 11 else h
        z = sigmoid(xp, x[t] - 0.8)
        h = z * h + (1 - z) * xp.tanh(x[t] + w[0] * h / 10)
    return h


GRU = normal((3, 4), (3, 4), (12, 4), (12, 4))

CASES: tuple[Case, ...] = (
    bug("lstm_gates_swapped", PATH, lstm_arguments, lstm_cell, lstm_vjp((1, 0, 2, 3)), cells=BOTH),
    bug("lstm_candidate_and_output_swapped", PATH, lstm_arguments, lstm_cell, lstm_vjp((0, 1, 3, 2))),
    bug("lstm_cell_path_left_out", PATH, lstm_arguments, lstm_cell, lstm_vjp(through_cell=0)),
    bug("lstm_candidate_slope", PATH, lstm_arguments, lstm_cell, lstm_vjp(candidate=False)),
    bug("gru_gates_swapped", PATH, GRU, gru_cell, gru_vjp(swapped=True), cells=BOTH),
    bug("gru_direct_path_left_out", PATH, GRU, gru_cell, gru_vjp(direct=0)),
    bug("gru_reset_not_applied", PATH, GRU, gru_cell, gru_vjp(reset=False)),
    plain("gru_reset_detached", PATH, GRU, gru_reset_detached),
    bug("time_not_reversed", PATH, normal((9, 2)), averaged, averaged_not_reversed_vjp),
    bug("average_truncated", TRUNCATED, normal((24, 2)), averaged, averaged_truncated_vjp, cells=BOTH),
    plain("rnn_truncated", TRUNCATED, contraction, rnn_truncated),
    plain("gru_truncated", TRUNCATED, contraction, gru_truncated),
)
