"""Scaled dot-product attention, and self-attention with several heads."""

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from .linear import linear, linear_vjp

Mask: TypeAlias = NDArray[np.bool_[Any]]


def attention(
    q: Array, k: Array, v: Array, *, mask: Mask | None = None, causal: bool = False, scale: float | None = None
) -> Array:
    """Scaled dot-product attention: y = softmax(scale q k^T) v, the softmax over the keys that a query may attend to.

    q (..., L, E), k (..., S, E), v (..., S, V), y (..., L, V); leading axes are equal, not broadcast. scale None means
    1 / sqrt(E). mask is boolean, broadcasts to (..., L, S), True = may attend (torch.nn.MultiheadAttention means the
    opposite). causal lets query l see the keys 0 to l, aligned at the top left also where L and S differ. With both,
    a key must pass both; torch refuses both.

    A query that may attend to nothing gives zeros and has no gradient, the empty sum. torch does the same,
    jax.nn.dot_product_attention returns the mean of v instead.

    Source: A. Vaswani et al., Attention Is All You Need (2017), eq. 1; scaled_dot_product_attention in
    torch.nn.functional.
    """
    y: Array = _weights(q, k, v, mask, causal, scale) @ v
    return y


def attention_vjp(
    g: Array,
    q: Array,
    k: Array,
    v: Array,
    *,
    mask: Mask | None = None,
    causal: bool = False,
    scale: float | None = None,
) -> tuple[Array, Array, Array]:
    """y = p v gives dv = p^T g and dp = g v^T. p = softmax(s) gives ds = p (dp - sum_keys dp p).

    s = scale q k^T gives dq = scale ds k and dk = scale ds^T q. Where a key is masked p is 0, so ds is 0 too.
    """
    p = _weights(q, k, v, mask, causal, scale)  # ...,L,S
    dp = g @ _transposed(v)
    ds = p * (dp - np.sum(dp * p, axis=-1, keepdims=True)) * _scale(q, scale)
    return ds @ k, _transposed(ds) @ q, _transposed(p) @ g


def multi_head_attention(
    x: Array, w_in: Array, b_in: Array | None, w_out: Array, b_out: Array | None, *, heads: int, causal: bool = False
) -> Array:
    """Self-attention with several heads: q, k, v = x w_in^T + b_in; y = concat(heads) w_out^T + b_out.

    x (N, L, E), w_in (3E, E), b_in (3E,) or None, w_out (E, E), b_out (E,) or None, y (N, L, E). The rows of w_in are
    those of q, then k, then v; head h owns the components h E/heads to (h + 1) E/heads of each. The batch comes
    first, which torch calls batch_first=True. scale is 1 / sqrt(E / heads).

    Source: A. Vaswani et al., Attention Is All You Need (2017), section 3.2.2; torch.nn.MultiheadAttention.
    """
    q, k, v = _project(x, w_in, b_in, heads)
    y = attention(q, k, v, causal=causal)  # N,heads,L,E/heads
    return linear(_merge_heads(y), w_out, b_out)


def multi_head_attention_vjp(
    g: Array,
    x: Array,
    w_in: Array,
    b_in: Array | None,
    w_out: Array,
    b_out: Array | None,
    *,
    heads: int,
    causal: bool = False,
) -> tuple[Array, Array, Array | None, Array, Array | None]:
    """The three steps backwards: output projection, attention, packed projection.

    Splitting and merging heads only moves numbers, so their vjps are each other; dq, dk, dv are packed as q, k, v were.
    """
    q, k, v = _project(x, w_in, b_in, heads)
    merged = _merge_heads(attention(q, k, v, causal=causal))  # N,L,E
    dmerged, dw_out, db_out = linear_vjp(g, merged, w_out, b_out)
    dqkv = attention_vjp(_split_heads(dmerged, heads), q, k, v, causal=causal)
    dpacked = np.concatenate([_merge_heads(d) for d in dqkv], axis=-1)  # N,L,3E
    dx, dw_in, db_in = linear_vjp(dpacked, x, w_in, b_in)
    return dx, dw_in, db_in, dw_out, db_out


def _weights(q: Array, k: Array, v: Array, mask: Mask | None, causal: bool, scale: float | None) -> Array:
    if not q.shape[:-2] == k.shape[:-2] == v.shape[:-2]:
        shapes = f"{q.shape[:-2]}, {k.shape[:-2]} and {v.shape[:-2]}"
        raise ValueError(f"q, k and v have the leading axes {shapes}; allowed are equal ones")
    s = _scale(q, scale) * (q @ _transposed(k))  # ...,L,S
    return _masked_softmax(s, _allowed(s.shape, mask, causal))


def _masked_softmax(s: Array, allowed: Mask) -> Array:
    highest = np.max(np.where(allowed, s.real, -np.inf), axis=-1, keepdims=True, initial=-np.inf)
    e = np.where(allowed, np.exp(np.where(allowed, s - highest, 0)), 0)
    total = np.sum(e, axis=-1, keepdims=True)
    p: Array = e / np.where(total.real == 0, 1, total)
    return p


def _allowed(shape: tuple[int, ...], mask: Mask | None, causal: bool) -> Mask:
    if mask is not None and mask.dtype != np.bool_:
        raise ValueError(f"mask is {mask.dtype}; allowed is bool, True where a query may attend")
    allowed = np.ones(shape, np.bool_) if mask is None else _broadcast(mask, shape)
    return np.tril(allowed) if causal else allowed


def _broadcast(mask: Mask, shape: tuple[int, ...]) -> Mask:
    try:
        return np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(f"mask has the shape {mask.shape}; allowed is what broadcasts to {shape}") from None


def _transposed(x: Array) -> Array:
    return np.swapaxes(x, -1, -2)


def _scale(q: Array, scale: float | None) -> float:
    return 1 / math.sqrt(q.shape[-1]) if scale is None else scale


def _project(x: Array, w_in: Array, b_in: Array | None, heads: int) -> tuple[Array, Array, Array]:
    E = x.shape[-1]
    if heads < 1 or E % heads:
        raise ValueError(f"heads is {heads}; allowed are divisors of the width {E}")
    q, k, v = np.split(linear(x, w_in, b_in), 3, axis=-1)  # N,L,E each
    return _split_heads(q, heads), _split_heads(k, heads), _split_heads(v, heads)


def _split_heads(x: Array, heads: int) -> Array:
    N, L, E = x.shape
    return x.reshape(N, L, heads, E // heads).swapaxes(1, 2)  # N,heads,L,E/heads


def _merge_heads(x: Array) -> Array:
    N, heads, L, D = x.shape
    return x.swapaxes(1, 2).reshape(N, L, heads * D)
