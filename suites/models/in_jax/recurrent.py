"""Recurrent networks: of sequences of vectors, batch first, and of texts, time first inside."""

from typing import Any

import jax.numpy as jnp

from pytest_dualfw import tap

from ...in_jax import layers, recurrent
from .layers import linear

NETS: dict[str, Any] = {"rnn": recurrent.rnn, "lstm": recurrent.lstm, "gru": recurrent.gru}
WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def unrolled(p: Any, name: str, x: Any, *, net: str, start: Any = (), batch_first: bool = False) -> Any:
    """All layers under ``name``: x and hs as torch's modules take and return them. ``start`` is for a single layer."""
    hs, finals = jnp.swapaxes(x, 0, 1) if batch_first else x, []
    for layer in range(sum(key.startswith(f"{name}.weight_ih_l") for key in p)):
        weights = [p[f"{name}.{kind}_l{layer}"] for kind in WEIGHTS]
        zeros = jnp.zeros((hs.shape[1], weights[1].shape[1]), hs.dtype)
        hs, *final = NETS[net](hs, *(start or (zeros,) * (2 if net == "lstm" else 1)), *weights)
        finals.append(final)
    hs = jnp.swapaxes(hs, 0, 1) if batch_first else hs
    return tap(name, (hs, *(jnp.stack(lasts) for lasts in zip(*finals, strict=True))))[0]


def sequence(p: Any, x: Any, *, net: str, every_step: bool = False) -> Any:
    h = tap("project", linear(p, "project", x))
    hs = unrolled(p, "recurrent", h, net=net, batch_first=True)
    return tap("head", linear(p, "head", hs if every_step else hs[:, -1]))


def text(p: Any, tokens: Any, lengths: Any) -> Any:
    e = tap("embedding", layers.embedding(tokens, p["embedding.weight"]))
    hs = unrolled(p, "recurrent", jnp.swapaxes(e, 0, 1), net="rnn")
    return tap("head", linear(p, "head", hs[lengths - 1, jnp.arange(len(tokens))]))
