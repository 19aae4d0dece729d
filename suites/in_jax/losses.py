"""Losses in JAX, which has none of its own: spelled with jax.numpy, jax.nn and jax.scipy.special."""

from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.special import entr, xlog1py, xlogy

from ._arrays import like


def mse(y: Any, t: Any, *, reduction: str = "mean") -> Any:
    return reduced((y - t) ** 2, reduction)


def mae(y: Any, t: Any, *, reduction: str = "mean") -> Any:
    return reduced(jnp.abs(y - t), reduction)


def huber(y: Any, t: Any, *, delta: float = 1.0, reduction: str = "mean") -> Any:
    a = jnp.abs(y - t)
    return reduced(jnp.where(a <= delta, a**2 / 2, delta * (a - delta / 2)), reduction)


def cross_entropy(
    logits: Any,
    target: Any,
    *,
    weight: Any = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Any:
    kept = target != ignore_index
    y = jnp.where(kept, target, 0)
    w = class_weights(weight, logits)
    log_p = jax.nn.log_softmax(logits)
    terms = -w[y] * jnp.take_along_axis(log_p, y[:, None], axis=1)[:, 0]
    if label_smoothing:  # only then: 0 times the logarithm of a masked class would be nan
        terms = (1 - label_smoothing) * terms - label_smoothing * (w * log_p).mean(axis=1)
    return reduced(jnp.where(kept, terms, 0), reduction, jnp.where(kept, w[y], 0).sum())


def soft_cross_entropy(
    logits: Any, p: Any, *, weight: Any = None, label_smoothing: float = 0.0, reduction: str = "mean"
) -> Any:
    q = class_weights(weight, logits) * ((1 - label_smoothing) * p + label_smoothing / p.shape[1])
    return reduced(-(q * jax.nn.log_softmax(logits)).sum(axis=1), reduction)


def binary_cross_entropy(p: Any, t: Any, *, weight: Any = None, reduction: str = "mean") -> Any:
    terms = -xlogy(t, p) - xlog1py(1 - t, -p)
    return reduced(weighted(terms, weight), reduction)


def binary_cross_entropy_with_logits(
    x: Any, t: Any, *, weight: Any = None, pos_weight: Any = None, reduction: str = "mean"
) -> Any:
    terms = weighted(t * jax.nn.softplus(-x), pos_weight) + (1 - t) * jax.nn.softplus(x)
    return reduced(weighted(terms, weight), reduction)


def kl_divergence(log_q: Any, p: Any, *, log_target: bool = False, reduction: str = "mean") -> Any:
    terms = jnp.exp(p) * (p - log_q) if log_target else -entr(p) - p * log_q
    return reduced(terms, *(("mean", len(p)) if reduction == "batchmean" else (reduction,)))


def reduced(terms: Any, reduction: str, divisor: Any = None) -> Any:
    if reduction == "mean" and divisor is not None:
        return terms.sum() / divisor
    return {"mean": jnp.mean, "sum": jnp.sum, "none": lambda x: x}[reduction](terms)


def class_weights(weight: Any, logits: Any) -> Any:
    return jnp.ones(logits.shape[1], logits.dtype) if weight is None else like(weight, logits)


def weighted(terms: Any, weight: Any) -> Any:
    return terms if weight is None else like(weight, terms) * terms
