"""Scaled dot product attention."""

from typing import Any

import mpmath as mp
import numpy as np

from ..tensors import Exacts
from .exponentials import softmax


def attention(q: Exacts, k: Exacts, v: Exacts, scale: Any = None, allowed: Any = None, bias: Any = 0) -> Exacts:
    """softmax(q k' / sqrt(d) + bias) v, over the allowed keys: Vaswani et al. 2017, arXiv:1706.03762."""
    scores = q @ k.T * (1 / mp.sqrt(q.shape[-1]) if scale is None else scale) + bias
    if allowed is None:
        return softmax(scores) @ v
    rows = [
        softmax(np.array([s for s, a in zip(row, of, strict=True) if a]))
        for row, of in zip(scores, allowed, strict=True)
    ]
    return np.stack([p @ v[np.array(of, dtype=bool)] for p, of in zip(rows, allowed, strict=True)])
