"""Layers of flax and equinox beside torch's, and optimisers of optax beside torch's: all right, none to be flagged."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import flax.linen as fnn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch
from torch import nn

Rng = np.random.Generator


@dataclass(frozen=True)
class Pair:
    """``jax(rng)`` is a pair of the function and a tree like its parameters."""

    name: str
    torch: Callable[[], nn.Module]
    jax: Callable[[tuple[Any, ...]], tuple[Callable[..., Any], Any]]
    inputs: Callable[[Rng], tuple[Any, ...]]
    params_map: Any = None
    single_only: bool = False

    def __str__(self) -> str:
        return self.name


def flax(layer, carry=None, **kwargs):
    """The layer's apply, channels last; ``carry`` turns torch's axes into flax's and back."""

    def made(inputs):
        given = [there(x) for x in inputs]
        template = jax.eval_shape(layer.init, jax.random.key(0), *given, **kwargs)
        return lambda p, *xs: back(layer.apply(p, *map(there, xs), **kwargs)), template

    there = (lambda x: jnp.moveaxis(x, 1, -1)) if carry else (lambda x: x)
    back = (lambda y: jnp.moveaxis(y, -1, 1)) if carry else (lambda y: y)
    return made


def equinox(make, apply=lambda m, *xs: jax.vmap(m)(*xs)):
    return lambda inputs: (apply, make(jax.random.key(0)))


def normal(*shape):
    return lambda rng: (rng.normal(size=shape),)


