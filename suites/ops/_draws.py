"""Inputs that more than one family draws."""

from typing import Any

import numpy as np

Rng = np.random.Generator


def off_zero(rng: Rng, shape: tuple[int, ...], least: float = 0.25) -> Any:
    """Normal entries pushed away from 0, so that no step of a difference ladder crosses a kink there."""
    x = rng.normal(size=shape)
    return x + least * np.sign(x)
