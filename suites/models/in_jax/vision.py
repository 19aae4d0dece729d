"""Models of pictures (N,C,H,W): three small convolutional networks, residual ones, an autoencoder."""

from typing import Any

import jax

from pytest_dualfw import tap

from ...in_jax.layers import avg_pool2d, max_pool2d
from .layers import batch_norm, conv2d, conv_transpose2d, linear

HALF = (2, 2)


def cnn(p: Any, x: Any, *, side: int) -> Any:
    h = tap("conv", conv2d(p, "conv", x))
    h = tap("relu", jax.nn.relu(h))
    h = tap("pool", max_pool2d(h, window=HALF))
    return tap("fc", linear(p, "fc", _flat(h)))


def lenet(p: Any, x: Any) -> Any:
    h = tap("conv1", conv2d(p, "conv1", x))
    h = tap("pool1", max_pool2d(h, window=HALF))
    h = tap("relu1", jax.nn.relu(h))
    h = tap("conv2", conv2d(p, "conv2", h))
    h = tap("pool2", max_pool2d(h, window=HALF))
    h = tap("relu2", jax.nn.relu(h))
    h = tap("fc1", linear(p, "fc1", _flat(h)))
    h = tap("relu3", jax.nn.relu(h))
    return tap("fc2", linear(p, "fc2", h))


def two_convolutions(p: Any, x: Any) -> Any:
    h = tap("conv1", conv2d(p, "conv1", x))
    h = tap("relu1", jax.nn.relu(h))
    h = tap("pool1", max_pool2d(h, window=HALF))
    h = tap("conv2", conv2d(p, "conv2", h))
    h = tap("relu2", jax.nn.relu(h))
    h = tap("pool2", max_pool2d(h, window=HALF))
    h = tap("fc1", linear(p, "fc1", _flat(h)))
    h = tap("relu3", jax.nn.relu(h))
    return tap("fc2", linear(p, "fc2", h))


def residual_block(p: Any, x: Any, *, training: bool) -> Any:
    return _block(p, "", x, training=training)


def resnet(p: Any, x: Any, *, training: bool) -> Any:
    h = tap("conv", conv2d(p, "conv", x, padding=(1, 1)))
    h = tap("bn", batch_norm(p, "bn", h, training=training))
    h = tap("relu", jax.nn.relu(h))
    h = tap("stage1", _block(p, "stage1.", h, training=training))
    h = tap("stage2", _block(p, "stage2.", h, training=training, stride=HALF))
    h = tap("pool", avg_pool2d(h, window=h.shape[2:]))
    return tap("fc", linear(p, "fc", _flat(h)))


def conv_autoencoder(p: Any, x: Any) -> Any:
    h = tap("encode1", conv2d(p, "encode1", x, stride=HALF, padding=(1, 1)))
    h = tap("relu1", jax.nn.relu(h))
    h = tap("encode2", conv2d(p, "encode2", h, stride=HALF, padding=(1, 1)))
    h = tap("relu2", jax.nn.relu(h))
    h = tap("decode1", conv_transpose2d(p, "decode1", h, stride=HALF, padding=(1, 1)))
    h = tap("relu3", jax.nn.relu(h))
    return tap("decode2", conv_transpose2d(p, "decode2", h, stride=HALF, padding=(1, 1)))


def _block(p: Any, prefix: str, x: Any, *, training: bool, stride: tuple[int, int] = (1, 1)) -> Any:
    def conv(name: str, x: Any, **options: Any) -> Any:
        return tap(prefix + name, conv2d(p, prefix + name, x, **options))

    def norm(name: str, x: Any) -> Any:
        return tap(prefix + name, batch_norm(p, prefix + name, x, training=training))

    h = norm("bn1", conv("conv1", x, stride=stride, padding=(1, 1)))
    h = tap(f"{prefix}relu1", jax.nn.relu(h))
    h = norm("bn2", conv("conv2", h, padding=(1, 1)))
    if stride != (1, 1):
        x = norm("bn3", conv("project", x, stride=stride))
    return tap(f"{prefix}relu2", jax.nn.relu(h + x))


def _flat(x: Any) -> Any:
    return x.reshape(len(x), -1)
