"""Activations of torch and torch.nn.functional."""

from typing import Any

import torch
import torch.nn.functional as F


def sigmoid(x: Any) -> Any:
    return torch.sigmoid(x)


def tanh(x: Any) -> Any:
    return torch.tanh(x)


def relu(x: Any) -> Any:
    return F.relu(x)


def leaky_relu(x: Any, *, slope: float = 0.01) -> Any:
    return F.leaky_relu(x, negative_slope=slope)


def elu(x: Any, *, alpha: float = 1.0) -> Any:
    return F.elu(x, alpha=alpha)


def silu(x: Any) -> Any:
    return F.silu(x)


def softplus(x: Any) -> Any:
    return F.softplus(x)


def gelu(x: Any, *, approximate: str = "none") -> Any:
    return F.gelu(x, approximate=approximate)


def softmax(x: Any, *, axis: int = -1) -> Any:
    return F.softmax(x, dim=axis)


def log_softmax(x: Any, *, axis: int = -1) -> Any:
    return F.log_softmax(x, dim=axis)


def logsumexp(x: Any, *, axis: int = -1, keepdims: bool = False) -> Any:
    return torch.logsumexp(x, dim=axis, keepdim=keepdims)
