"""Models of pictures (N,C,H,W): three small convolutional networks, residual ones, an autoencoder."""

from typing import Any

from ..activations import relu
from ..arrays import Array
from ..layers import avg_pool2d, batch_norm, batch_norm_eval, batch_norm_running, conv2d, conv_transpose2d, max_pool2d
from .dense import Params, affine
from .plumbing import add, reshaped
from .tape import Tape

HALF = (2, 2)


def cnn(t: Tape, p: Params, x: Array, *, side: int) -> Array:
    """One convolution, ReLU, one pool, and an affine map to logits (N,K); pictures of ``side`` x ``side``."""
    h = t("relu", relu, conv(t, p, "conv", x))
    h = t("pool", max_pool2d, h, window=HALF)
    return affine(t, p, "fc", flat(t, h))


def lenet(t: Tape, p: Params, x: Array) -> Array:
    """Convolution, pool, ReLU, twice, and two affine maps: 28 x 28 to logits (N,K).

    Source: Y. LeCun et al., Gradient-Based Learning Applied to Document Recognition (1998), section II, with the
    maximum and ReLU in place of the mean and tanh.
    """
    h = t("pool1", max_pool2d, conv(t, p, "conv1", x), window=HALF)
    h = t("relu1", relu, h)
    h = t("pool2", max_pool2d, conv(t, p, "conv2", h), window=HALF)
    h = t("relu2", relu, h)
    h = t("relu3", relu, affine(t, p, "fc1", flat(t, h)))
    return affine(t, p, "fc2", h)


def two_convolutions(t: Tape, p: Params, x: Array) -> Array:
    """Convolution, ReLU, pool, twice, and two affine maps: 28 x 28 to logits (N,K)."""
    h = t("relu1", relu, conv(t, p, "conv1", x))
    h = t("pool1", max_pool2d, h, window=HALF)
    h = t("relu2", relu, conv(t, p, "conv2", h))
    h = t("pool2", max_pool2d, h, window=HALF)
    h = t("relu3", relu, affine(t, p, "fc1", flat(t, h)))
    return affine(t, p, "fc2", h)


def residual_block(t: Tape, p: Params, x: Array, *, training: bool) -> Array:
    """One block of ``resnet`` by itself: y has the shape of x."""
    return block(t, p, "", x, training=training)


def resnet(t: Tape, p: Params, x: Array, *, training: bool) -> Array:
    """A stem, a block, a block of half the size and twice the channels, the mean over the picture, logits (N,K).

    Source: K. He et al., Deep Residual Learning for Image Recognition (2016), figures 2 and 3; its option B, a
    1 x 1 convolution, where a block changes the shape.
    """
    h = bn(t, p, "bn", conv(t, p, "conv", x, padding=(1, 1)), training=training)
    h = t("relu", relu, h)
    h = t.tap("stage1", block(t, p, "stage1.", h, training=training))
    h = t.tap("stage2", block(t, p, "stage2.", h, training=training, stride=HALF))
    h = t("pool", avg_pool2d, h, window=h.shape[2:])
    return affine(t, p, "fc", flat(t, h))


def conv_autoencoder(t: Tape, p: Params, x: Array) -> Array:
    """Two convolutions that halve the picture, two transposed ones that bring it back: x (N,1,H,W) to the same shape.

    H and W are divisible by 4.
    """
    h = t("relu1", relu, conv(t, p, "encode1", x, stride=HALF, padding=(1, 1)))
    h = t("relu2", relu, conv(t, p, "encode2", h, stride=HALF, padding=(1, 1)))
    h = t("relu3", relu, _transposed(t, p, "decode1", h))
    return _transposed(t, p, "decode2", h)


def block(t: Tape, p: Params, prefix: str, x: Array, *, training: bool, stride: tuple[int, int] = (1, 1)) -> Array:
    """ReLU of the sum of x and convolution, norm, ReLU, convolution, norm. With a stride x is projected first."""
    h = conv(t, p, f"{prefix}conv1", x, stride=stride, padding=(1, 1))
    h = t(f"{prefix}relu1", relu, bn(t, p, f"{prefix}bn1", h, training=training))
    h = bn(t, p, f"{prefix}bn2", conv(t, p, f"{prefix}conv2", h, padding=(1, 1)), training=training)
    if stride != (1, 1):
        x = bn(t, p, f"{prefix}bn3", conv(t, p, f"{prefix}project", x, stride=stride), training=training)
    y: Array = t(f"{prefix}relu2", relu, t("", add, h, x))
    return y


def conv(t: Tape, p: Params, name: str, x: Array, **options: Any) -> Array:
    """The convolution of the parameters ``name.weight`` (O,C,KH,KW) and, where there is one, ``name.bias`` (O,)."""
    y: Array = t(name, conv2d, x, p[f"{name}.weight"], p.get(f"{name}.bias"), **options)
    return y


def bn(t: Tape, p: Params, name: str, x: Array, *, training: bool) -> Array:
    """Batch normalisation. In training the new running statistics are kept under their names."""
    w, b = p[f"{name}.weight"], p[f"{name}.bias"]
    mean, var = p[f"{name}.running_mean"], p[f"{name}.running_var"]
    if training:
        # Of a copy, which is another array to the tape: no gradient comes back from running statistics.
        new_mean, new_var = t("", batch_norm_running, x.copy(), mean, var)
        t.tap(f"{name}.running_mean", new_mean)
        t.tap(f"{name}.running_var", new_var)
    y: Array = t(name, batch_norm, x, w, b) if training else t(name, batch_norm_eval, x, w, b, mean, var)
    return y


def flat(t: Tape, x: Array) -> Array:
    """Each picture as one row (N, C H W)."""
    y: Array = t("", reshaped, x, shape=(len(x), -1))
    return y


def _transposed(t: Tape, p: Params, name: str, x: Array) -> Array:
    w, b = p[f"{name}.weight"], p[f"{name}.bias"]
    y: Array = t(name, conv_transpose2d, x, w, b, stride=HALF, padding=(1, 1))
    return y
