"""Integers in place of numbers: torch's fake quantisation, by constants and with learned scales."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

Span = tuple[int, int]


def fake_quantise(x: Any, s: Any, z: Any, *, span: Span, axis: int | None, learned: bool) -> Any:
    """torch's public op has a gradient for x alone; the op under its learnable module has one for s and z too."""
    if learned and axis is None:
        return torch._fake_quantize_learnable_per_tensor_affine(x, s.reshape(1), z.reshape(1), *span, 1.0)
    if learned and axis is not None:
        return torch._fake_quantize_learnable_per_channel_affine(x, s, z, axis, *span, 1.0)
    s, z = s.detach(), z.detach().to(torch.int32)
    if axis is None:
        return torch.fake_quantize_per_tensor_affine(x, s.float(), z, *span)
    return torch.fake_quantize_per_channel_affine(x, s.float(), z, axis, *span)


def loss(op: Any, of_weights: Any, of_inputs: Any) -> Callable[..., Any]:
    """``((w, sw, sx, zx), x, t)`` to the loss of a quantised layer, and its output."""

    def run(leaves: Any, x: Any, t: Any) -> Any:
        w, sw, sx, zx = leaves
        w_hat = op(w, sw, torch.zeros_like(sw), learned=True, **of_weights)
        y = F.linear(op(x, sx, zx, learned=True, **of_inputs), w_hat)
        return F.mse_loss(y, t), y

    return run


def product(op: Any, **options: Any) -> Callable[..., Any]:
    return lambda x, w, s, z: F.linear(x, op(w, s, z, learned=False, **options))


def integer_product(x: Any, w: Any, zx: Any, zw: Any) -> Any:
    """sum (x - zx) (w - zw), the product of int8 accumulated in int32 and corrected by sums."""
    raw = torch._int_mm(x, w.T.contiguous())
    sums_x, sums_w = x.sum(1, dtype=torch.int32), w.sum(1, dtype=torch.int32)
    return raw - zw * sums_x[:, None] - zx * sums_w + x.shape[1] * zx * zw
