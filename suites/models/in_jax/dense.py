"""Models of affine maps: linear regression, a perceptron, a recommender, an autoencoder."""

from typing import Any

import jax
import jax.numpy as jnp

from pytest_dualfw import tap

from .layers import embedding, linear


def linear_regression(p: Any, x: Any) -> Any:
    return tap("fc", linear(p, "fc", x))


def mlp(p: Any, x: Any) -> Any:
    h = tap("fc1", linear(p, "fc1", x))
    h = tap("relu1", jax.nn.relu(h))
    h = tap("fc2", linear(p, "fc2", h))
    h = tap("relu2", jax.nn.relu(h))
    return tap("fc3", linear(p, "fc3", h))


def recommender(p: Any, user: Any, item: Any, *, probability: bool) -> Any:
    u = tap("user", embedding(p, "user", user))
    i = tap("item", embedding(p, "item", item))
    h = tap("fc1", linear(p, "fc1", jnp.concatenate([u, i], axis=1)))
    h = tap("relu1", jax.nn.relu(h))
    h = tap("fc2", linear(p, "fc2", h))
    h = tap("relu2", jax.nn.relu(h))
    y = tap("fc3", linear(p, "fc3", h))[:, 0]
    return tap("sigmoid", jax.nn.sigmoid(y)) if probability else y


def autoencoder(p: Any, x: Any) -> Any:
    h = tap("encode1", linear(p, "encode1", x))
    h = tap("relu1", jax.nn.relu(h))
    h = tap("encode2", linear(p, "encode2", h))
    h = tap("decode1", linear(p, "decode1", h))
    h = tap("relu2", jax.nn.relu(h))
    return tap("decode2", linear(p, "decode2", h))