class Perceptron(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        x = fnn.LayerNorm(epsilon=1e-5)(fnn.Dense(8)(x))
        return fnn.Dense(3)(fnn.gelu(x, approximate=False))


class Recurrent(fnn.Module):
    cell: Any

    @fnn.compact
    def __call__(self, x):
        return fnn.RNN(self.cell)(x)


class First(nn.Module):
    """The output alone of a layer that returns more."""

    def __init__(self, layer, *inputs):
        super().__init__()
        self.layer, self.count = layer, inputs

    def forward(self, *xs):
        return self.layer(*xs, *xs * len(self.count))[0]


def batch_norm(inputs):
    layer = fnn.BatchNorm(use_running_average=False, momentum=0.9, epsilon=1e-5)
    template = jax.eval_shape(layer.init, jax.random.key(0), inputs[0])
    # torch keeps the unbiased variance, flax the biased one: the output and the mean are compared
    return lambda p, x: layer.apply(p, x, mutable=["batch_stats"])[0], template


def attention(inputs):
    layer = fnn.MultiHeadDotProductAttention(num_heads=2)
    return lambda p, x: layer.apply(p, x), jax.eval_shape(layer.init, jax.random.key(0), *inputs)


def eqx_lstm(m, x):
    def step(state, row):
        state = m(row, state)
        return state, state[0]

    return jax.vmap(lambda rows: jax.lax.scan(step, (jnp.zeros(4), jnp.zeros(4)), rows)[1])(x)


class FlaxConv(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        x = fnn.Conv(4, (3, 3), strides=2, padding=1)(x)
        x = fnn.GroupNorm(2, epsilon=1e-5)(x)
        return fnn.relu(x)


PAIRS = (
    Pair(
        "flax Dense, LayerNorm",
        lambda: nn.Sequential(nn.Linear(5, 8), nn.LayerNorm(8), nn.GELU(), nn.Linear(8, 3)),
        flax(Perceptron()),
        normal(4, 5),
    ),
    Pair("flax square Dense", lambda: nn.Linear(5, 5), flax(fnn.Dense(5)), normal(4, 5)),
    Pair(
        "flax Conv, GroupNorm",
        lambda: nn.Sequential(nn.Conv2d(2, 4, 3, 2, 1), nn.GroupNorm(2, 4), nn.ReLU()),
        flax(FlaxConv(), True),
        normal(2, 2, 8, 8),
    ),
    Pair("flax Conv 1d", lambda: nn.Conv1d(3, 4, 3), flax(fnn.Conv(4, (3,), padding="VALID"), True), normal(2, 3, 7)),
    Pair(
        "flax ConvTranspose",
        lambda: nn.ConvTranspose2d(3, 4, 3),
        flax(fnn.ConvTranspose(4, (3, 3), padding="VALID"), True),
        normal(2, 3, 5, 5),
    ),
    Pair("flax BatchNorm, train", lambda: nn.BatchNorm1d(4), batch_norm, normal(6, 4)),
    Pair(
        "flax BatchNorm, eval",
        lambda: nn.BatchNorm1d(4).eval(),
        flax(fnn.BatchNorm(use_running_average=True, epsilon=1e-5)),
        normal(6, 4),
    ),
    Pair("flax Embed", lambda: nn.Embedding(7, 4), flax(fnn.Embed(7, 4)), lambda rng: (rng.integers(7, size=(2, 5)),)),
    Pair(
        "flax LSTM",
        lambda: First(nn.LSTM(3, 4, batch_first=True)),
        flax(Recurrent(fnn.OptimizedLSTMCell(4))),
        normal(2, 5, 3),
        single_only=True,
    ),
    Pair(
        "flax GRU",
        lambda: First(nn.GRU(3, 4, batch_first=True)),
        flax(Recurrent(fnn.GRUCell(4))),
        normal(2, 5, 3),
        single_only=True,
    ),
    Pair(
        "flax attention", lambda: First(nn.MultiheadAttention(8, 2, batch_first=True), 1, 2), attention, normal(2, 5, 8)
    ),
    Pair("flax RMSNorm", lambda: nn.RMSNorm(6, eps=1e-6), flax(fnn.RMSNorm()), normal(3, 6)),
    Pair("equinox Linear", lambda: nn.Linear(5, 3), equinox(lambda k: eqx.nn.Linear(5, 3, key=k)), normal(4, 5)),
    Pair(
        "equinox MLP",
        lambda: nn.Sequential(nn.Linear(5, 6), nn.ReLU(), nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 2)),
        equinox(lambda k: eqx.nn.MLP(5, 2, 6, 2, key=k)),
        normal(4, 5),
    ),
    Pair(
        "equinox Conv2d",
        lambda: nn.Conv2d(2, 4, 3, padding=1),
        equinox(lambda k: eqx.nn.Conv2d(2, 4, 3, padding=1, key=k)),
        normal(2, 2, 6, 6),
    ),
    Pair(
        "equinox LSTM",
        lambda: First(nn.LSTM(3, 4, batch_first=True)),
        equinox(lambda k: eqx.nn.LSTMCell(3, 4, key=k), eqx_lstm),
        normal(2, 5, 3),
    ),
    Pair("equinox LayerNorm", lambda: nn.LayerNorm(6), equinox(lambda k: eqx.nn.LayerNorm(6)), normal(3, 6)),
    Pair(
        "equinox attention",
        lambda: First(nn.MultiheadAttention(8, 2, bias=False, batch_first=True), 1, 2),
        equinox(lambda k: eqx.nn.MultiheadAttention(2, 8, key=k), lambda m, x: jax.vmap(lambda r: m(r, r, r))(x)),
        normal(2, 5, 8),
    ),
)


@dataclass(frozen=True)
class Optimisers:
    name: str
    torch: Callable[[Any], Any]
    optax: Any

    def __str__(self) -> str:
        return self.name

    @property
    def options(self) -> dict[str, Any]:
        return {"optimisers": {"torch": self.torch, "jax": self.optax}, "steps": 4}


def scheduled(parameters):
    made = torch.optim.AdamW(parameters, 0.01)
    return made, torch.optim.lr_scheduler.ExponentialLR(made, 0.5)


OPTIMISERS = (
    Optimisers("SGD", lambda p: torch.optim.SGD(p, 0.1), optax.sgd(0.1)),
    Optimisers("momentum", lambda p: torch.optim.SGD(p, 0.1, momentum=0.9), optax.sgd(0.1, momentum=0.9)),
    Optimisers(
        "Nesterov", lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True), optax.sgd(0.1, 0.9, nesterov=True)
    ),
    Optimisers("Adam", lambda p: torch.optim.Adam(p, 0.01), optax.adam(0.01)),
    Optimisers("AdamW", lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.1), optax.adamw(0.01, weight_decay=0.1)),
    Optimisers("RMSprop", lambda p: torch.optim.RMSprop(p, 0.01), optax.rmsprop(0.01, 0.99, 1e-8, eps_in_sqrt=False)),
    Optimisers("scheduled AdamW", scheduled, optax.adamw(optax.exponential_decay(0.01, 1, 0.5), weight_decay=0.01)),
)
