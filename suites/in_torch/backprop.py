"""The multilayer perceptron in torch, of torch.nn.functional's layers."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

ACTIVATIONS: dict[str, Any] = {"tanh": torch.tanh, "relu": F.relu}


def mlp(x: Any, params: Sequence[tuple[Any, Any]], *, activation: str = "tanh") -> Any:
    *hidden, last = params
    for w, b in hidden:
        x = ACTIVATIONS[activation](F.linear(x, w, b))
    return F.linear(x, *last)
