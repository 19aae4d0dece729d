"""torch.nn.functional's layers, and plain spellings of what it has not."""

from typing import Any

import torch
import torch.nn.functional as F

from ._arrays import like

Pair = tuple[int, int]


def linear(x: Any, w: Any, b: Any = None) -> Any:
    return F.linear(x, w, b)


def linear_regression_loss(w: Any, b: Any, x: Any, t: Any) -> Any:
    return F.mse_loss(x @ w + b, t)


def conv2d(x: Any, w: Any, b: Any = None, **options: Any) -> Any:
    return F.conv2d(x, w, b, **options)


def conv_transpose2d(x: Any, w: Any, b: Any = None, **options: Any) -> Any:
    return F.conv_transpose2d(x, w, b, **options)


def max_pool2d(x: Any, *, window: Pair, stride: Pair | None = None, padding: Pair = (0, 0)) -> Any:
    return F.max_pool2d(x, window, stride, padding)


def avg_pool2d(
    x: Any, *, window: Pair, stride: Pair | None = None, padding: Pair = (0, 0), count_include_pad: bool = True
) -> Any:
    return F.avg_pool2d(x, window, stride, padding, count_include_pad=count_include_pad)


def batch_norm(x: Any, w: Any, b: Any, *, eps: float = 1e-5) -> Any:
    return F.batch_norm(x, None, None, w, b, training=True, eps=eps)


def batch_norm_running(x: Any, mean: Any, var: Any, *, momentum: float = 0.1) -> tuple[Any, ...]:
    """The values that F.batch_norm leaves in its running statistics, with the gradient of a plain spelling.

    F.batch_norm writes them in place and has no gradient for them.
    """
    axes = [0, *range(2, x.ndim)]
    s2, mu = torch.var_mean(x, axes, correction=1)
    plain = torch.lerp(mean, mu, momentum), torch.lerp(var, s2, momentum)
    updated = mean.detach().clone(), var.detach().clone()
    F.batch_norm(x.detach(), *updated, training=True, momentum=momentum)
    return tuple(p + (u - p).detach() for p, u in zip(plain, updated, strict=True))


def batch_norm_eval(x: Any, w: Any, b: Any, mean: Any, var: Any, *, eps: float = 1e-5) -> Any:
    return F.batch_norm(x, mean, var, w, b, training=False, eps=eps)


def layer_norm(x: Any, w: Any, b: Any, *, eps: float = 1e-5) -> Any:
    return F.layer_norm(x, w.shape, w, b, eps)


def rms_norm(x: Any, w: Any, *, eps: float = 1e-6) -> Any:
    return F.rms_norm(x, w.shape, w, eps)


def embedding(indices: Any, w: Any) -> Any:
    return F.embedding(indices, w)


def dropout(x: Any, mask: Any, *, rate: float) -> Any:
    """F.dropout draws its own mask, so this is spelled plainly."""
    return torch.where(mask, x / (1 - rate), 0)


def attention(q: Any, k: Any, v: Any, *, mask: Any = None, causal: bool = False, scale: float | None = None) -> Any:
    return F.scaled_dot_product_attention(q, k, v, attn_mask=like(mask, q), is_causal=causal, scale=scale)


def multi_head_attention(
    x: Any, w_in: Any, b_in: Any, w_out: Any, b_out: Any, *, heads: int, causal: bool = False
) -> Any:
    """What torch.nn.MultiheadAttention calls when it trains: sequence before batch, True in a mask shuts out."""
    length, width = x.shape[1:]
    mask = torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1) if causal else None
    x = x.transpose(0, 1)
    y, _ = F.multi_head_attention_forward(
        x, x, x, width, heads, w_in, b_in, None, None, False, 0.0, w_out, b_out,
        attn_mask=mask, is_causal=causal, need_weights=False,
    )  # fmt: skip
    return y.transpose(0, 1)
