"""Recurrent networks: of sequences of vectors, batch first, and of texts, time first inside."""

from typing import Any

import torch
from torch import nn

NETS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
LAYERS = 2


class Sequence(nn.Module):
    """Two recurrent layers between affine maps; the head reads the last step or every step.

    What an LSTM reads needs a gradient here, since torch.compile fails without (2.13, float32 on a CPU): oneDNN keeps
    no workspace then, which AOTAutograd asserts (github.com/pytorch/pytorch/pull/185163).
    """

    def __init__(self, net: str, sizes: tuple[int, int, int], every_step: bool) -> None:
        super().__init__()
        self.project = nn.Linear(sizes[0], sizes[1])
        self.recurrent = NETS[net](sizes[1], sizes[1], num_layers=LAYERS, batch_first=True)
        self.head = nn.Linear(sizes[1], sizes[2])
        self.every_step = every_step

    def forward(self, x: Any) -> Any:
        hs = self.recurrent(self.project(x))[0]
        return self.head(hs if self.every_step else hs[:, -1])


class Text(nn.Module):
    """An embedding and two recurrent layers; the head reads the state after the last real token."""

    def __init__(self, sizes: tuple[int, int, int, int]) -> None:
        super().__init__()
        self.embedding = nn.Embedding(sizes[0], sizes[1])
        self.recurrent = nn.RNN(sizes[1], sizes[2], num_layers=LAYERS)
        self.head = nn.Linear(sizes[2], sizes[3])

    def forward(self, tokens: Any, lengths: Any) -> Any:
        hs = self.recurrent(self.embedding(tokens).swapaxes(0, 1))[0]
        return self.head(hs[lengths - 1, torch.arange(len(tokens), device=tokens.device)])


def sequence(*, net: str, every_step: bool = False) -> nn.Module:
    return Sequence(net, (5, 8, 4), every_step)


def text() -> nn.Module:
    return Text((20, 8, 8, 3))
