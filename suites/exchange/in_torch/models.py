"""The models as torch.nn.Modules, and torch's own files of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..models import CHANNELS, EMBEDDING, FEATURES, HEADS, HIDDEN, OUTPUTS, SIDE


class CNN(nn.Module):
    """A convolution, one that is transposed, a linear layer of what is flattened."""

    def __init__(self) -> None:
        super().__init__()
        first, middle, last = CHANNELS
        self.conv = nn.Conv2d(first, middle, 3, padding=1)
        self.up = nn.ConvTranspose2d(middle, last, 3, stride=2)
        self.fc = nn.Linear(last * SIDE**2, OUTPUTS)

    def forward(self, x: torch.Tensor) -> Any:
        return self.fc(self.up(self.conv(x).relu()).relu().flatten(1))


class LSTM(nn.Module):
    """The last state of a cell."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(FEATURES, HIDDEN)

    def forward(self, x: torch.Tensor) -> Any:
        h = c = x.new_zeros(len(x), HIDDEN)
        for step in x.unbind(1):
            h, c = self.cell(step, (h, c))
        return h


class Attention(nn.Module):
    """Self-attention, the input added, and a norm."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(EMBEDDING, HEADS, batch_first=True)
        self.norm = nn.LayerNorm(EMBEDDING)

    def forward(self, x: torch.Tensor) -> Any:
        return self.norm(x + self.attention(x, x, x, need_weights=False)[0])


MODULES = {"cnn": CNN, "lstm": LSTM, "attention": Attention}


def module_of(fw: Any, name: str, params: Mapping[str, Any]) -> nn.Module:
    """The module with parameters that were NumPy arrays."""
    module = MODULES[name]()
    state = {key: fw.asarray(p) for key, p in params.items()}
    module.load_state_dict(state, assign=True)
    return module


def save_safetensors(path: Path, module: nn.Module) -> None:
    from safetensors.torch import save_file

    save_file(module.state_dict(), path)


def loaded_safetensors(path: Path, name: str) -> nn.Module:
    from safetensors.torch import load_file

    module = MODULES[name]()
    module.load_state_dict(load_file(path), assign=True)
    return module
