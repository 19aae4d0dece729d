"""Normalization, attention, cells, pads and losses, by NumPy's means and pads and SciPy's special functions."""

import math
from itertools import product

import numpy as np
from scipy import special

from .form import positive, table

TARGETS, PLACES = [1, 0, 3], [0, 1, 2]
MASK = np.array([[0, 1, 0, 0], [0, 0, 1, 1], [1, 0, 0, 1]], dtype=bool)
BIAS = np.array([[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]])


def normed(axis, epsilon=1e-5):
    return lambda x: (x - x.mean(axis, keepdims=True)) / np.sqrt(x.var(axis, keepdims=True) + epsilon)


def layer_norm(epsilon):
    return lambda x, y, z: normed(1, epsilon)(x) * y + z


def rms_norm(epsilon):
    return lambda x, y: x * y / np.sqrt(np.mean(x * x, 1, keepdims=True) + epsilon)


def local_response(x):
    squares = np.stack([sum(x[:, j] ** 2 for j in range(4) if abs(i - j) < 2) for i in range(4)], 1)
    return x / np.exp(0.75 * np.log(1 + squares / 6))


def attention(scale=None, bias=0.0):
    def at(q, k, v):
        scores = np.einsum("id,jd->ij", q, k) * (q.shape[1] ** -0.5 if scale is None else scale)
        return np.einsum("ij,jd->id", special.softmax(scores + bias, 1), v)

    return at


def blocked(allowed):
    return np.where(np.array(allowed) > 0, 0.0, -np.inf)


def lstm(x, h, c, w, v):
    gates = (np.concatenate([x, h], 1) @ np.concatenate([w, v], 1).T)[0]
    i, f, o = special.expit(gates[[0, 1, 3]])
    cell = f * c + i * math.tanh(gates[2])
    return o * np.tanh(cell), cell


def gru(x, h, w, v):
    a, b = w @ x[0], v @ h[0]
    r, z = special.expit(a[:2] + b[:2])
    return z * h + (1 - z) * math.tanh(a[2] + r * b[2])


def padding(mode, *ends):
    return lambda x: np.pad(x, ends, mode=mode)


def shuffled(x):
    """Two by two entries of four channels become one square."""
    out = np.zeros((1, 2, 6))
    for (i, j), c in zip(product(range(2), repeat=2), x, strict=True):
        out[0, i::2, j::2] = c
    return out


def unshuffled(x):
    """One square becomes four channels, by its place in two by two."""
    return x.reshape(2, 3, 2).transpose(0, 2, 1).reshape(4, 1, 3)


def unfolded(x):
    found = [
        [x[0, c, i : i + x.shape[2] - 1, j : j + x.shape[3] - 1].ravel()]
        for c in range(x.shape[1])
        for i, j in product((0, 1), (0, 1))
    ]
    return np.array(found).reshape(1, len(found), -1)


def folded(x):
    out = np.zeros((1, 1, 3, 3))
    for (k, (i, j)), (row, column) in product(enumerate(product((0, 1), (0, 1))), product((0, 1), (0, 1))):
        out[0, 0, row + i, column + j] += x[0, k, 2 * row + column]
    return out


def masked(f, axis):
    return lambda x: f(np.where(MASK, -np.inf, x), axis)


def cross_entropy(p):
    """Of the target's distribution, by rows."""
    return lambda x: -np.sum(np.array(p) * special.log_softmax(x, 1))


def margins(x):
    return sum(max(0, 1 + x[i, j] - x[i, t]) for i, t in enumerate(TARGETS) for j in range(4) if j != t) / 12


ONE_HOT = np.eye(4)[TARGETS]
WEIGHTED = ONE_HOT * np.array([[1], [0.5], [0.25]]) / 1.75
GIVEN = [[0.25, 0.5, 0.0, 0.25], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]

