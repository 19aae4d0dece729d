"""A convolutional net in NHWC on the JAX side, in train and in eval mode."""

import jax
import jax.numpy as jnp
import torch
from torch import nn

from ..table import Model, Slip


class Convolution(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 4, 3, stride=2, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
        self.gn = nn.GroupNorm(2, 4)
        self.pool = nn.AvgPool2d(2)
        self.head = nn.Linear(4 * 2 * 2, 3)

    def forward(self, x):
        h = torch.relu(self.bn(self.conv1(x)))
        h = self.pool(torch.relu(self.gn(self.conv2(h))))
        return self.head(torch.flatten(h, 1))


def module(train):
    torch.manual_seed(2)
    net = Convolution()
    net.bn.running_mean.uniform_(-0.3, 0.3)
    net.bn.running_var.uniform_(0.5, 1.5)
    return net.train(train)


def conv(x, p, stride, padding):
    axes = ("NHWC", "HWIO", "NHWC")
    return jax.lax.conv_general_dilated(x, p["kernel"], (stride, stride), padding, dimension_numbers=axes) + p["bias"]


def normal(x, mean, var, p, eps=1e-5):
    return (x - mean) * jax.lax.rsqrt(var + eps) * p["scale"] + p["bias"]


def groups(x, p, count):
    n, h, w, c = x.shape
    g = x.reshape(n, h, w, count, c // count)
    mean, var = g.mean((1, 2, 4), keepdims=True), g.var((1, 2, 4), keepdims=True)
    return ((g - mean) / jnp.sqrt(var + 1e-5)).reshape(x.shape) * p["scale"] + p["bias"]


def port(
    train=True,
    own=None,
    padding=1,
    flipped=False,
    nhwc=False,
    momentum=0.1,
    count=2,
    maximum=False,
    cut=False,
    biased=False,
):
    own = train if own is None else own

    def fn(p, x):
        x = x.transpose(0, 2, 3, 1)
        kernel = p["conv1"]["kernel"][::-1, ::-1] if flipped else p["conv1"]["kernel"]
        around = padding if isinstance(padding, str) else ((padding, padding),) * 2
        h = conv(x, {**p["conv1"], "kernel": kernel}, 2, around)
        mean, var = (h.mean((0, 1, 2)), h.var((0, 1, 2))) if own else (p["bn"]["mean"], p["bn"]["var"])
        if cut:
            mean, var = jax.lax.stop_gradient((mean, var))
        n = h.size // h.shape[-1]
        kept = var if biased else var * n / (n - 1)
        state = {k: (1 - momentum) * p["bn"][k] + momentum * v for k, v in (("mean", mean), ("var", kept))}
        h = jax.nn.relu(normal(h, mean, var, p["bn"]))
        h = jax.nn.relu(groups(conv(h, p["conv2"], 1, ((1, 1), (1, 1))), p["gn"], count))
        n, a, b, c = h.shape
        windows = h.reshape(n, a // 2, 2, b // 2, 2, c)
        h = windows.max((2, 4)) if maximum else windows.mean((2, 4))
        h = h if nhwc else h.transpose(0, 3, 1, 2)
        out = h.reshape(n, -1) @ p["head"]["kernel"] + p["head"]["bias"]
        return (out, {"bn": state}) if train else out

    return fn


MAP = {f"{n}.weight": (f"{n}/kernel", "OIHW <-> HWIO") for n in ("conv1", "conv2")}
MAP |= {"head.weight": ("head/kernel", "transposed"), "bn.weight": "bn/scale", "gn.weight": "gn/scale"}
MAP |= {f"{n}.bias": f"{n}/bias" for n in ("conv1", "conv2", "head", "bn", "gn")}
MAP |= {"bn.running_mean": "bn/mean", "bn.running_var": "bn/var"}


def inputs(rng):
    return (rng.normal(size=(3, 2, 8, 8)),)


TRAIN = Model("convolution in train mode", lambda: module(True), port, inputs, MAP)
EVAL = Model("convolution in eval mode", lambda: module(False), lambda **s: port(train=False, **s), inputs, MAP)

SLIPS = (
    Slip("padding SAME at stride 2", EVAL, {"padding": "SAME"}, "conv1", "padding SAME"),
    Slip("kernel flipped", EVAL, {"flipped": True}, "conv1", "the kernel flipped"),
    Slip("flattened in NHWC", EVAL, {"nhwc": True}, "head", "NHWC"),
    Slip("number of groups", EVAL, {"count": 4}, "gn", "4 groups instead of 2"),
    Slip("maximum for mean pooling", EVAL, {"maximum": True}, "pool", "the other pooling"),
    Slip("batch statistics in eval mode", EVAL, {"own": True}, "bn", "train mode"),
    Slip("running statistics in train mode", TRAIN, {"own": False}, "bn", "eval mode"),
    Slip("momentum of batch norm", TRAIN, {"momentum": 0.9}, "bn", "the share of the old value"),
    Slip("biased running variance", TRAIN, {"biased": True}, "bn", "the biased variance"),
    Slip("detached batch statistics", TRAIN, {"cut": True}, "bn", "no gradient through mean and variance"),
)
