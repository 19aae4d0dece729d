"""Activations, each beside its vjp."""

from .gated import gelu, gelu_vjp, silu, silu_vjp
from .normalising import (
    log_softmax,
    log_softmax_vjp,
    logsumexp,
    logsumexp_vjp,
    softmax,
    softmax_vjp,
)
from .rectifiers import elu, elu_vjp, leaky_relu, leaky_relu_vjp, relu, relu_vjp
from .sigmoidal import sigmoid, sigmoid_vjp, softplus, softplus_vjp, tanh, tanh_vjp

__all__ = [
    "elu",
    "elu_vjp",
    "gelu",
    "gelu_vjp",
    "leaky_relu",
    "leaky_relu_vjp",
    "log_softmax",
    "log_softmax_vjp",
    "logsumexp",
    "logsumexp_vjp",
    "relu",
    "relu_vjp",
    "sigmoid",
    "sigmoid_vjp",
    "silu",
    "silu_vjp",
    "softmax",
    "softmax_vjp",
    "softplus",
    "softplus_vjp",
    "tanh",
    "tanh_vjp",
]
