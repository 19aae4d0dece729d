"""Dropout with the mask given, so that nothing here is random."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array

Mask: TypeAlias = NDArray[np.bool_[Any]]


def dropout(x: Array, mask: Mask, *, rate: float) -> Array:
    """Inverted dropout: y = x mask / (1 - rate), so that the mean over masks is x.

    mask is boolean, of the shape of x, True where an element is kept; rate is the probability to drop, 0 <= rate < 1.
    A dropped element is 0 whatever x holds there, as in flax.linen.Dropout; torch multiplies, so inf and NaN give NaN.
    At rate 1 the formula has no value; both frameworks return zeros.

    Source: N. Srivastava et al., Dropout (JMLR 15, 2014), section 10 (scaled at training time); torch.nn.Dropout.
    """
    _check(mask, rate)
    return np.where(mask, x / (1 - rate), 0)


def dropout_vjp(g: Array, x: Array, mask: Mask, *, rate: float) -> tuple[Array, None]:
    """y is x times a constant, mask / (1 - rate), and so is dx times g; the mask has no gradient."""
    _check(mask, rate)
    return np.where(mask, g / (1 - rate), 0), None


def _check(mask: Mask, rate: float) -> None:
    if mask.dtype != np.bool_:
        raise ValueError(f"mask is {mask.dtype}; allowed is bool, True where an element is kept")
    if not 0 <= rate < 1:
        raise ValueError(f"rate is {rate}; allowed are numbers from 0 up to, not including, 1")
