"""torch.nn.functional's losses."""

from typing import Any

import torch
import torch.nn.functional as F

from ._arrays import like

# The number of the reduction "mean" in torch's operators.
MEAN = 1


def mse(y: Any, t: Any, *, reduction: str = "mean") -> Any:
    return F.mse_loss(y, t, reduction=reduction)


def mae(y: Any, t: Any, *, reduction: str = "mean") -> Any:
    return F.l1_loss(y, t, reduction=reduction)


def huber(y: Any, t: Any, *, delta: float = 1.0, reduction: str = "mean") -> Any:
    return F.huber_loss(y, t, reduction=reduction, delta=delta)


def cross_entropy(logits: Any, target: Any, *, weight: Any = None, **options: Any) -> Any:
    return F.cross_entropy(logits, target, weight=like(weight, logits), **options)


def soft_cross_entropy(logits: Any, p: Any, *, weight: Any = None, **options: Any) -> Any:
    """The same function, which takes a floating target for class probabilities."""
    return F.cross_entropy(logits, p, weight=like(weight, logits), **options)


def binary_cross_entropy(p: Any, t: Any, *, weight: Any = None, reduction: str = "mean") -> Any:
    return F.binary_cross_entropy(p, t, weight=like(weight, p), reduction=reduction)


def binary_cross_entropy_with_logits(
    x: Any, t: Any, *, weight: Any = None, pos_weight: Any = None, reduction: str = "mean"
) -> Any:
    return F.binary_cross_entropy_with_logits(
        x, t, weight=like(weight, x), pos_weight=like(pos_weight, x), reduction=reduction
    )


def kl_divergence(log_q: Any, p: Any, *, log_target: bool = False, reduction: str = "mean") -> Any:
    if reduction == "mean":  # F.kl_div makes this very call, after a warning that batchmean is what one wants
        return torch.kl_div(log_q, p, MEAN, log_target=log_target)
    return F.kl_div(log_q, p, reduction=reduction, log_target=log_target)
