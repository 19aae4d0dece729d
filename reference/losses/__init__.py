"""Losses, each beside its vjp."""

from .binary import (
    binary_cross_entropy,
    binary_cross_entropy_vjp,
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_vjp,
)
from .cross_entropy import (
    cross_entropy,
    cross_entropy_vjp,
    one_hot,
    soft_cross_entropy,
    soft_cross_entropy_vjp,
)
from .divergence import kl_divergence, kl_divergence_vjp
from .regression import huber, huber_vjp, mae, mae_vjp, mse, mse_vjp

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_vjp",
    "binary_cross_entropy_with_logits",
    "binary_cross_entropy_with_logits_vjp",
    "cross_entropy",
    "cross_entropy_vjp",
    "huber",
    "huber_vjp",
    "kl_divergence",
    "kl_divergence_vjp",
    "mae",
    "mae_vjp",
    "mse",
    "mse_vjp",
    "one_hot",
    "soft_cross_entropy",
    "soft_cross_entropy_vjp",
]
