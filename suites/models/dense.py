"""Rows of the models of affine maps. Every target depends on the input, so that there is something to learn."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .table import ModelSpec

USERS, ITEMS, WIDTH = 12, 10, 8


def affine(name: str, fan_in: int, fan_out: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (fan_out, fan_in), f"{name}.bias": (fan_out,)}


def _line(rng: np.random.Generator, n: int) -> Any:
    """1 + sum_j (-1)^j x_j / (j + 1), and noise."""
    x = rng.normal(size=(n, 8))
    w = (-1.0) ** np.arange(8) / (np.arange(8) + 1)
    return (x,), (1 + x @ w + 0.1 * rng.normal(size=n))[:, None]


def _loudest(rng: np.random.Generator, n: int) -> Any:
    """Ten bands of features; the class is the band that was raised."""
    x, target = rng.normal(size=(n, 784)), rng.integers(0, 10, n)
    bands = np.arange(784) * 10 // 784
    return (x + 0.5 * (bands == target[:, None]),), target


def _likings(rng: np.random.Generator, n: int) -> Any:
    """A user likes every item of two neighbouring kinds, out of four."""
    user, item = rng.integers(0, USERS, n), rng.integers(0, ITEMS, n)
    return (user, item), ((user + item) % 4 < 2).astype(np.float64)


def _waves(rng: np.random.Generator, n: int) -> Any:
    """Sums of eight cosines over 64 places: what a code of eight numbers can hold. The target is the input."""
    k, j = np.arange(8)[:, None], np.arange(64)
    x = rng.normal(size=(n, 8)) @ np.cos(np.pi * k * (j + 0.5) / 64) / np.sqrt(8)
    return (x,), x


def _recommender(variant: str, loss: str, options: Mapping[str, Any]) -> ModelSpec:
    tables = {"user.weight": (USERS, WIDTH), "item.weight": (ITEMS, WIDTH)}
    layers = affine("fc1", 2 * WIDTH, 32) | affine("fc2", 32, 16) | affine("fc3", 16, 1)
    return ModelSpec("recommender", "dense", tables | layers, _likings, loss, options, variant, batch=24)


DENSE = (
    ModelSpec("linear_regression", "dense", affine("fc", 8, 1), _line, "mse"),
    ModelSpec(
        "mlp",
        "dense",
        affine("fc1", 784, 256) | affine("fc2", 256, 128) | affine("fc3", 128, 10),
        _loudest,
        "cross_entropy",
    ),
    _recommender("", "binary_cross_entropy_with_logits", {"probability": False}),
    _recommender("sigmoid", "binary_cross_entropy", {"probability": True}),
    ModelSpec(
        "autoencoder",
        "dense",
        affine("encode1", 64, 32) | affine("encode2", 32, 8) | affine("decode1", 8, 32) | affine("decode2", 32, 64),
        _waves,
        "mse",
    ),
)
