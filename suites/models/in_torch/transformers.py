"""Transformers: an encoder around torch.nn.MultiheadAttention, a model of language around torch's fused attention."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from pytest_dualfw import tap

WIDTH, INNER = 16, 32


class Dropout(nn.Module):
    """By a mask that is given, so that nothing is random; without one, none."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Any, mask: Any = None) -> Any:
        return x if mask is None else x * mask / (1 - self.rate)


class EncoderBlock(nn.Module):
    """Each part is added to what it read, and the sum normalised."""

    def __init__(self, heads: int, rate: float) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(WIDTH, heads, batch_first=True)
        self.dropout1, self.dropout2 = Dropout(rate), Dropout(rate)
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.fc1, self.gelu, self.fc2 = nn.Linear(WIDTH, INNER), nn.GELU(), nn.Linear(INNER, WIDTH)

    def forward(self, h: Any, real: Any, masks: Any) -> Any:
        y = self.attention(h, h, h, key_padding_mask=~real, need_weights=False)[0]
        h = self.norm1(h + self.dropout1(y, masks[0]))
        y = self.fc2(self.gelu(self.fc1(h)))
        return self.norm2(h + self.dropout2(y, masks[1]))


class Encoder(nn.Module):
    """One block over embedded tokens; the head reads the first of them."""

    def __init__(self, sizes: tuple[int, int, int], heads: int, rate: float) -> None:
        super().__init__()
        tokens, length, classes = sizes
        self.token, self.position = nn.Embedding(tokens, WIDTH), nn.Embedding(length, WIDTH)
        self.norm = nn.LayerNorm(WIDTH)
        self.block = EncoderBlock(heads, rate)
        self.head = nn.Linear(WIDTH, classes)

    def forward(self, tokens: Any, real: Any, masks: Any = None) -> Any:
        h = self.norm(self.token(tokens) + self.position(_positions(tokens)))
        h = self.block(h, real, _apart(masks, 2))
        return self.head(h[:, 0])


class Mix(nn.Module):
    """Causal attention of every head."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.heads = heads

    def forward(self, *qkv: Any) -> Any:
        q, k, v = (x.unflatten(2, (self.heads, -1)).transpose(1, 2) for x in qkv)
        return F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)


class CausalAttention(nn.Module):
    """Queries, keys and values each by an affine map of their own."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.mix = Mix(heads)

    def forward(self, h: Any) -> Any:
        return self.out(self.mix(self.query(h), self.key(h), self.value(h)))


class CausalBlock(nn.Module):
    """Each part reads what is normalised, and is added to what is not."""

    def __init__(self, heads: int, rate: float) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention = CausalAttention(heads)
        self.dropout1, self.dropout2 = Dropout(rate), Dropout(rate)
        self.fc1, self.gelu, self.fc2 = nn.Linear(WIDTH, INNER), nn.GELU(), nn.Linear(INNER, WIDTH)

    def forward(self, x: Any, masks: Any) -> Any:
        x = x + self.dropout1(self.attention(self.norm1(x)), masks[0])
        return x + self.dropout2(self.fc2(self.gelu(self.fc1(self.norm2(x)))), masks[1])


class Language(nn.Module):
    """Two causal blocks, and the token that follows each token."""

    def __init__(self, sizes: tuple[int, int], heads: int, tied: bool, rate: float) -> None:
        super().__init__()
        tokens, length = sizes
        self.token, self.position = nn.Embedding(tokens, WIDTH), nn.Embedding(length, WIDTH)
        self.dropout = Dropout(rate)
        self.block1, self.block2 = CausalBlock(heads, rate), CausalBlock(heads, rate)
        self.norm = nn.LayerNorm(WIDTH)
        self.head = None if tied else nn.Linear(WIDTH, tokens)

    def forward(self, tokens: Any, masks: Any = None) -> Any:
        first, *rest = _apart(masks, 5)
        h = self.dropout(self.token(tokens) + self.position(_positions(tokens)), first)
        h = self.norm(self.block2(self.block1(h, rest[:2]), rest[2:]))
        logits = tap("head", h @ self.token.weight.T) if self.head is None else self.head(h)
        return logits.flatten(0, 1)


def encoder(*, heads: int, rate: float = 0.0) -> nn.Module:
    return Encoder((20, 7, 3), heads, rate)


def language(*, heads: int, tied: bool, rate: float = 0.0) -> nn.Module:
    return Language((16, 8), heads, tied, rate)


def _positions(tokens: Any) -> Any:
    return torch.arange(tokens.shape[1], device=tokens.device)


def _apart(masks: Any, count: int) -> Any:
    return [None] * count if masks is None else masks.unbind(1)
