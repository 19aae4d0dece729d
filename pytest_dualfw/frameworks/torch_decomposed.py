"""Attention written out, so that its scale, mask and softmax are seen as calls of their own."""

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from ..port.model import Call

Tensor = torch.Tensor


def attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(q k^T scale + mask) v, as the documentation of scaled_dot_product_attention writes it."""
    if enable_gqa:
        key, value = (x.repeat_interleave(query.size(-3) // x.size(-3), -3) for x in (key, value))
    scores = query @ key.transpose(-2, -1) * (1 / math.sqrt(query.size(-1)) if scale is None else scale)
    if is_causal:
        attn_mask = torch.ones(scores.shape[-2:], dtype=torch.bool, device=query.device).tril()
    if attn_mask is not None:
        bars = attn_mask.dtype == torch.bool
        scores = scores.masked_fill(~attn_mask, -math.inf) if bars else scores + attn_mask
    return torch.softmax(scores, dim=-1) @ value


def multi_head(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None,
    bias_k: Tensor | None,
    bias_v: Tensor | None,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Tensor,
    out_proj_bias: Tensor | None,
    training: bool = True,
    key_padding_mask: Tensor | None = None,
    need_weights: bool = True,
    attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None,
    k_proj_weight: Tensor | None = None,
    v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None,
    static_v: Tensor | None = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """As multi_head_attention_forward for a batch of sequences: time first, E entries."""
    length, batch, entries = query.shape
    sides = [query, key, value]
    separate = [q_proj_weight, k_proj_weight, v_proj_weight]
    weights = separate if in_proj_weight is None else list(in_proj_weight.chunk(3))
    biases = [None] * 3 if in_proj_bias is None else list(in_proj_bias.chunk(3))
    q, k, v = (F.linear(x, w, b) for x, w, b in zip(sides, weights, biases, strict=True))  # type: ignore[arg-type]
    heads = [
        x.view(x.shape[0], batch, num_heads, entries // num_heads).transpose(0, 1).transpose(1, 2) for x in (q, k, v)
    ]
    scores = heads[0] @ heads[1].transpose(-2, -1) * (1 / math.sqrt(entries // num_heads))
    for mask in _masks(attn_mask, key_padding_mask, batch, num_heads):
        scores = scores.masked_fill(mask, -math.inf) if mask.dtype == torch.bool else scores + mask
    chances = torch.softmax(scores, dim=-1)
    mixed = (chances @ heads[2]).transpose(1, 2).transpose(0, 1).reshape(length, batch, entries)
    seen = (chances.mean(1) if average_attn_weights else chances) if need_weights else None
    return F.linear(mixed, out_proj_weight, out_proj_bias), seen


def _masks(mask: Tensor | None, padding: Tensor | None, batch: int, heads: int) -> list[Tensor]:
    found = []
    if mask is not None:
        found.append(mask.view(batch, heads, *mask.shape[-2:]) if mask.dim() == 3 else mask)
    if padding is not None:
        found.append(padding.view(batch, 1, 1, -1))
    return found


_BEYOND = ("bias_k", "bias_v", "static_k", "static_v")


def _or_whole(written_out: Callable[..., Any]) -> Callable[[Call], Any]:
    def run(call: Call) -> Any:
        rare = any(call.kwargs.get(name) is not None for name in _BEYOND) or any(
            x is not None and x is not False for x in call.args[7:10]
        )
        dropped = call.kwargs.get("dropout_p", 0.0) or (
            call.kwargs.get("training") and call.args[10:11] not in ((), (0.0,))
        )
        batched = call.args[0].dim() >= 3
        if rare or dropped or not batched:
            return call.function(*call.args, **call.kwargs)
        return written_out(*call.args, **call.kwargs)

    return run


DECOMPOSED: dict[str, Callable[[Call], Any]] = {
    "scaled_dot_product_attention": _or_whole(attention),
    "multi_head_attention_forward": _or_whole(multi_head),
}
