"""Rows of convolution and pooling."""

from typing import Any

import numpy as np

from ...table import Make, OpSpec, Sample
from .._draws import Rng

PICTURE = (2, 3, 5, 7)


def filtered(x: tuple[int, ...], w: tuple[int, ...], *, bias: bool = True) -> Make:
    """A picture of shape ``x`` and filters of shape ``w``."""

    def make(rng: Rng) -> tuple[Any, ...]:
        return rng.normal(size=x), rng.normal(size=w), rng.normal(size=w[0]) if bias else None

    return make


def picture(rng: Rng) -> tuple[Any, ...]:
    return (rng.normal(size=PICTURE),)


def distinct(rng: Rng) -> tuple[Any, ...]:
    """Whole numbers, each once: exact in every dtype, and so far apart that one ulp moves no maximum."""
    n = int(np.prod(PICTURE))
    return ((rng.permutation(n) - n // 2).reshape(PICTURE).astype(float),)


def tied(rng: Rng) -> tuple[Any, ...]:
    """Half of the entries are 0 and the largest, the others are negative and distinct."""
    return (np.minimum(distinct(rng)[0], 0.0),)


def laid_down(picture: tuple[int, ...], kernels: tuple[int, ...]) -> Make:
    """Kernels with the channels of the input first, and a bias of each output channel."""
    return lambda rng: (rng.normal(size=picture), rng.normal(size=kernels), rng.normal(size=kernels[1]))


WINDOWS = (
    OpSpec(
        "conv2d",
        "layers",
        (
            Sample("plain", filtered((2, 2, 4, 5), (5, 2, 3, 2)), batched=(0, 1, 2)),
            Sample("stride", filtered(PICTURE, (5, 3, 2, 3)), {"stride": (2, 3)}),
            Sample("padding", filtered((2, 2, 3, 4), (5, 2, 3, 2)), {"padding": (2, 1)}),
            Sample("dilation", filtered(PICTURE, (5, 3, 2, 3)), {"dilation": (3, 2)}),
            Sample(
                "all_at_once",
                filtered(PICTURE, (5, 3, 2, 3)),
                {"stride": (2, 1), "padding": (1, 2), "dilation": (2, 3)},
            ),
            Sample("groups", filtered((2, 4, 4, 5), (6, 2, 3, 2)), {"groups": 2, "padding": (1, 1)}),
            Sample("depthwise", filtered((2, 3, 4, 5), (6, 1, 2, 3)), {"groups": 3}),
            Sample("pointwise", filtered((2, 3, 2, 3), (5, 3, 1, 1))),
            Sample("no_bias", filtered((1, 2, 4, 5), (5, 2, 3, 2), bias=False)),
        ),
    ),
    OpSpec(
        "conv_transpose2d",
        "layers",
        (
            Sample("plain", laid_down((2, 3, 2, 4), (3, 5, 3, 2)), batched=(0, 1, 2)),
            Sample("stride_and_padding", laid_down((2, 3, 4, 2), (3, 2, 4, 3)), {"stride": (2, 3), "padding": (1, 2)}),
            Sample("gaps", laid_down((2, 3, 2, 3), (3, 5, 1, 2)), {"stride": (2, 3)}),
        ),
    ),
    OpSpec(
        "max_pool2d",
        "layers",
        (
            Sample("plain", distinct, {"window": (2, 3)}),
            Sample("overlapping", distinct, {"window": (3, 2), "stride": (1, 2)}),
            Sample("padding", distinct, {"window": (3, 3), "stride": (2, 2), "padding": (1, 1)}),
            # The first of the largest, in row-major order, takes the gradient in both frameworks.
            Sample("ties", tied, {"window": (2, 2), "stride": (1, 1)}),
        ),
    ),
    OpSpec(
        "avg_pool2d",
        "layers",
        (
            Sample("plain", picture, {"window": (2, 3)}),
            Sample("overlapping", picture, {"window": (3, 2), "stride": (1, 2)}),
            Sample("padding", picture, {"window": (3, 3), "stride": (2, 2), "padding": (1, 1)}),
            Sample(
                "without_padding",
                picture,
                {"window": (3, 3), "stride": (2, 2), "padding": (1, 1), "count_include_pad": False},
            ),
        ),
    ),
)
