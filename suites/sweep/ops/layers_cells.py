"""Normalization, linear layers, embeddings, attention and recurrent cells."""

import mpmath as mp
import numpy as np

from ..formulas.attention import attention
from ..formulas.normalization import group_norm, layer_norm, local_response_norm, rms_norm, standardized
from ..formulas.recurrent import gru, lstm, tanh
from ..tensors import HUGE, INFINITE, TIES, TINY, ZEROS, TensorRow, each, fixed, shaped
from .inputs import products, without

FAR = fixed(
    "far from zero", 1e4 + 1.1 * np.array([[0.5, -1.0, 0.25, 2.0], [1.5, 0.0, -0.5, 1.0], [-2.0, 0.75, 1.0, 0.5]])
)
FAR_SCALED = fixed("far from zero", FAR.make("float64")[0], [1.0, -2.0, 0.5, 1.5], [0.25, 0.5, -1.0, 0.0])
NORMED = shaped((3, 4), (4,), (4,), skip=(HUGE, TINY))
STATES = shaped((1, 2), (1, 1), (1, 1), (4, 2), (4, 1), skip=(HUGE, TINY, INFINITE))
GRU_STATES = shaped((1, 2), (1, 1), (3, 2), (3, 1), skip=(HUGE, TINY, INFINITE))
ATTENDED = shaped((2, 2), (3, 2), (3, 2), skip=(HUGE, INFINITE))
# Where a float's derivative is lost in rounding errors of larger terms.
SATURATED_STATES = (
    fixed(
        "saturated",
        [[40.0, -30.0]],
        [[1.0]],
        [[0.5]],
        [[5.0, 1.0], [-3.0, 2.0], [4.0, 4.0], [1.0, -9.0]],
        np.ones((4, 1)),
    ),
)
SATURATED_GRU_STATES = (
    fixed("saturated", [[40.0, -30.0]], [[0.5]], [[5.0, 1.0], [-3.0, 2.0], [4.0, 4.0]], np.ones((3, 1))),
)
SATURATED = (
    fixed(
        "saturated",
        [[30.0, -40.0], [50.0, 20.0]],
        [[9.0, 5.0], [-7.0, 8.0], [3.0, 3.0]],
        [[1.0, 2.0], [-1.0, 0.5], [0.25, 3.0]],
    ),
)
SQUARE_ATTENDED = shaped((3, 2), (3, 2), (3, 2), skip=(HUGE, TIES, TINY, INFINITE))

