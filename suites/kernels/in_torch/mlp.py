"""torch.nn.functional's linear maps and activations."""

from typing import Any

import torch.nn.functional as F


def gelu_mlp(x: Any, w_in: Any, b_in: Any, w_out: Any, b_out: Any) -> Any:
    return F.linear(F.gelu(F.linear(x, w_in, b_in)), w_out, b_out)


def silu_mlp(x: Any, w_gate: Any, w_up: Any, w_down: Any) -> Any:
    return F.linear(F.silu(F.linear(x, w_gate)) * F.linear(x, w_up), w_down)
