"""The references' own."""

from pytest_dualfw.reference import (
    cross_entropy,
    cross_entropy_vjp,
    layer_norm,
    layer_norm_vjp,
    rms_norm,
    rms_norm_vjp,
    softmax,
    softmax_vjp,
)

__all__ = [
    "cross_entropy",
    "cross_entropy_vjp",
    "layer_norm",
    "layer_norm_vjp",
    "rms_norm",
    "rms_norm_vjp",
    "softmax",
    "softmax_vjp",
]
