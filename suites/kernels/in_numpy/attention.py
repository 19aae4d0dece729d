"""The reference's attention with a causal mask: q, k, v and y (N,H,L,D)."""

from typing import Any

import numpy as np
from pytest_dualfw.reference import attention, attention_vjp

Array = np.ndarray[Any, Any]


def attention_naive(q: Array, k: Array, v: Array) -> Array:
    return attention(q, k, v, causal=True)


def attention_naive_vjp(g: Array, q: Array, k: Array, v: Array) -> tuple[Array, Array, Array]:
    return attention_vjp(g, q, k, v, causal=True)


attention_fused, attention_fused_vjp = attention_naive, attention_naive_vjp
