"""Three convolutions of ResNet-50, the depthwise one of MobileNetV2, and pooling.

Sources: K. He et al., Deep Residual Learning (2015), table 1; M. Sandler et al., MobileNetV2 (2018), table 2.
"""

from collections.abc import Callable
from typing import Any

from ..draws import Rng, normal, weights
from ..table import TINY, Cost, KernelSpec, Sizes


def convolved(window: int) -> Callable[..., tuple[Any, ...]]:
    def draw(rng: Rng, *, batch: int, channels: int, filters: int, side: int) -> tuple[Any, ...]:
        return normal(rng, batch, channels, side, side), weights(rng, filters, channels, window, window)

    return draw


def depthwise(rng: Rng, *, batch: int, channels: int, side: int) -> tuple[Any, ...]:
    return normal(rng, batch, channels, side, side), weights(rng, channels, 1, 3, 3)


def picture(rng: Rng, *, batch: int, channels: int, side: int) -> tuple[Any, ...]:
    return (normal(rng, batch, channels, side, side),)


def convolution_cost(window: int, stride: int) -> Callable[..., Cost]:
    """2 flops for each tap of each filter at each place of the output, the padding counted as the rest."""

    def cost(*, batch: int, channels: int, filters: int, side: int) -> Cost:
        out = batch * filters * (side // stride) ** 2
        taps = channels * window**2
        return Cost(2 * out * taps, batch * channels * side**2 + filters * taps + out)

    return cost


def pooling_cost(window: int) -> Callable[..., Cost]:
    """Places are half as many along each side; each looks at ``window``^2 elements."""

    def cost(*, batch: int, channels: int, side: int) -> Cost:
        places = batch * channels * (side // 2) ** 2
        return Cost(places * window**2, batch * channels * side**2 + places)

    return cost


def gradient_terms(*, batch: int, side: int, **_: int) -> int:
    """An entry of the filter's gradient is a sum over all places of all pictures."""
    return batch * side**2


POOLED = Sizes(
    "batch channels side", cpu=((1, 4, 8), (2, 64, 56), (8, 64, 112)), gpu=((1, 64, 112), (32, 64, 112), (128, 64, 112))
)

CONVOLUTION = (
    KernelSpec(
        "conv2d_stem",
        "convolution",
        Sizes(
            "batch channels filters side",
            cpu=((1, 3, 4, 12), (1, 3, 64, 112), (8, 3, 64, 224)),
            gpu=((1, 3, 64, 64), (16, 3, 64, 224), (128, 3, 64, 224)),
        ),
        convolved(7),
        convolution_cost(7, 2),
        options={"stride": 2, "padding": 3},
        referenced=(TINY,),
        terms=gradient_terms,
    ),
    KernelSpec(
        "conv2d_3x3",
        "convolution",
        Sizes(
            "batch channels filters side",
            cpu=((1, 4, 4, 8), (2, 128, 128, 28), (16, 128, 128, 28)),
            gpu=((1, 128, 128, 28), (32, 128, 128, 28), (256, 128, 128, 28)),
        ),
        convolved(3),
        convolution_cost(3, 1),
        options={"padding": 1},
        referenced=(TINY,),
        terms=gradient_terms,
    ),
    KernelSpec(
        "conv2d_1x1",
        "convolution",
        Sizes(
            "batch channels filters side",
            cpu=((1, 8, 4, 8), (2, 256, 64, 56), (16, 256, 64, 56)),
            gpu=((1, 256, 64, 56), (32, 256, 64, 56), (128, 256, 64, 56)),
        ),
        convolved(1),
        convolution_cost(1, 1),
        referenced=(TINY,),
        terms=gradient_terms,
    ),
    KernelSpec(
        "depthwise_conv",
        "convolution",
        Sizes(
            "batch channels side",
            cpu=((1, 4, 8), (2, 96, 56), (16, 192, 56)),
            gpu=((1, 96, 56), (32, 192, 56), (128, 192, 56)),
        ),
        depthwise,
        lambda batch, channels, side: Cost(
            18 * batch * channels * side**2, 2 * batch * channels * side**2 + 9 * channels
        ),
        options={"padding": 1},
        referenced=(TINY,),
        terms=gradient_terms,
    ),
    KernelSpec("max_pool", "convolution", POOLED, picture, pooling_cost(3), referenced=(TINY,)),
    KernelSpec("avg_pool", "convolution", POOLED, picture, pooling_cost(2), referenced=(TINY,)),
)