CELLS: tuple[TensorRow, ...] = (
    TensorRow(
        "batch_norm: training",
        "F.batch_norm(x, None, None, y, z, training=True)",
        "jax.nn.standardize(x, axis=0, epsilon=1e-5) * y + z",
        lambda x, y, z: standardized(x, (0,)) * y + z,
        inputs=(
            *shaped((4, 2), (2,), (2,), skip=(HUGE, TINY)),
            fixed(
                "far from zero",
                1e4 + 1.1 * np.array([[0.5, -1.0], [1.5, 0.0], [-2.0, 0.75], [0.25, 2.0]]),
                [1.0, -2.0],
                [0.5, 0.0],
            ),
        ),
    ),
    TensorRow(
        "batch_norm: inference",
        "F.batch_norm(x, torch.tensor([0.5, -1.0], dtype=x.dtype), torch.tensor([2.0, 0.25], dtype=x.dtype), y, z)",
        "(x - jnp.array([0.5, -1.0], x.dtype)) / jnp.sqrt(jnp.array([2.0, 0.25], x.dtype) + 1e-5) * y + z",
        lambda x, y, z: (
            (x - [mp.mpf(0.5), mp.mpf(-1)]) / [mp.sqrt(mp.mpf(v) + mp.mpf(1e-5)) for v in (2, 0.25)] * y + z
        ),
        inputs=shaped((4, 2), (2,), (2,), skip=(HUGE, TINY)),
    ),
    TensorRow(
        "layer_norm",
        "F.layer_norm(x, (4,), y, z)",
        "jax.nn.standardize(x, epsilon=1e-5) * y + z",
        layer_norm(1e-5),
        inputs=(*NORMED, FAR_SCALED),
    ),
    TensorRow(
        "layer_norm: eps 0",
        "F.layer_norm(x, (4,), y, z, eps=0.0)",
        "jax.nn.standardize(x, epsilon=0.0) * y + z",
        layer_norm(0.0),
        inputs=(*NORMED, FAR_SCALED),
    ),
    TensorRow(
        "layer_norm of all",
        "F.layer_norm(x, (3, 4))",
        "jax.nn.standardize(x, axis=(0, 1))",
        lambda x: standardized(x, (0, 1)),
        inputs=(*shaped((3, 4)), FAR),
    ),
    TensorRow(
        "layer_norm of one entry",
        "F.layer_norm(x, (1,))",
        "jax.nn.standardize(x)",
        lambda x: standardized(x, (-1,)),
        inputs=shaped((3, 1), skip=(HUGE,)),
    ),
    TensorRow(
        "group_norm",
        "F.group_norm(x, 2)",
        "jax.nn.standardize(x.reshape(1, 2, 6)).reshape(x.shape)",
        group_norm,
        inputs=(
            *shaped((1, 4, 3), skip=(HUGE, TINY)),
            fixed("far from zero", np.reshape(FAR.make("float64")[0], (1, 4, 3))),
        ),
    ),
    TensorRow(
        "instance_norm",
        "F.instance_norm(x)",
        "jax.nn.standardize(x)",
        lambda x: standardized(x, (-1,)),
        inputs=shaped((1, 2, 4), skip=(HUGE, TINY)),
    ),
    TensorRow(
        "rms_norm",
        "F.rms_norm(x, (4,), y, eps=1e-5)",
        "x * lax.rsqrt(jnp.mean(x * x, axis=1, keepdims=True) + 1e-5) * y",
        rms_norm(1e-5),
        inputs=shaped((3, 4), (4,)),
    ),
    TensorRow(
        "rms_norm: eps 0",
        "F.rms_norm(x, (4,), y, eps=0.0)",
        "x * lax.rsqrt(jnp.mean(x * x, axis=1, keepdims=True)) * y",
        rms_norm(0.0),
        inputs=shaped((3, 4), (4,), skip=(ZEROS,)),
    ),
    TensorRow(
        "local_response_norm",
        "F.local_response_norm(x, 3, alpha=0.5, beta=0.75, k=1.0)",
        "x / (1.0 + lax.reduce_window(x * x, 0.0, lax.add, (1, 3, 1), (1, 1, 1), 'SAME') / 6.0) ** 0.75",
        local_response_norm,
        inputs=shaped((1, 4, 2)),
    ),
    TensorRow(
        "linear",
        "F.linear(x, y, z)",
        "x @ y.T + z",
        lambda x, y, z: x @ y.T + z,
        inputs=products((2, 3), (3, 3), (3,)),
    ),
    TensorRow(
        "bilinear",
        "F.bilinear(x, y, z)",
        "jnp.einsum('bi,oij,bj->bo', x, z, y)",
        lambda x, y, z: np.einsum("bi,oij,bj->bo", x, z, y),
        inputs=shaped((2, 2), (2, 2), (2, 2, 2), skip=(HUGE,)),
    ),
    TensorRow(
        "embedding: padding_idx",
        "F.embedding(torch.tensor([2, 0, 2]), x, padding_idx=0) + 0.0 * x[:1].detach()",
        "jnp.take(x.at[0].set(lax.stop_gradient(x[0])), jnp.array([2, 0, 2]), axis=0)",
        lambda x: x[[2, 0, 2]],
        inputs=shaped((3, 4), skip=(HUGE,)),
        differentiable=False,
    ),
    TensorRow(
        "one_hot",
        "F.one_hot(torch.tensor([2, 0, 2]), 3).to(x.dtype) @ x",
        "jax.nn.one_hot(jnp.array([2, 0, 2]), 3, dtype=x.dtype) @ x",
        lambda x: x[[2, 0, 2]],
        inputs=shaped((3, 4)),
    ),
    TensorRow(
        "scaled dot product attention",
        "F.scaled_dot_product_attention(x[None, None], y[None, None], z[None, None])[0, 0]",
        "jax.nn.dot_product_attention(x[:, None], y[:, None], z[:, None])[:, 0]",
        attention,
        inputs=ATTENDED,
    ),
    TensorRow(
        "scaled dot product attention: saturated",
        "F.scaled_dot_product_attention(x[None, None], y[None, None], z[None, None])[0, 0]",
        "jax.nn.dot_product_attention(x[:, None], y[:, None], z[:, None])[:, 0]",
        attention,
        inputs=SATURATED,
        differentiable=False,
    ),
    TensorRow(
        "scaled dot product attention: scale",
        "F.scaled_dot_product_attention(x[None, None], y[None, None], z[None, None], scale=2.0)[0, 0]",
        "jax.nn.dot_product_attention(x[:, None], y[:, None], z[:, None], scale=2.0)[:, 0]",
        lambda x, y, z: attention(x, y, z, 2),
        inputs=ATTENDED,
    ),
    TensorRow(
        "scaled dot product attention: mask",
        "F.scaled_dot_product_attention(x[None, None], y[None, None], z[None, None], "
        "attn_mask=torch.tensor([[True, False, True], [False, True, False]]))[0, 0]",
        "jax.nn.dot_product_attention(x[:, None], y[:, None], z[:, None], "
        "mask=jnp.array([[[True, False, True], [False, True, False]]]))[:, 0]",
        lambda x, y, z: attention(x, y, z, allowed=[[1, 0, 1], [0, 1, 0]]),
        inputs=without(ATTENDED, TIES),
    ),
    TensorRow(
        "scaled dot product attention: bias",
        "F.scaled_dot_product_attention(x[None, None], y[None, None], z[None, None], "
        "attn_mask=torch.tensor([[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]], dtype=x.dtype))[0, 0]",
        "jax.nn.dot_product_attention(x[:, None], y[:, None], z[:, None], "
        "bias=jnp.array([[[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]]], x.dtype))[:, 0]",
        lambda x, y, z: attention(x, y, z, bias=np.array([[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]])),
        inputs=ATTENDED,
    ),
    TensorRow(
        "scaled dot product attention: bias, saturated",
        "F.scaled_dot_product_attention(x[None, None], y[None, None], z[None, None], "
        "attn_mask=torch.tensor([[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]], dtype=x.dtype))[0, 0]",
        "jax.nn.dot_product_attention(x[:, None], y[:, None], z[:, None], "
        "bias=jnp.array([[[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]]], x.dtype))[:, 0]",
        lambda x, y, z: attention(x, y, z, bias=np.array([[0.5, -1.0, 2.0], [0.0, 3.0, -2.0]])),
        inputs=SATURATED,
        differentiable=False,
    ),
    TensorRow(
        "scaled dot product attention: causal",
        "F.scaled_dot_product_attention(x[None, None], y[None, None], z[None, None], is_causal=True)[0, 0]",
        "jax.nn.dot_product_attention(x[:, None], y[:, None], z[:, None], is_causal=True)[:, 0]",
        lambda x, y, z: attention(x, y, z, allowed=[[1, 0, 0], [1, 1, 0], [1, 1, 1]]),
        inputs=SQUARE_ATTENDED,
    ),
    TensorRow(
        "lstm_cell: hidden state",
        "torch.lstm_cell(x, (y, z), a, b)[0]",
        "(lambda i, f, g, o: jax.nn.sigmoid(o) * jnp.tanh(jax.nn.sigmoid(f) * z + jax.nn.sigmoid(i) * jnp.tanh(g)))"
        "(*jnp.split(x @ a.T + y @ b.T, 4, axis=1))",
        lstm(0),
        inputs=STATES,
    ),
    TensorRow(
        "lstm_cell: hidden state, saturated",
        "torch.lstm_cell(x, (y, z), a, b)[0]",
        "(lambda i, f, g, o: jax.nn.sigmoid(o) * jnp.tanh(jax.nn.sigmoid(f) * z + jax.nn.sigmoid(i) * jnp.tanh(g)))"
        "(*jnp.split(x @ a.T + y @ b.T, 4, axis=1))",
        lstm(0),
        inputs=SATURATED_STATES,
        differentiable=False,
    ),
    TensorRow(
        "lstm_cell: cell state",
        "torch.lstm_cell(x, (y, z), a, b)[1]",
        "(lambda i, f, g, o: jax.nn.sigmoid(f) * z + jax.nn.sigmoid(i) * jnp.tanh(g))"
        "(*jnp.split(x @ a.T + y @ b.T, 4, axis=1))",
        lstm(1),
        inputs=STATES,
    ),
    TensorRow(
        "lstm_cell: cell state, saturated",
        "torch.lstm_cell(x, (y, z), a, b)[1]",
        "(lambda i, f, g, o: jax.nn.sigmoid(f) * z + jax.nn.sigmoid(i) * jnp.tanh(g))"
        "(*jnp.split(x @ a.T + y @ b.T, 4, axis=1))",
        lstm(1),
        inputs=SATURATED_STATES,
        differentiable=False,
    ),
    TensorRow(
        "gru_cell",
        "torch.gru_cell(x, y, z, a)",
        "(lambda r, u, n, s, v, m: (1 - jax.nn.sigmoid(u + v)) * jnp.tanh(n + jax.nn.sigmoid(r + s) * m)"
        " + jax.nn.sigmoid(u + v) * y)(*jnp.split(x @ z.T, 3, axis=1), *jnp.split(y @ a.T, 3, axis=1))",
        gru,
        inputs=GRU_STATES,
    ),
    TensorRow(
        "gru_cell: saturated",
        "torch.gru_cell(x, y, z, a)",
        "(lambda r, u, n, s, v, m: (1 - jax.nn.sigmoid(u + v)) * jnp.tanh(n + jax.nn.sigmoid(r + s) * m)"
        " + jax.nn.sigmoid(u + v) * y)(*jnp.split(x @ z.T, 3, axis=1), *jnp.split(y @ a.T, 3, axis=1))",
        gru,
        inputs=SATURATED_GRU_STATES,
        differentiable=False,
    ),
    TensorRow(
        "rnn_tanh_cell",
        "torch.rnn_tanh_cell(x, y, z, a)",
        "jnp.tanh(x @ z.T + y @ a.T)",
        lambda x, h, w, v: tanh(x @ w.T + h @ v.T),
        inputs=shaped((2, 2), (2, 2), (2, 2), (2, 2), skip=(HUGE,)),
    ),
    TensorRow(
        "rnn_relu_cell",
        "torch.rnn_relu_cell(x, y, z, a)",
        "jax.nn.relu(x @ z.T + y @ a.T)",
        lambda x, h, w, v: each(lambda t: max(t, mp.mpf(0)))(x @ w.T + h @ v.T),
        inputs=shaped((2, 2), (2, 2), (2, 2), (2, 2), skip=(HUGE, TINY, ZEROS)),
    ),
)
