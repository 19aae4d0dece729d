"""The models as functions of a dict of parameters, channels last, and the files that safetensors writes for JAX."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from ..models import HIDDEN

NHWC = ("NHWC", "HWIO", "NHWC")
EPS = 1e-5

Params = Mapping[str, Any]


def cnn(p: Params, x: Any) -> Any:
    x = x.transpose(0, 2, 3, 1)
    x = lax.conv_general_dilated(x, p["conv/kernel"], (1, 1), "SAME", dimension_numbers=NHWC) + p["conv/bias"]
    up = lax.conv_transpose(jax.nn.relu(x), p["up/kernel"], (2, 2), "VALID", dimension_numbers=NHWC) + p["up/bias"]
    return jax.nn.relu(up).reshape(len(x), -1) @ p["fc/kernel"] + p["fc/bias"]


def lstm(p: Params, x: Any) -> Any:
    def step(state: tuple[Any, Any], x: Any) -> tuple[tuple[Any, Any], None]:
        h, c = state
        i, g, f, o = jnp.split(x @ p["input/w"] + p["input/b"] + h @ p["state/w"] + p["state/b"], 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    zeros = jnp.zeros((len(x), HIDDEN), x.dtype)
    return lax.scan(step, (zeros, zeros), x.swapaxes(0, 1))[0][0]


def attention(p: Params, x: Any) -> Any:
    kernels = (p[f"{part}/kernel"] for part in ("query", "key", "value"))
    q, k, v = (jnp.einsum("nte,ehd->nthd", x, w) + b for w, b in zip(kernels, p["qkv/bias"], strict=True))
    scores = jnp.einsum("nqhd,nkhd->nhqk", q, k) / q.shape[-1] ** 0.5
    heads = jnp.einsum("nhqk,nkhd->nqhd", jax.nn.softmax(scores), v)
    y = x + jnp.einsum("nqhd,hde->nqe", heads, p["out/kernel"]) + p["out/bias"]
    centred = y - y.mean(-1, keepdims=True)
    scale = lax.rsqrt((centred * centred).mean(-1, keepdims=True) + EPS)
    return centred * scale * p["norm/scale"] + p["norm/bias"]


FUNCTIONS = {"cnn": cnn, "lstm": lstm, "attention": attention}


def save_safetensors(path: Path, params: Params) -> None:
    from safetensors.flax import save_file

    save_file(dict(params), path)


def loaded_safetensors(path: Path) -> dict[str, Any]:
    from safetensors.flax import load_file

    return dict(load_file(path))
