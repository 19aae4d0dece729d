"""Rows of the models of pictures. Every target depends on the picture, so that there is something to learn."""

from dataclasses import replace
from typing import Any

import numpy as np

from .dense import affine
from .table import Draw, ModelSpec

CLASSES = 10
# Few squares in the loss: where XLA adds them one after the other, rounding grows with their number.
CHANNELS, SIDE = 4, 5


def filters(name: str, inputs: int, outputs: int, kernel: int, *, bias: bool = True) -> dict[str, tuple[int, ...]]:
    weight: dict[str, tuple[int, ...]] = {f"{name}.weight": (outputs, inputs, kernel, kernel)}
    return weight | ({f"{name}.bias": (outputs,)} if bias else {})


def transposed_filters(name: str, inputs: int, outputs: int, kernel: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (inputs, outputs, kernel, kernel), f"{name}.bias": (outputs,)}


def norm(name: str, channels: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.{kind}": (channels,) for kind in ("weight", "bias", "running_mean", "running_var")}


def block(prefix: str, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    """Projected where the number of channels changes."""
    shapes = filters(f"{prefix}conv1", inputs, outputs, 3, bias=False) | norm(f"{prefix}bn1", outputs)
    shapes |= filters(f"{prefix}conv2", outputs, outputs, 3, bias=False) | norm(f"{prefix}bn2", outputs)
    if inputs == outputs:
        return shapes
    return shapes | filters(f"{prefix}project", inputs, outputs, 1, bias=False) | norm(f"{prefix}bn3", outputs)


def _stripes(rng: np.random.Generator, n: int, side: int) -> Any:
    """Stripes five pixels apart, at a random phase, with noise; the class is their direction."""
    target = rng.integers(0, CLASSES, n)
    angle, phase = np.pi * target / CLASSES, rng.uniform(0, 2 * np.pi, n)
    i, j = np.mgrid[:side, :side]
    across = np.multiply.outer(np.sin(angle), i) + np.multiply.outer(np.cos(angle), j)
    x = np.cos(1.2 * across + phase[:, None, None]) + 0.1 * rng.normal(size=(n, side, side))
    return (x[:, None],), target


def _striped(side: int) -> Draw:
    return lambda rng, n: _stripes(rng, n, side)


def _copied(rng: np.random.Generator, n: int) -> Any:
    """The target is the picture."""
    (x,), _ = _stripes(rng, n, 8)
    return (x,), x


def _neighbours(rng: np.random.Generator, n: int) -> Any:
    """The target is the positive part of each channel and the one before it together."""
    x = rng.normal(size=(n, CHANNELS, SIDE, SIDE))
    return (x,), np.maximum(x + np.roll(x, 1, axis=1), 0)


def _cnn(variant: str, side: int) -> ModelSpec:
    shapes = filters("conv", 1, 32, 3) | affine("fc", 32 * ((side - 2) // 2) ** 2, CLASSES)
    return ModelSpec("cnn", "vision", shapes, _striped(side), "cross_entropy", {"side": side}, variant)


def _in_both_modes(row: ModelSpec) -> tuple[ModelSpec, ModelSpec]:
    """The model with the statistics of the batch, and with the running ones."""
    state = tuple(name for name in row.shapes if "running" in name)
    train, evaluate = (replace(row, state=state, options={"training": mode}) for mode in (True, False))
    return train, replace(evaluate, variant="eval")


RESNET = (
    filters("conv", 1, 8, 3, bias=False)
    | norm("bn", 8)
    | block("stage1.", 8, 8)
    | block("stage2.", 8, 16)
    | affine("fc", 16, CLASSES)
)

VISION = (
    replace(_cnn("", 28), batch=4, heavy=True),
    _cnn("digits", 8),
    ModelSpec(
        "lenet",
        "vision",
        filters("conv1", 1, 10, 5) | filters("conv2", 10, 20, 5) | affine("fc1", 320, 50) | affine("fc2", 50, CLASSES),
        _striped(28),
        "cross_entropy",
        batch=4,
    ),
    ModelSpec(
        "two_convolutions",
        "vision",
        filters("conv1", 1, 32, 3) | filters("conv2", 32, 64, 3) | affine("fc1", 1600, 128) | affine("fc2", 128, 10),
        _striped(28),
        "cross_entropy",
        batch=3,
        heavy=True,
    ),
    *_in_both_modes(ModelSpec("residual_block", "vision", block("", CHANNELS, CHANNELS), _neighbours, "mse", batch=4)),
    *_in_both_modes(ModelSpec("resnet", "vision", RESNET, _striped(8), "cross_entropy", heavy=True)),
    ModelSpec(
        "conv_autoencoder",
        "vision",
        filters("encode1", 1, 8, 3)
        | filters("encode2", 8, 4, 3)
        | transposed_filters("decode1", 4, 8, 4)
        | transposed_filters("decode2", 8, 1, 4),
        _copied,
        "mse",
    ),
)
