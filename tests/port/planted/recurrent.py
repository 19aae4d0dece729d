"""A recurrent layer scanned in JAX, with a read-out of its last state."""

import jax
import jax.numpy as jnp
import torch
from torch import nn

from ..table import Model, Slip
from ..whole import BOTH_WAYS_TREE, BothWays, both_ways

H = 4


class Recurrent(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.rnn = cell(3, H, batch_first=True)
        self.head = nn.Linear(H, 2)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


def module(cell):
    torch.manual_seed(4)
    return Recurrent(cell)


def scanned(step, x, start, backward=False):
    _, ys = jax.lax.scan(step, start, x.transpose(1, 0, 2), reverse=backward)
    return ys.transpose(1, 0, 2)


def lstm(gates="ifgo", recurrent_bias=True, forget=0.0, backward=False, last=-1):
    def fn(p, x):
        def step(carry, x):
            h, c = carry
            z = x @ p["wx"].T + h @ p["wh"].T + p["bx"] + recurrent_bias * p["bh"]
            part = dict(zip(gates, jnp.split(z, 4, -1), strict=True))
            c = jax.nn.sigmoid(part["f"] + forget) * c + jax.nn.sigmoid(part["i"]) * jnp.tanh(part["g"])
            h = jax.nn.sigmoid(part["o"]) * jnp.tanh(c)
            return (h, c), h

        zero = jnp.zeros((len(x), H), x.dtype)
        ys = scanned(step, x, (zero, zero), backward)
        return ys[:, last] @ p["w"].T + p["b"]

    return fn


def gru(reset="after", gates="rzn"):
    def fn(p, x):
        u = p["wh"][2 * H :]

        def step(h, x):
            xs = dict(zip(gates, jnp.split(x @ p["wx"].T + p["bx"], 3, -1), strict=True))
            hs = dict(zip(gates, jnp.split(h @ p["wh"].T + p["bh"], 3, -1), strict=True))
            r, z = jax.nn.sigmoid(xs["r"] + hs["r"]), jax.nn.sigmoid(xs["z"] + hs["z"])
            inner = r * hs["n"] if reset == "after" else (r * h) @ u.T + p["bh"][2 * H :]
            h = (1 - z) * jnp.tanh(xs["n"] + inner) + z * h
            return h, h

        return scanned(step, x, jnp.zeros((len(x), H), x.dtype))[:, -1] @ p["w"].T + p["b"]

    return fn


MAP = {"rnn.weight_ih_l0": "wx", "rnn.weight_hh_l0": "wh", "rnn.bias_ih_l0": "bx", "rnn.bias_hh_l0": "bh"}
MAP |= {"head.weight": "w", "head.bias": "b"}


def inputs(rng):
    return (rng.normal(size=(2, 5, 3)),)


BOTH_OPTIONS = {"options": {"template": BOTH_WAYS_TREE}}

LSTM = Model("LSTM", lambda: module(nn.LSTM), lstm, inputs, MAP)
GRU = Model("GRU", lambda: module(nn.GRU), gru, inputs, MAP)
BOTH = Model("GRU both ways", BothWays, both_ways, lambda rng: (rng.normal(size=(3, 4, 5)),), **BOTH_OPTIONS)

SLIPS = (
    Slip("second direction forward", BOTH, {"turned": False, "turned_back": False}, "rnn", "run forward too"),
    Slip("second direction not turned back", BOTH, {"turned_back": False}, "rnn", "not turned back"),
    Slip("update gate on the other side", BOTH, {"flipped": True}, "rnn", "h = z n + (1 - z) h"),
    Slip("gates i, g, f, o", LSTM, {"gates": "igfo"}, "rnn", "gates in the order i,g,f,o"),
    Slip("recurrent bias left out", LSTM, {"recurrent_bias": False}, "rnn", "the recurrent bias left out"),
    Slip("1 added to the forget gate", LSTM, {"forget": 1.0}, "rnn", "1 added to the forget gate"),
    Slip("time run backward", LSTM, {"backward": True}, "rnn", "time run backward"),
    Slip("first state read out", LSTM, {"last": 0}, "", "the first entry of axis 1"),
    Slip("reset gate before the weight", GRU, {"reset": "before"}, "rnn", "before the recurrent weight"),
    Slip("gates z, r, n", GRU, {"gates": "zrn"}, "rnn", "gates in the order z,r,n"),
)
