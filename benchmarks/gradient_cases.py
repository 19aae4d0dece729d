"""The functions whose check is measured, in torch and in JAX, with their arguments."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optree
import torch
import torch.nn.functional as F


@dataclass(frozen=True)
class Case:
    """One function in each framework; its first ``differentiated`` arguments are, the others are not."""

    name: str
    torch: Callable[..., Any] | None
    jax: Callable[..., Any] | None
    arguments: tuple[Any, ...]
    differentiated: int

    @property
    def wrt(self) -> tuple[int, ...]:
        return tuple(range(self.differentiated))

    @property
    def inputs(self) -> int:
        """Number of differentiated entries."""
        return sum(x.size for x in optree.tree_leaves(self.arguments[: self.differentiated]))

    def split(self, convert: Callable[[Any], Any]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Differentiated arguments and the others, each leaf converted."""
        converted = tuple(optree.tree_map(convert, a) for a in self.arguments)
        return converted[: self.differentiated], converted[self.differentiated :]


def torch_mlp(parameters: list[Any], x: Any, labels: Any) -> Any:
    w1, b1, w2, b2 = parameters
    return F.cross_entropy(torch.relu(x @ w1 + b1) @ w2 + b2, labels)


def jax_mlp(parameters: list[Any], x: Any, labels: Any) -> Any:
    w1, b1, w2, b2 = parameters
    return jax_cross_entropy(jax.nn.relu(x @ w1 + b1) @ w2 + b2, labels)


def torch_convolution(x: Any, w: Any, b: Any) -> Any:
    return F.conv2d(x, w, b, padding=1)


def jax_convolution(x: Any, w: Any, b: Any) -> Any:
    return jax.lax.conv_general_dilated(x, w, (1, 1), "SAME") + b[:, None, None]


def torch_lstm_cell(x: Any, h: Any, c: Any, wx: Any, wh: Any, b: Any) -> tuple[Any, Any]:
    i, f, g, o = (x @ wx + h @ wh + b).chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def jax_lstm_cell(x: Any, h: Any, c: Any, wx: Any, wh: Any, b: Any) -> tuple[Any, Any]:
    i, f, g, o = jnp.split(x @ wx + h @ wh + b, 4, axis=-1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def torch_lstm(xs: Any, wx: Any, wh: Any, b: Any) -> Any:
    h = c = torch.zeros(xs.shape[1], wh.shape[0], dtype=xs.dtype)
    for x in xs:
        h, c = torch_lstm_cell(x, h, c, wx, wh, b)
    return h.square().mean()


def jax_lstm_unrolled(xs: Any, wx: Any, wh: Any, b: Any) -> Any:
    h = c = jnp.zeros((xs.shape[1], wh.shape[0]), xs.dtype)
    for x in xs:
        h, c = jax_lstm_cell(x, h, c, wx, wh, b)
    return jnp.mean(jnp.square(h))


def jax_lstm_scan(xs: Any, wx: Any, wh: Any, b: Any) -> Any:
    def step(state: tuple[Any, Any], x: Any) -> tuple[tuple[Any, Any], None]:
        return jax_lstm_cell(x, *state, wx, wh, b), None

    zeros = jnp.zeros((xs.shape[1], wh.shape[0]), xs.dtype)
    (h, _), _ = jax.lax.scan(step, (zeros, zeros), xs)
    return jnp.mean(jnp.square(h))


def torch_layer_norm(x: Any, scale: Any, shift: Any) -> Any:
    return F.layer_norm(x, x.shape[-1:], scale, shift)


def jax_layer_norm(x: Any, scale: Any, shift: Any) -> Any:
    centred = x - jnp.mean(x, axis=-1, keepdims=True)
    variance = jnp.mean(jnp.square(centred), axis=-1, keepdims=True)
    return centred * jax.lax.rsqrt(variance + 1e-5) * scale + shift


def torch_attention(q: Any, k: Any, v: Any) -> Any:
    return torch.softmax(q @ k.mT / math.sqrt(q.shape[-1]), dim=-1) @ v


def jax_attention(q: Any, k: Any, v: Any) -> Any:
    return jax.nn.softmax(q @ k.mT / math.sqrt(q.shape[-1]), axis=-1) @ v


def torch_cross_entropy(logits: Any, labels: Any) -> Any:
    return F.cross_entropy(logits, labels)


def jax_cross_entropy(logits: Any, labels: Any) -> Any:
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=-1)
    return -jnp.mean(chosen)


def all_cases() -> list[Case]:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 32)

    def normal(*shape: int, scale: float = 1.0) -> Any:
        return rng.standard_normal(shape) * scale

    mlp = [normal(784, 256, scale=0.04), normal(256, scale=0.1), normal(256, 10, scale=0.06), normal(10, scale=0.1)]
    convolution = (normal(8, 3, 16, 16), normal(16, 3, 3, 3, scale=0.2), normal(16))
    weights = (normal(32, 256, scale=0.1), normal(64, 256, scale=0.1), normal(256, scale=0.1))
    cell = (normal(8, 32), normal(8, 64), normal(8, 64), *weights)
    sequence = (normal(20, 8, 32), *weights)
    attention = (normal(2, 4, 32, 16), normal(2, 4, 32, 16), normal(2, 4, 32, 16))
    classes = rng.integers(0, 100, 128)
    return [
        Case("MLP 784-256-10, batch 32", torch_mlp, jax_mlp, (mlp, normal(32, 784), labels), 1),
        Case("convolution 8x3x16x16, 16 filters", torch_convolution, jax_convolution, convolution, 3),
        Case("LSTM cell, 64 wide, batch 8", torch_lstm_cell, jax_lstm_cell, cell, 6),
        Case("LSTM, 20 steps", torch_lstm, jax_lstm_unrolled, sequence, 4),
        Case("LSTM, 20 steps, scan", None, jax_lstm_scan, sequence, 4),
        Case("layer norm 64x512", torch_layer_norm, jax_layer_norm, (normal(64, 512), normal(512), normal(512)), 3),
        Case("layer norm 8x64", torch_layer_norm, jax_layer_norm, (normal(8, 64), normal(64), normal(64)), 3),
        Case("attention 2x4x32x16", torch_attention, jax_attention, attention, 3),
        Case("cross-entropy 128x100", torch_cross_entropy, jax_cross_entropy, (normal(128, 100), classes), 1),
        Case("cross-entropy 32x10", torch_cross_entropy, jax_cross_entropy, (normal(32, 10), labels), 1),
    ]
