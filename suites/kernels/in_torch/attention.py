"""Attention as a textbook has it, and torch's own kernel."""

from typing import Any

import torch
import torch.nn.functional as F


def attention_naive(q: Any, k: Any, v: Any) -> Any:
    length = q.shape[-2]
    scores = q @ k.mT / q.shape[-1] ** 0.5
    unseen = torch.ones(length, length, dtype=torch.bool, device=q.device).triu(1)
    return F.softmax(scores.masked_fill(unseen, float("-inf")), dim=-1) @ v


def attention_fused(q: Any, k: Any, v: Any) -> Any:
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)
