"""The multilayer perceptron and its backpropagation, written out as a textbook does.

``params`` holds one pair (w, b) per layer, first layer first: w (O,I), b (O,), where I of a layer is O of the layer
before. x is (N,I). ``activation`` (tanh or relu) stands between the layers; after the last layer there is none.
Letters: z_l is what enters layer l (z_1 = x), a_l = z_l w_l^T + b_l, z_{l+1} = phi(a_l), and y = a_L.

Source: C. M. Bishop, Pattern Recognition and Machine Learning, section 5.3; D. E. Rumelhart, G. E. Hinton and
R. J. Williams, Nature 323 (1986) 533.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from ..arrays import Array, Indices

Params: TypeAlias = Sequence[tuple[Array, Array]]
Gradients: TypeAlias = tuple[tuple[Array, Array], ...]


def mlp(x: Array, params: Params, *, activation: str = "tanh") -> Array:
    """The network's output, y = w_L phi(... phi(w_1 x + b_1) ...) + b_L, of shape (N,O), O that of the last layer.

    Shapes and letters as at the top of this file.
    """
    _, sums = _forward(x, params, activation)
    return sums[-1]


def mlp_vjp(g: Array, x: Array, params: Params, *, activation: str = "tanh") -> tuple[Array, Gradients]:
    """Write delta_l = dL/da_l. The last layer has delta_L = g, and layer by layer, in reverse,

        dw_l = delta_l^T z_l,   db_l = sum over the batch of delta_l,   delta_{l-1} = (delta_l w_l) phi'(a_{l-1}),

    until dx = delta_1 w_1. phi' is 1 - tanh(a)^2, or 1 for a > 0 and 0 elsewhere (at the kink a = 0 relu takes 0).
    Returns (dx, ((dw_1, db_1), ..., (dw_L, db_L))).
    """
    inputs, sums = _forward(x, params, activation)
    return _backward(g, inputs, sums, params, activation)


def mlp_loss_and_grads(
    x: Array, target: Indices, params: Params, *, activation: str = "tanh"
) -> tuple[Array, Gradients]:
    """The mean softmax cross-entropy of ``mlp`` and its gradients by backpropagation.

    L = -(1/N) sum_n log p_n[t_n], p_n = softmax(y_n), with class indices t of shape (N,). Since
    dL/dy_nk = (p_nk - [k = t_n]) / N, that is delta_L, and the layers are walked in reverse as in ``mlp_vjp``.
    Returns (L, ((dw_1, db_1), ..., (dw_L, db_L))).
    """
    inputs, sums = _forward(x, params, activation)
    log_p = _log_softmax(sums[-1])  # N,K
    rows = np.arange(len(target))
    loss = -np.sum(log_p[rows, target]) / len(target)
    delta = np.exp(log_p)
    delta[rows, target] -= 1
    _, dparams = _backward(delta / len(target), inputs, sums, params, activation)
    return loss, dparams


def _forward(x: Array, params: Params, activation: str) -> tuple[list[Array], list[Array]]:
    """([z_1, ..., z_L], [a_1, ..., a_L]): what entered each layer, and what it summed to."""
    _check(params, activation)
    inputs = [x]
    sums: list[Array] = []
    for w, b in params:
        sums.append(inputs[-1] @ w.T + b)  # N,O
        inputs.append(_phi(sums[-1], activation))
    return inputs[:-1], sums


def _backward(
    delta: Array, inputs: list[Array], sums: list[Array], params: Params, activation: str
) -> tuple[Array, Gradients]:
    """(dx, dparams) from delta = dL/da_L."""
    dparams: list[tuple[Array, Array]] = []
    for layer in reversed(range(len(params))):
        dparams.append((delta.T @ inputs[layer], delta.sum(axis=0)))
        delta = delta @ params[layer][0]  # N,I: the gradient of what entered this layer
        if layer > 0:
            delta = delta * _slope(sums[layer - 1], activation)
    return delta, tuple(reversed(dparams))


def _phi(a: Array, activation: str) -> Array:
    z: Array = np.tanh(a) if activation == "tanh" else np.where(a.real > 0, a, 0)
    return z


def _slope(a: Array, activation: str) -> Array:
    if activation == "relu":
        return np.where(a.real > 0, 1, 0)
    # 1 - tanh^2 without the cancellation of a saturated unit
    e = np.exp(-2 * np.where(a.real < 0, -a, a))
    slope: Array = 4 * e / (1 + e) ** 2
    return slope


def _log_softmax(y: Array) -> Array:
    shifted = y - y.real.max(axis=1, keepdims=True)  # N,K
    log_p: Array = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return log_p


def _check(params: Params, activation: str) -> None:
    if activation not in ("tanh", "relu"):
        raise ValueError(f"activation is {activation!r}; allowed are tanh and relu")
    if not params:
        raise ValueError("params is empty; allowed are one or more (w, b) pairs")
