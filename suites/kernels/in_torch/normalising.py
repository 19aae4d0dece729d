"""torch.nn.functional's own."""

from typing import Any

import torch.nn.functional as F


def softmax(x: Any) -> Any:
    return F.softmax(x, dim=-1)


def cross_entropy(logits: Any, target: Any) -> Any:
    return F.cross_entropy(logits, target)


def layer_norm(x: Any, w: Any, b: Any) -> Any:
    return F.layer_norm(x, w.shape, w, b)


def rms_norm(x: Any, w: Any) -> Any:
    return F.rms_norm(x, w.shape, w, 1e-6)
