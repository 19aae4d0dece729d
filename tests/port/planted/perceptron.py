"""A perceptron of six layers, with dropout in eval mode, and its loss."""

import jax
import jax.numpy as jnp
import torch
from torch import nn

from ..table import Model, Slip

N = 6


class Perceptron(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, N)
        self.norm = nn.LayerNorm(N)
        self.middle = nn.Linear(N, N)
        self.drop = nn.Dropout(0.2)
        self.leaky = nn.LeakyReLU(0.2)
        self.last = nn.Linear(N, 3)

    def forward(self, x):
        h = nn.functional.gelu(self.norm(self.first(x)))
        return self.last(self.leaky(self.drop(self.middle(h))))


def module():
    torch.manual_seed(1)
    return Perceptron().eval()


def normal(x, p, eps, place, ddof):
    centred = x - x.mean(-1, keepdims=True)
    var = x.var(-1, keepdims=True, ddof=ddof)
    root = jnp.sqrt(var) + eps if place == "outside" else jnp.sqrt(var + eps)
    return centred / root * p["scale"] + p["shift"]


def port(
    eps=1e-5, place="inside", ddof=0, approximate=False, turned=False, bias=1.0, kept=1.0, slope=0.2, dtype=None, cut=""
):
    def fn(p, x):
        h = normal(x @ p["first"]["w"].T + bias * p["first"]["b"], p["norm"], eps, place, ddof)
        h = jax.nn.gelu(h, approximate=approximate)
        w = p["middle"]["w"]
        w = jax.lax.stop_gradient(w) if cut == "weight" else w
        if dtype:
            h = (h.astype(dtype) @ w.T.astype(dtype)).astype(x.dtype) + p["middle"]["b"]
        else:
            h = h @ (w if turned else w.T) + p["middle"]["b"]
        h = jax.lax.stop_gradient(h) if cut == "branch" else h
        h = jax.nn.leaky_relu(h * kept, slope)
        return h @ p["last"]["w"].T + p["last"]["b"]

    return fn


MAP = {f"{n}.{a}": f"{n}/{b}" for n in ("first", "middle", "last") for a, b in (("weight", "w"), ("bias", "b"))}
MAP |= {"norm.weight": "norm/scale", "norm.bias": "norm/shift"}

PERCEPTRON = Model("perceptron", module, port, lambda rng: (rng.normal(size=(5, 4)),), MAP)


def loss(name):
    """Cross entropy on both sides, with a slip in JAX's."""

    def in_jax(out):
        targets = jax.nn.one_hot(jnp.arange(5) % 3, 3)
        logits = jax.nn.softmax(out) if name == "softmax twice" else out
        if name == "smoothed":
            targets = 0.9 * targets + 0.1 / 3
        rows = -(targets * jax.nn.log_softmax(logits)).sum(-1)
        return rows.sum() if name == "sum" else rows.mean()

    return {"torch": lambda out: nn.functional.cross_entropy(out, torch.arange(5) % 3), "jax": in_jax}


SLIPS = (
    Slip("weight transposed", PERCEPTRON, {"turned": True}, "middle", "the weight transposed"),
    Slip("bias left out", PERCEPTRON, {"bias": 0.0}, "first", "the bias left out"),
    Slip("bias added twice", PERCEPTRON, {"bias": 2.0}, "first", "the bias added twice"),
    Slip("epsilon of layer norm", PERCEPTRON, {"eps": 1e-6}, "norm", "epsilon 1e-06 instead of 1e-05"),
    Slip("epsilon outside the root", PERCEPTRON, {"place": "outside"}, "norm", "epsilon added outside the root"),
    Slip("unbiased variance", PERCEPTRON, {"ddof": 1}, "norm", "the unbiased variance"),
    Slip("tanh gelu", PERCEPTRON, {"approximate": True}, "", "tanh approximation"),
    Slip("dropout scaled in eval mode", PERCEPTRON, {"kept": 0.8}, "drop", "scaled by 1 - p"),
    Slip("slope of leaky relu", PERCEPTRON, {"slope": 0.01}, "leaky", "negative slope 0.01"),
    Slip("product in bfloat16", PERCEPTRON, {"dtype": "bfloat16"}, "middle", "computed in bfloat16"),
    Slip("detached branch", PERCEPTRON, {"cut": "branch"}, "middle", "stop_gradient"),
    Slip("detached weight", PERCEPTRON, {"cut": "weight"}, "middle", "no gradient into operand 2 of linear"),
    Slip("loss summed", PERCEPTRON, {}, "loss", "a sum instead of a mean", {"loss": loss("sum")}),
    Slip("softmax before cross entropy", PERCEPTRON, {}, "loss", "a softmax before", {"loss": loss("softmax twice")}),
    Slip("label smoothing", PERCEPTRON, {}, "loss", "label smoothing 0.1", {"loss": loss("smoothed")}),
)

TWINS = (Slip("cross entropy", PERCEPTRON, {}, "", "", {"loss": loss("")}),)
