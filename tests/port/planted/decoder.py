"""A decoder in the way of today's language models: RMS norms and rotary embeddings written out, gated, shared keys."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import torch
from torch import nn

from ..table import Model, Slip

D, H, KV, WORDS, INNER, T = 16, 4, 2, 13, 24, 6
ENTRIES = D // H


class RMSNorm(nn.Module):
    def __init__(self, eps=1e-6):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(D)), eps

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def angles(t):
    waves = 1 / (10000 ** (torch.arange(0, ENTRIES, 2, dtype=torch.float64) / ENTRIES))
    return torch.outer(torch.arange(t, dtype=torch.float64), waves)


def halves_turned(x, a):
    """Entry i with entry i + d/2."""
    a = torch.cat([a, a], -1)
    turned = torch.cat([-x[..., ENTRIES // 2 :], x[..., : ENTRIES // 2]], -1)
    return x * a.cos() + turned * a.sin()


def neighbours_turned(x, a):
    """Entry 2i with entry 2i + 1."""
    a = a.repeat_interleave(2, -1)
    turned = torch.stack([-x[..., 1::2], x[..., ::2]], -1).flatten(-2)
    return x * a.cos() + turned * a.sin()


def complex_turned(x, a):
    """The same, neighbours being one complex number."""
    x = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(x * torch.polar(torch.ones_like(a), a)).flatten(-2)


class Attention(nn.Module):
    def __init__(self, turned):
        super().__init__()
        self.turned = turned
        self.q_proj, self.o_proj = nn.Linear(D, D, bias=False), nn.Linear(D, D, bias=False)
        self.k_proj, self.v_proj = (nn.Linear(D, KV * ENTRIES, bias=False) for _ in range(2))

    def forward(self, x):
        n, t, _ = x.shape
        q, k, v = (p(x).view(n, t, -1, ENTRIES).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj))
        q, k = self.turned(q, angles(t)), self.turned(k, angles(t))
        k, v = (y.repeat_interleave(H // KV, 1) for y in (k, v))
        y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).reshape(n, t, D))


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate_proj, self.up_proj = nn.Linear(D, INNER, bias=False), nn.Linear(D, INNER, bias=False)
        self.down_proj = nn.Linear(INNER, D, bias=False)

    def forward(self, x):
        return self.down_proj(nn.functional.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    def __init__(self, turned):
        super().__init__()
        self.input_layernorm, self.post_attention_layernorm = RMSNorm(), RMSNorm()
        self.self_attn, self.mlp = Attention(turned), Gated()

    def forward(self, x):
        x = x + self.self_attn(self.input_layernorm(x))
        return x + self.mlp(self.post_attention_layernorm(x))


class Decoder(nn.Module):
    def __init__(self, turned):
        super().__init__()
        self.embed_tokens = nn.Embedding(WORDS, D)
        self.layers = nn.ModuleList([Block(turned) for _ in range(2)])
        self.norm, self.lm_head = RMSNorm(), nn.Linear(D, WORDS, bias=False)

    def forward(self, tokens):
        x = self.embed_tokens(tokens)
        for layer in self.layers:
            x = layer(x)
        return self.lm_head(self.norm(x))


def module(turned=halves_turned):
    torch.manual_seed(3)
    return Decoder(turned)


def norm(x, w, eps, added):
    return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + eps) * (w + added)


def turned(x, order, base):
    a = jnp.outer(jnp.arange(x.shape[1]), 1 / base ** (jnp.arange(0, ENTRIES, 2) / ENTRIES))[None, :, None]
    cos, sin = jnp.cos(a), jnp.sin(a)
    one, other = jnp.split(x, 2, -1) if order == "halves" else (x[..., ::2], x[..., 1::2])
    parts = one * cos - other * sin, other * cos + one * sin
    return jnp.concatenate(parts, -1) if order == "halves" else jnp.stack(parts, -1).reshape(x.shape)


def attention(b, x, order, base, shared):
    n, t, _ = x.shape
    q, k, v = ((x @ b[w]).reshape(n, t, -1, ENTRIES) for w in ("wq", "wk", "wv"))
    q, k = turned(q, order, base), turned(k, order, base)
    k, v = (jnp.repeat(y, H // KV, 2) if shared == "repeated" else jnp.tile(y, (1, 1, H // KV, 1)) for y in (k, v))
    scores = jnp.einsum("nqhd,nkhd->nhqk", q, k) / math.sqrt(ENTRIES)
    scores = jnp.where(jnp.tril(jnp.ones((t, t), bool)), scores, -1e30)
    return jnp.einsum("nhqk,nkhd->nqhd", jax.nn.softmax(scores), v).reshape(n, t, D) @ b["wo"]


def port(order="halves", base=10000.0, shared="repeated", eps=1e-6, added=0.0, gates=("wg", "wu"), act=jax.nn.silu):
    def fn(p, tokens):
        x = p["words"][tokens]
        for i in range(2):
            b = p[f"layer_{i}"]
            x = x + attention(b, norm(x, b["ln1"], eps, added), order, base, shared)
            gate, up = (norm(x, b["ln2"], eps, added) @ b[w] for w in gates)
            x = x + (act(gate) * up) @ b["wd"]
        return norm(x, p["norm"], eps, added) @ p["head"]

    return fn


def neighbours_port(order="neighbours", **slips):
    return port(order, **slips)


SHAPES = {"ln1": (D,), "ln2": (D,), "wq": (D, D), "wo": (D, D), "wk": (D, KV * ENTRIES), "wv": (D, KV * ENTRIES)}
SHAPES |= {"wg": (D, INNER), "wu": (D, INNER), "wd": (INNER, D)}
TREE = {f"layer_{i}": {name: np.zeros(shape) for name, shape in SHAPES.items()} for i in range(2)}
TREE |= {"words": np.zeros((WORDS, D)), "norm": np.zeros(D), "head": np.zeros((D, WORDS))}

# No map: names as short as these are paired too, and square weights lie as the others do.
HELD = {"options": {"template": TREE}}


def tokens(rng):
    return (rng.integers(WORDS, size=(3, T)),)


DECODER = Model("decoder", module, port, tokens, **HELD)
NEIGHBOURS = Model("decoder, neighbours turned", lambda: module(neighbours_turned), neighbours_port, tokens, **HELD)
COMPLEX = Model("decoder, complex numbers", lambda: module(complex_turned), neighbours_port, tokens, **HELD)

ATTENTION, GATED = "layers.0.self_attn", "layers.0.mlp"

SLIPS = (
    Slip("neighbours turned", DECODER, {"order": "neighbours"}, ATTENTION, "neighbours turned together instead of"),
    Slip("halves turned", NEIGHBOURS, {"order": "halves"}, ATTENTION, "halves turned together instead of"),
    Slip("halves for complex numbers", COMPLEX, {"order": "halves"}, ATTENTION, "halves turned together instead of"),
    Slip("base of the angles", DECODER, {"base": 5e5}, ATTENTION, "base 500000 instead of 10000"),
    Slip("shared keys tiled", DECODER, {"shared": "tiled"}, ATTENTION, "a b a b instead of a a b b"),
    Slip("epsilon written out", DECODER, {"eps": 1e-5}, "layers.0.input_layernorm", "1e-05 instead of 1e-06"),
    Slip("one plus the scale", DECODER, {"added": 1.0}, "layers.0.input_layernorm", "the scale as 1 + weight"),
    Slip(
        "gate and up exchanged",
        DECODER,
        {"gates": ("wu", "wg")},
        f"{GATED}.gate_proj",
        "with each other's weights, in all 2",
    ),
    Slip("gelu for silu", DECODER, {"act": jax.nn.gelu}, GATED, "gelu, tanh approximation instead of silu"),
)
