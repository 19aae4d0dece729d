"""Sequence to sequence with attention by dot products."""

from typing import Any

import torch
from torch import nn


class DotProduct(nn.Module):
    """The mean of the states, weighted by how they meet the query; what is not real weighs nothing."""

    def forward(self, q: Any, states: Any, real: Any) -> Any:
        scores = (q @ states.mT).masked_fill(~real[:, None], -torch.inf)
        return torch.softmax(scores, -1) @ states


class Translation(nn.Module):
    """A GRU reads, another writes and looks at all that the first one made."""

    def __init__(self, sizes: tuple[int, int, int, int]) -> None:
        super().__init__()
        source, target, width, hidden = sizes
        self.encoder_embedding = nn.Embedding(source, width)
        self.encoder = nn.GRU(width, hidden, batch_first=True)
        self.decoder_embedding = nn.Embedding(target, width)
        self.decoder = nn.GRU(width, hidden, batch_first=True)
        self.attention = DotProduct()
        self.combine = nn.Linear(2 * hidden, hidden)
        self.tanh = nn.Tanh()
        self.head = nn.Linear(hidden, target)

    def forward(self, source: Any, lengths: Any, before: Any) -> Any:
        hs = self.encoder(self.encoder_embedding(source))[0]
        last = hs[torch.arange(len(source), device=source.device), lengths - 1]
        ds = self.decoder(self.decoder_embedding(before), last[None])[0]
        real = torch.arange(source.shape[1], device=source.device) < lengths[:, None]
        context = self.attention(ds, hs, real)
        h = self.tanh(self.combine(torch.cat([context, ds], 2)))
        return self.head(h).flatten(0, 1)


def translation() -> nn.Module:
    return Translation((12, 11, 8, 8))
