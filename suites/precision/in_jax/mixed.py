"""Mixed precision as JAX is written: every layer casts. Products read a narrow dtype, accumulate in float32 and store
the narrow dtype; normalisations, softmax, the state of a recurrent cell and the loss are computed in float32.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from pytest_dualfw import tap

from ...in_jax import layers

Params = Any


def model(spec: Any, fw: Any, low: str) -> Callable[..., Any]:
    return partial(MODELS[spec.name], Policy(jnp.dtype(low)), **spec.options)


def loss(spec: Any, fw: Any, low: str, target: Any) -> Callable[..., Any]:
    wide = spec.loss_in_framework(fw, target)
    return lambda y: wide(y.astype(jnp.float32))


@dataclass(frozen=True)
class Policy:
    """What the layers of a model compute in."""

    low: Any

    def matmul(self, x: Any, w: Any) -> Any:
        """x w of the narrow dtype with sums in float32; the result is float32, for others to add to."""
        return jnp.matmul(x.astype(self.low), w.astype(self.low), preferred_element_type=jnp.float32)

    def linear(self, p: Params, name: str, x: Any) -> Any:
        y = self.matmul(x, p[f"{name}.weight"].T) + p[f"{name}.bias"].astype(self.low)
        return tap(name, y.astype(self.low))

    def conv2d(self, p: Params, name: str, x: Any) -> Any:
        """Factors are widened once they are rounded: with a wider result a convolution has no gradient in JAX."""
        x, w, b = (a.astype(self.low).astype(jnp.float32) for a in (x, p[f"{name}.weight"], p[f"{name}.bias"]))
        return tap(name, layers.conv2d(x, w, b).astype(self.low))

    def norm(self, p: Params, name: str, x: Any) -> Any:
        return tap(name, layers.layer_norm(x.astype(jnp.float32), p[f"{name}.weight"], p[f"{name}.bias"]))


def mlp(policy: Policy, p: Params, x: Any) -> Any:
    h = tap("relu1", jax.nn.relu(policy.linear(p, "fc1", x)))
    h = tap("relu2", jax.nn.relu(policy.linear(p, "fc2", h)))
    return policy.linear(p, "fc3", h)


def cnn(policy: Policy, p: Params, x: Any, *, side: int) -> Any:
    h = tap("relu", jax.nn.relu(policy.conv2d(p, "conv", x)))
    h = tap("pool", layers.max_pool2d(h, window=(2, 2)))
    return policy.linear(p, "fc", h.reshape(len(h), -1))


def sequence(policy: Policy, p: Params, x: Any, *, net: str) -> Any:
    """An affine map, two layers of LSTM, of which the head reads the last state."""
    hs, finals = jnp.swapaxes(policy.linear(p, "project", x), 0, 1), []
    for layer in range(2):
        hs, final = _lstm(policy, hs, *(p[f"recurrent.{kind}_l{layer}"] for kind in WEIGHTS))
        finals.append(final)
    out = tap("recurrent", (jnp.swapaxes(hs, 0, 1), *(jnp.stack(lasts) for lasts in zip(*finals, strict=True))))
    return policy.linear(p, "head", out[0][:, -1])


WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _lstm(policy: Policy, xs: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> Any:
    def cell(state: Any, x: Any) -> Any:
        h, c = state
        z = policy.matmul(x, w_ih.T) + policy.matmul(h, w_hh.T) + b_ih + b_hh
        i, f, g, o = jnp.split(z, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    zeros = jnp.zeros((xs.shape[1], w_hh.shape[1]), jnp.float32)
    final, hs = lax.scan(cell, (zeros, zeros), xs)
    return hs, final


def language(policy: Policy, p: Params, tokens: Any, *, heads: int, tied: bool) -> Any:
    """Two causal blocks, whose head is the table of tokens (``tied``); the residual stream is float32."""
    what = tap("token", layers.embedding(tokens, p["token.weight"]))
    h = tap("dropout", what + tap("position", layers.embedding(jnp.arange(tokens.shape[1]), p["position.weight"])))
    for name in ("block1", "block2"):
        h = _causal_block(policy, p, name, h, heads)
    h = policy.norm(p, "norm", h)
    logits = tap("head", policy.matmul(h, p["token.weight"].T).astype(policy.low))
    return logits.reshape(-1, logits.shape[-1])


def _causal_block(policy: Policy, p: Params, name: str, x: Any, heads: int) -> Any:
    h = policy.norm(p, f"{name}.norm1", x)
    qkv = [policy.linear(p, f"{name}.attention.{part}", h) for part in ("query", "key", "value")]
    y = tap(f"{name}.attention.mix", _mixed(policy, qkv, heads))
    y = tap(f"{name}.attention", policy.linear(p, f"{name}.attention.out", y))
    x = x + tap(f"{name}.dropout1", y)
    h = policy.linear(p, f"{name}.fc1", policy.norm(p, f"{name}.norm2", x))
    y = policy.linear(p, f"{name}.fc2", tap(f"{name}.gelu", jax.nn.gelu(h, approximate=False)))
    return tap(name, x + tap(f"{name}.dropout2", y))


def _mixed(policy: Policy, qkv: Any, heads: int) -> Any:
    """Attention of every head, its softmax in float32."""
    q, k, v = (x.reshape(*x.shape[:2], heads, -1).swapaxes(1, 2) for x in qkv)
    scores = policy.matmul(q, k.swapaxes(2, 3)) / q.shape[-1] ** 0.5
    weights = jax.nn.softmax(jnp.where(jnp.tri(q.shape[2], dtype=bool), scores, -jnp.inf))
    return policy.matmul(weights, v).astype(policy.low).swapaxes(1, 2).reshape(qkv[0].shape)


MODELS: dict[str, Callable[..., Any]] = {"mlp": mlp, "cnn": cnn, "sequence": sequence, "language": language}
