"""Cells of recurrent networks."""

import mpmath as mp
import numpy as np

from ..tensors import Exact, Exacts, each
from . import logistic

sigmoid = each(logistic.sigmoid)
tanh = each(mp.tanh)


def lstm(part: int) -> Exact:
    """The new hidden (0) or cell state (1), from gates i, f, g, o in torch's order: Hochreiter and Schmidhuber 1997."""

    def at(x: Exacts, h: Exacts, c: Exacts, w: Exacts, v: Exacts) -> Exacts:
        i, f, g, o = np.split(x @ w.T + h @ v.T, 4, 1)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return (sigmoid(o) * tanh(c), c)[part]

    return at


def gru(x: Exacts, h: Exacts, w: Exacts, v: Exacts) -> Exacts:
    """The reset gate r counts after the product with v, as torch documents it: Cho et al. 2014, arXiv:1406.1078."""
    (r, z, n), (rh, zh, nh) = np.split(x @ w.T, 3, 1), np.split(h @ v.T, 3, 1)
    r, z = sigmoid(r + rh), sigmoid(z + zh)
    return (1 - z) * tanh(n + r * nh) + z * h
