"""Attention in single steps, so that each is read backwards by itself.

The slope of a softmax is a small difference of large numbers, and the gradient of the keys' bias is zero altogether:
how far rounding moves them shows only where every step of the way back reads what the step before it rounded.
"""

import math
from collections.abc import Mapping

from ..activations import softmax
from ..arrays import Array
from ..layers import linear
from .plumbing import Mask, masked, matmul, parted, reshaped, scaled, transposed
from .tape import Tape

Params = Mapping[str, Array]


def attended(t: Tape, name: str, q: Array, k: Array, v: Array, allowed: Mask, *, scale: float) -> Array:
    """softmax(scale q k^T) v, kept under ``name``, as ``reference.layers.attention``; ``allowed`` is its mask."""
    swapped = (*range(k.ndim - 2), k.ndim - 1, k.ndim - 2)
    s = t("", matmul, q, t("", transposed, k, axes=swapped))  # ...,L,S
    w = t("", softmax, t("", masked, t("", scaled, s, by=scale), allowed))
    y: Array = t(name, matmul, w, v)
    return y


def mixed(t: Tape, name: str, qkv: tuple[Array, Array, Array], allowed: Mask, *, heads: int) -> Array:
    """What several heads see, side by side: q, k, v and the result (N,L,E), kept under ``name``."""
    q, k, v = (_apart(t, x, heads) for x in qkv)
    y = attended(t, "", q, k, v, allowed, scale=1 / math.sqrt(q.shape[-1]))
    merged: Array = t(name, reshaped, t("", transposed, y, axes=(0, 2, 1, 3)), shape=qkv[0].shape)
    return merged


def multi_head(t: Tape, p: Params, name: str, x: Array, allowed: Mask, *, heads: int) -> Array:
    """torch.nn.MultiheadAttention of x (N,L,E) with itself; its output is ``name[0]``, beside weights not asked for.

    ``allowed`` broadcasts to (N,heads,L,L), True where a query may attend.
    """
    packed = t("", linear, x, p[f"{name}.in_proj_weight"], p[f"{name}.in_proj_bias"])  # N,L,3E
    h = mixed(t, "", t("", parted, packed, count=3, axis=2), allowed, heads=heads)
    y: Array = t(f"{name}[0]", linear, h, p[f"{name}.out_proj.weight"], p[f"{name}.out_proj.bias"])
    return y


def _apart(t: Tape, x: Array, heads: int) -> Array:
    N, L, E = x.shape
    y: Array = t("", transposed, t("", reshaped, x, shape=(N, L, heads, E // heads)), axes=(0, 2, 1, 3))
    return y
