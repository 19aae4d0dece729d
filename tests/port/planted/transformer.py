"""A causal transformer block of pre-norm, written out in both frameworks."""

import math

import jax
import jax.numpy as jnp
import torch
from torch import nn

from ..table import Model, Slip

D, H, T, WORDS = 8, 2, 5, 11


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(D, 3 * D)
        self.out = nn.Linear(D, D)

    def forward(self, x):
        n, t, _ = x.shape
        q, k, v = (a.view(n, t, H, D // H).transpose(1, 2) for a in self.qkv(x).chunk(3, -1))
        scores = q @ k.transpose(-2, -1) / math.sqrt(D // H)
        scores = scores.masked_fill(~torch.ones(t, t, dtype=torch.bool).tril(), -math.inf)
        return self.out((torch.softmax(scores, -1) @ v).transpose(1, 2).reshape(n, t, D))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(WORDS, D)
        self.norm1, self.norm2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.attention = Attention()
        self.up, self.down = nn.Linear(D, 2 * D), nn.Linear(2 * D, D)

    def forward(self, tokens):
        x = self.words(tokens)
        x = x + self.attention(self.norm1(x))
        return x + self.down(torch.relu(self.up(self.norm2(x))))


def module():
    torch.manual_seed(3)
    return Block()


def norm(x, p):
    x = x - x.mean(-1, keepdims=True)
    return x / jnp.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * p["scale"] + p["shift"]


def dense(x, p):
    return x @ p["w"].T + p["b"]


def attention(x, p, scaled, axis, mask, split, packed, heads):
    n, t, _ = x.shape
    parts = jnp.split(dense(x, p["qkv"]), 3, -1)
    if split == "entries first":
        q, k, v = (parts[i].reshape(n, t, D // H, H).transpose(0, 3, 1, 2) for i in packed)
    else:
        q, k, v = (parts[i].reshape(n, t, heads, D // heads).transpose(0, 2, 1, 3) for i in packed)
    scores = jnp.einsum("nhqd,nhkd->nhqk", q / math.sqrt(D // heads) if scaled else q, k)
    if mask is not None:
        seen = jnp.tril(jnp.ones((t, t), bool), mask)
        scores = jnp.where(seen, scores, -1e30)
    mixed = jnp.einsum("nhqk,nhkd->nqhd", jax.nn.softmax(scores, axis), v)
    return dense(mixed.reshape(n, t, D), p["out"])


def port(
    scaled=True,
    axis=-1,
    mask=0,
    split="",
    packed=(0, 1, 2),
    order="pre",
    residual="x",
    times=1.0,
    act=jax.nn.relu,
    heads=H,
):
    def mix(p, x):
        return attention(x, p["attention"], scaled, axis, mask, split, packed, heads)

    def feed(p, x):
        return dense(act(dense(x, p["up"])), p["down"])

    def fn(p, tokens):
        x = p["words"][tokens] * times
        if order == "post":
            x = norm(x + mix(p, x), p["norm1"])
        else:
            h = norm(x, p["norm1"])
            x = (h if residual == "normed" else x) + mix(p, h)
        fed = feed(p, norm(x, p["norm2"]))
        return fed if residual == "left out" else x + fed

    return fn


MAP = {
    f"{n}.{a}": f"{n.replace('.', '/')}/{b}"
    for n in ("up", "down", "attention.qkv", "attention.out")
    for a, b in (("weight", "w"), ("bias", "b"))
}
MAP |= {f"{n}.{a}": f"{n}/{b}" for n in ("norm1", "norm2") for a, b in (("weight", "scale"), ("bias", "shift"))}
MAP |= {"words.weight": "words"}

TRANSFORMER = Model("transformer", module, port, lambda rng: (rng.integers(WORDS, size=(2, T)),), MAP)

SLIPS = (
    Slip("scale left out", TRANSFORMER, {"scaled": False}, "attention", "the scale 2 left out"),
    Slip("softmax over queries", TRANSFORMER, {"axis": -2}, "attention", "over axis 2 instead of 3"),
    Slip("causal mask left out", TRANSFORMER, {"mask": None}, "attention", "the mask left out"),
    Slip("causal mask sees the next key", TRANSFORMER, {"mask": 1}, "attention", "sees the next key"),
    Slip("heads split the other way", TRANSFORMER, {"split": "entries first"}, "attention", "in the other order"),
    Slip("key, query, value", TRANSFORMER, {"packed": (1, 0, 2)}, "attention", "parts taken in the order (1, 0, 2)"),
    Slip("number of heads", TRANSFORMER, {"heads": 4}, "attention", "4 heads of 2 entries instead of 2 of 4"),
    Slip("post-norm", TRANSFORMER, {"order": "post"}, "norm1", "after the residual is added"),
    Slip("residual after the norm", TRANSFORMER, {"residual": "normed"}, "", "takes the result of norm1"),
    Slip("residual left out", TRANSFORMER, {"residual": "left out"}, "", "add left out, only operand 2 kept"),
    Slip("embedding times sqrt(d)", TRANSFORMER, {"times": math.sqrt(D)}, "words", "multiplied by sqrt(d)"),
    Slip("silu for relu", TRANSFORMER, {"act": jax.nn.silu}, "", "silu instead of relu"),
)
