"""Gradients cut to size before a step."""

from collections.abc import Sequence

import numpy as np

from ..arrays import Array
from ._options import require_non_negative

# torch divides by the norm plus this, so that gradients of zero stay what they are.
NORM_FLOOR = 1e-6


def clip_by_global_norm(gs: Sequence[Array], *, limit: float) -> list[Array]:
    """All gradients times min(1, limit / (n + 1e-6)), n the 2-norm of all their entries together.

    The direction stays. A clipped gradient is shorter than limit by one part in 10^6 n.

    Source: R. Pascanu, T. Mikolov and Y. Bengio, arXiv:1211.5063, algorithm 1; torch.nn.utils.clip_grad_norm_, whose
    1e-6 optax.clip_by_global_norm does not have.
    """
    require_non_negative(limit=limit)
    norm = np.sqrt(sum(np.sum(g**2) for g in gs))
    factor = min(1.0, limit / (norm + NORM_FLOOR))
    return [g * factor for g in gs]


def clip_by_value(gs: Sequence[Array], *, limit: float) -> list[Array]:
    """Every entry cut to [-limit, limit]. torch.nn.utils.clip_grad_value_, optax.clip."""
    require_non_negative(limit=limit)
    return [np.clip(g, -limit, limit) for g in gs]