NORMALIZED = {
    "batch_norm: training": lambda x, y, z: normed(0)(x) * y + z,
    "batch_norm: inference": lambda x, y, z: (
        np.stack([(x[:, 0] - 0.5) / math.sqrt(2.00001), (x[:, 1] + 1) / math.sqrt(0.25001)], 1) * y + z
    ),
    "layer_norm": layer_norm(1e-5),
    "layer_norm: eps 0": layer_norm(0),
    "layer_norm of all": normed(None),
    "layer_norm of one entry": lambda x: 0 * x,
    "group_norm": lambda x: np.concatenate([normed(None)(x[:, :2]), normed(None)(x[:, 2:])], 1),
    "instance_norm": normed(2),
    "rms_norm": rms_norm(1e-5),
    "rms_norm: eps 0": rms_norm(0),
    "local_response_norm": local_response,
    "linear": lambda x, y, z: np.einsum("bi,oi->bo", x, y) + z,
    "bilinear": lambda x, y, z: np.stack([[a @ w @ b for w in y_] for a, b, y_ in zip(x, y, [z, z], strict=True)]),
    "embedding: padding_idx": lambda x: np.stack([x[2], x[0], x[2]]),
    "one_hot": lambda x: np.eye(3)[[2, 0, 2]] @ x,
}
CAUSAL = blocked(np.tri(3))
CELLS = {
    "scaled dot product attention": attention(),
    "scaled dot product attention: saturated": attention(),
    "scaled dot product attention: scale": attention(2),
    "scaled dot product attention: mask": attention(bias=blocked([[1, 0, 1], [0, 1, 0]])),
    "scaled dot product attention: bias": attention(bias=BIAS),
    "scaled dot product attention: bias, saturated": attention(bias=BIAS),
    "scaled dot product attention: causal": attention(bias=CAUSAL),
    **{f"lstm_cell: hidden state{more}": lambda *xs: lstm(*xs)[0] for more in ("", ", saturated")},
    **{f"lstm_cell: cell state{more}": lambda *xs: lstm(*xs)[1] for more in ("", ", saturated")},
    "gru_cell": gru,
    "gru_cell: saturated": gru,
    "rnn_tanh_cell": lambda x, h, w, v: np.tanh(np.hstack([x, h]) @ np.hstack([w, v]).T),
    "rnn_relu_cell": lambda x, h, w, v: np.clip(np.hstack([x, h]) @ np.hstack([w, v]).T, 0, None),
}
MOVED = {
    "padded by a constant": lambda x: np.pad(x, ((0, 2), (1, 0)), constant_values=1.5),
    "padded by less than nothing": lambda x: np.stack([x[:, 1], x[:, 2], 0 * x[:, 0]], 1),
    "padded: reflect": padding("reflect", (0, 0), (2, 1)),
    "padded: replicate": padding("edge", (0, 0), (2, 1)),
    "padded: circular": padding("wrap", (0, 0), (2, 1)),
    "padded: symmetric": padding("symmetric", (0, 0), (2, 1)),
    "padded: reflect, two axes": padding("reflect", (0, 0), (1, 0), (1, 2)),
    "pixel_shuffle": shuffled,
    "pixel_unshuffle": unshuffled,
    "channel_shuffle": lambda x: x.reshape(1, 2, 2, 2).swapaxes(1, 2).reshape(1, 4, 2),
    "unfold": unfolded,
    "unfold: two channels": unfolded,
    "fold": folded,
    "dropout: p 0": lambda x: x,
}
LOSSES = {
    "softmax with a mask": masked(special.softmax, 1),
    "softmax with a mask, axis 0": masked(special.softmax, 0),
    "logsumexp with a mask": masked(special.logsumexp, 1),
    "cross_entropy of logits": cross_entropy(ONE_HOT / 3),
    "cross_entropy of logits: ignore_index": cross_entropy(ONE_HOT * [[1], [0], [1]] / 2),
    "cross_entropy of logits: label smoothing": cross_entropy((0.9 * ONE_HOT + 0.025) / 3),
    "cross_entropy of logits: class weights": cross_entropy(WEIGHTED),
    "cross_entropy of probabilities": cross_entropy(GIVEN),
    "nll_loss": lambda x: -np.mean(x[PLACES, TARGETS]),
    "multi_margin_loss": margins,
    "kl_div: log_target": lambda x, y: (
        special.kl_div(np.exp(y), np.exp(x)).sum() / 2 + (np.exp(y) - np.exp(x)).sum() / 2
    ),
    "glu": lambda x: x[:, :2] / (1 + np.exp(-x[:, 2:])),
}
FORMS = {
    **table({**NORMALIZED, **CELLS, **MOVED, **LOSSES}),
    **table({"kl_div: batchmean": lambda x, y: (special.rel_entr(y, 1) - x * y).sum() / 2}, positive),
}
