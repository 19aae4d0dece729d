"""Images to train on: scikit-learn's digits, which come with it, and MNIST from a folder."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ..models.initial import Array
from ..models.table import ModelSpec

HELD_OUT = 5  # every fifth image
BATCH = 60
# An MNIST image is 28 x 28: a digit's 8 x 8 pixels three times each way, and a frame of two.
PIXEL, FRAME = 3, 2


@dataclass(frozen=True)
class Images:
    """Images (N,H,W) of values 0 to 1, exact in float32, their classes, and those that are held out."""

    name: str
    x: Array
    y: Array
    x_test: Array
    y_test: Array
    batch: int = BATCH

    def shaped(self, spec: ModelSpec, *, test: bool = False) -> Array:
        """As the model takes them: rows of pixels for one of affine maps, (N,1,H,W) for one of convolutions."""
        x = self.x_test if test else self.x
        return x.reshape(len(x), -1) if spec.family == "dense" else x[:, None]


@cache
def digits() -> Images:
    """scikit-learn's 1797 images of 8 x 8; one fifth is held out."""
    from sklearn.datasets import load_digits  # type: ignore[import-untyped,unused-ignore]

    bunch: Any = load_digits()
    x, y = bunch.images / 16.0, bunch.target
    test = np.arange(len(x)) % HELD_OUT == 0
    return Images("digits", x[~test], y[~test], x[test], y[test])


@cache
def magnified() -> Images:
    """The digits in the format of MNIST, for models that are made for it."""
    small = digits()
    return Images("digits", _magnified(small.x), small.y, _magnified(small.x_test), small.y_test)


def _magnified(x: Array) -> Array:
    large = x.repeat(PIXEL, axis=1).repeat(PIXEL, axis=2)
    return np.pad(large, ((0, 0), (FRAME, FRAME), (FRAME, FRAME)))
