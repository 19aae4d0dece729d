"""Transformers: an encoder in the way of BERT, and a causal model of language.

Attention is spelled plainly: jax.nn.dot_product_attention takes its softmax in float32, of float64 too.
"""

from typing import Any

import jax
import jax.numpy as jnp

from pytest_dualfw import tap

from ...in_jax import layers
from .layers import linear


def encoder(p: Any, tokens: Any, real: Any, masks: Any = None, *, heads: int, rate: float = 0.0) -> Any:
    h = _norm(p, "norm", _embedded(p, tokens))
    y = _attention(p, "block.attention", h, real, heads)
    h = _norm(p, "block.norm1", h + _dropped("block.dropout1", y, masks, 0, rate))
    y = _fed_forward(p, "block", h)
    h = tap("block", _norm(p, "block.norm2", h + _dropped("block.dropout2", y, masks, 1, rate)))
    return _linear(p, "head", h[:, 0])


def language(p: Any, tokens: Any, masks: Any = None, *, heads: int, tied: bool, rate: float = 0.0) -> Any:
    h = _dropped("dropout", _embedded(p, tokens), masks, 0, rate)
    for i in (1, 2):
        h = _causal_block(p, f"block{i}", h, None if masks is None else masks[:, 2 * i - 1 : 2 * i + 1], heads, rate)
    h = _norm(p, "norm", h)
    logits = tap("head", h @ p["token.weight"].T) if tied else _linear(p, "head", h)
    return logits.reshape(-1, logits.shape[-1])


def _attention(p: Any, name: str, x: Any, real: Any, heads: int) -> Any:
    packed = x @ p[f"{name}.in_proj_weight"].T + p[f"{name}.in_proj_bias"]
    y = _mixed(jnp.split(packed, 3, axis=-1), real[:, None, None], heads)
    return tap(f"{name}[0]", linear(p, f"{name}.out_proj", y))


def _causal_block(p: Any, name: str, x: Any, masks: Any, heads: int, rate: float) -> Any:
    h = _norm(p, f"{name}.norm1", x)
    qkv = [_linear(p, f"{name}.attention.{part}", h) for part in ("query", "key", "value")]
    y = tap(f"{name}.attention.mix", _mixed(qkv, jnp.tri(x.shape[1], dtype=bool), heads))
    y = tap(f"{name}.attention", _linear(p, f"{name}.attention.out", y))
    x = x + _dropped(f"{name}.dropout1", y, masks, 0, rate)
    y = _fed_forward(p, name, _norm(p, f"{name}.norm2", x))
    return tap(name, x + _dropped(f"{name}.dropout2", y, masks, 1, rate))


def _mixed(qkv: Any, allowed: Any, heads: int) -> Any:
    q, k, v = (x.reshape(*x.shape[:2], heads, -1) for x in qkv)
    scores = jnp.einsum("nlhd,nshd->nhls", q, k) / q.shape[-1] ** 0.5
    weights = jax.nn.softmax(jnp.where(allowed, scores, -jnp.inf))
    return jnp.einsum("nhls,nshd->nlhd", weights, v).reshape(qkv[0].shape)


def _embedded(p: Any, tokens: Any) -> Any:
    what = tap("token", layers.embedding(tokens, p["token.weight"]))
    return what + tap("position", layers.embedding(jnp.arange(tokens.shape[1]), p["position.weight"]))


def _fed_forward(p: Any, name: str, x: Any) -> Any:
    h = tap(f"{name}.gelu", jax.nn.gelu(_linear(p, f"{name}.fc1", x), approximate=False))
    return _linear(p, f"{name}.fc2", h)


def _dropped(name: str, x: Any, masks: Any, index: int, rate: float) -> Any:
    return tap(name, x if masks is None else x * masks[:, index] / (1 - rate))


def _linear(p: Any, name: str, x: Any) -> Any:
    return tap(name, linear(p, name, x))


def _norm(p: Any, name: str, x: Any) -> Any:
    return tap(name, layers.layer_norm(x, p[f"{name}.weight"], p[f"{name}.bias"]))
