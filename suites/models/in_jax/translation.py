"""Sequence to sequence with attention by dot products."""

from typing import Any

import jax
import jax.numpy as jnp

from pytest_dualfw import tap

from ...in_jax import layers
from .layers import linear
from .recurrent import unrolled


def translation(p: Any, source: Any, lengths: Any, before: Any) -> Any:
    hs = _states(p, "encoder", source)
    last = hs[jnp.arange(len(source)), lengths - 1]
    ds = _states(p, "decoder", before, last)
    real = jnp.arange(source.shape[1]) < lengths[:, None]
    scores = jnp.where(real[:, None], jnp.einsum("nth,nsh->nts", ds, hs), -jnp.inf)
    context = tap("attention", jax.nn.softmax(scores) @ hs)
    h = tap("combine", linear(p, "combine", jnp.concatenate([context, ds], 2)))
    y = tap("head", linear(p, "head", tap("tanh", jnp.tanh(h))))
    return y.reshape(-1, y.shape[-1])


def _states(p: Any, name: str, words: Any, *start: Any) -> Any:
    e = tap(f"{name}_embedding", layers.embedding(words, p[f"{name}_embedding.weight"]))
    return unrolled(p, name, e, net="gru", start=start, batch_first=True)
