"""Rows of normalisation over the batch and over the last axis."""

from typing import Any

import numpy as np

from ...table import Make, OpSpec, Sample
from .._draws import Rng

CHANNELS = 3


def channels(*shape: int) -> Make:
    """A batch, scale and shift."""

    def make(rng: Rng) -> tuple[Any, ...]:
        return rng.normal(size=shape), rng.normal(size=CHANNELS), rng.normal(size=CHANNELS)

    return make


def with_statistics(*shape: int) -> Make:
    """A batch, running mean and running variance."""

    def make(rng: Rng) -> tuple[Any, ...]:
        return rng.normal(size=shape), rng.normal(size=CHANNELS), rng.uniform(0.5, 2, size=CHANNELS)

    return make


def evaluated(*shape: int) -> Make:
    """A batch, scale, shift, running mean and running variance."""

    def make(rng: Rng) -> tuple[Any, ...]:
        x, mean, var = with_statistics(*shape)(rng)
        return x, rng.normal(size=CHANNELS), rng.normal(size=CHANNELS), mean, var

    return make


def vectors(rng: Rng) -> tuple[Any, ...]:
    """Vectors, scale and shift."""
    return rng.normal(size=(2, 3, 7)), rng.normal(size=7), rng.normal(size=7)


def with_a_zero(rng: Rng) -> tuple[Any, ...]:
    """One of the vectors is 0, where only eps stands in the denominator."""
    x, *rest = vectors(rng)
    x[1, 0] = 0
    return x, *rest


def scaled(rng: Rng) -> tuple[Any, ...]:
    return vectors(rng)[:2]


def scaled_with_a_zero(rng: Rng) -> tuple[Any, ...]:
    return with_a_zero(rng)[:2]


def far_off(rng: Rng) -> tuple[Any, ...]:
    """A mean 15 times the standard deviation."""
    x, _, b = vectors(rng)
    steps = rng.permuted(np.broadcast_to(np.arange(-3, 4), x.shape), axis=-1)
    return 30 + steps + x / 8, rng.uniform(-1, 1, size=7), b


PICTURES = (2, CHANNELS, 2, 3)

NORMALISATION = (
    OpSpec(
        "batch_norm",
        "layers",
        (
            Sample("pictures", channels(*PICTURES), batched=(0, 1, 2)),
            Sample("vectors", channels(7, CHANNELS)),
            Sample("eps", channels(7, CHANNELS), {"eps": 0.1}),
        ),
    ),
    OpSpec(
        "batch_norm_running",
        "layers",
        (
            Sample("pictures", with_statistics(*PICTURES), batched=(0, 1, 2)),
            Sample("vectors", with_statistics(7, CHANNELS)),
            Sample("momentum", with_statistics(7, CHANNELS), {"momentum": 0.75}),
        ),
    ),
    OpSpec(
        "batch_norm_eval",
        "layers",
        (
            # torch refuses a gradient of the running statistics.
            Sample("pictures", evaluated(*PICTURES), batched=(0, 1, 2, 3, 4), wrt=(0, 1, 2)),
            Sample("vectors", evaluated(7, CHANNELS), wrt=(0, 1, 2)),
            Sample("eps", evaluated(7, CHANNELS), {"eps": 0.1}, wrt=(0, 1, 2)),
        ),
    ),
    OpSpec(
        "layer_norm",
        "layers",
        (
            Sample("plain", vectors, batched=(0, 1, 2)),
            Sample("eps", vectors, {"eps": 0.1}),
            Sample("zero_vector", with_a_zero),
            Sample("far_off", far_off),
        ),
    ),
    OpSpec(
        "rms_norm",
        "layers",
        (
            Sample("plain", scaled, batched=(0, 1)),
            Sample("eps", scaled, {"eps": 0.1}),
            Sample("zero_vector", scaled_with_a_zero),
        ),
    ),
)
