"""Whole models as people port them: torch beside flax or plain JAX, all right, with no map of the parameters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flax.linen as fnn
import jax
import jax.numpy as jnp
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

Rng = np.random.Generator


@dataclass(frozen=True)
class Port:
    """``jax`` is a flax module, or a function beside its ``template``."""

    name: str
    torch: Callable[[], nn.Module]
    jax: Any
    inputs: Callable[[Rng], tuple[Any, ...]]
    template: Any = None
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    def sides(self, inputs: tuple[Any, ...]) -> tuple[Callable[..., Any], Any]:
        if self.template is not None:
            return self.jax, self.template
        return self.jax.apply, jax.eval_shape(lambda *xs: self.jax.init(jax.random.key(0), *xs), *inputs)


def normal(*shape):
    return lambda rng: (rng.normal(size=shape),)


def nhwc(x):
    return jnp.moveaxis(x, 1, -1)


def nchw(x):
    return jnp.moveaxis(x, -1, 1)


class EqualWidths(fnn.Module):
    """What the numbers in the names say is not what torch's sequence says: it numbers the ReLUs too."""

    @fnn.compact
    def __call__(self, x):
        for _ in range(2):
            x = fnn.relu(fnn.Dense(8)(x))
        return fnn.Dense(8)(x)


def equal_widths():
    return nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8))


class Nameless(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.three = (nn.Linear(8, 8, bias=False) for _ in range(3))

    def forward(self, x):
        return self.three(self.two(torch.tanh(self.one(x))))


def nameless(p, x):
    """Used in another order than that of the letters."""
    return jnp.tanh(x @ p["c"]) @ p["a"] @ p["b"]


class Registered(Nameless):
    """Used in another order than that in which they were made."""

    def forward(self, x):
        return self.one(self.three(torch.tanh(self.two(x))))


class VisionTransformer(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.patch = nn.Conv2d(3, d, 4, 4)
        self.cls, self.pos = nn.Parameter(torch.randn(1, 1, d)), nn.Parameter(torch.randn(1, 5, d))
        layer = nn.TransformerEncoderLayer(d, 2, 32, 0.0, "gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, 7)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(len(x), -1, -1), x], 1) + self.pos
        return self.head(self.norm(self.encoder(x))[:, 0])


class EncoderBlock(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        h = fnn.LayerNorm(epsilon=1e-5, name="norm1")(x)
        x = x + fnn.MultiHeadDotProductAttention(num_heads=2, name="attn")(h, h)
        h = fnn.Dense(32, name="linear1")(fnn.LayerNorm(epsilon=1e-5, name="norm2")(x))
        return x + fnn.Dense(16, name="linear2")(fnn.gelu(h, approximate=False))


class FlaxVisionTransformer(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        n = len(x)
        x = fnn.Conv(16, (4, 4), (4, 4), "VALID", name="patch")(nhwc(x)).reshape(n, -1, 16)
        cls = self.param("cls", fnn.initializers.normal(), (1, 1, 16))
        x = jnp.concatenate([jnp.broadcast_to(cls, (n, 1, 16)), x], 1)
        x = x + self.param("pos", fnn.initializers.normal(), (1, 5, 16))
        for i in range(2):
            x = EncoderBlock(name=f"layers_{i}")(x)
        return fnn.Dense(7, name="head")(fnn.LayerNorm(epsilon=1e-5, name="norm")(x)[:, 0])


class InvertedResidual(nn.Module):
    """A block of MobileNetV3: depthwise convolution, squeeze and excite, hard activations."""

    def __init__(self):
        super().__init__()
        self.expand, self.bn1 = nn.Conv2d(4, 8, 1, bias=False), nn.BatchNorm2d(8)
        self.depthwise, self.bn2 = nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False), nn.BatchNorm2d(8)
        self.project, self.bn3 = nn.Conv2d(8, 4, 1, bias=False), nn.BatchNorm2d(4)
        self.squeeze, self.excite = nn.Linear(8, 2), nn.Linear(2, 8)

    def forward(self, x):
        h = F.hardswish(self.bn2(self.depthwise(F.hardswish(self.bn1(self.expand(x))))))
        w = F.hardsigmoid(self.excite(F.relu(self.squeeze(h.mean((2, 3))))))
        return x + self.bn3(self.project(h * w[:, :, None, None]))


class FlaxInvertedResidual(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        def norm(name, y):
            return fnn.BatchNorm(use_running_average=True, epsilon=1e-5, name=name)(y)

        x = nhwc(x)
        h = fnn.hard_swish(norm("bn1", fnn.Conv(8, (1, 1), use_bias=False, name="expand")(x)))
        h = fnn.Conv(8, (3, 3), padding=1, feature_group_count=8, use_bias=False, name="depthwise")(h)
        h = fnn.hard_swish(norm("bn2", h))
        w = fnn.hard_sigmoid(fnn.Dense(8, name="excite")(fnn.relu(fnn.Dense(2, name="squeeze")(h.mean((1, 2))))))
        h = fnn.Conv(4, (1, 1), use_bias=False, name="project")(h * w[:, None, None])
        return nchw(x + norm("bn3", h))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1, self.down2 = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 8, 3, padding=1)
        self.norm, self.up = nn.GroupNorm(2, 8), nn.ConvTranspose2d(8, 4, 2, 2)
        self.last, self.out = nn.Conv2d(8, 4, 3, padding=1), nn.Conv2d(4, 1, 1)

    def forward(self, x):
        a = F.silu(self.down1(x))
        b = F.silu(self.norm(self.down2(F.max_pool2d(a, 2))))
        return self.out(F.silu(self.last(torch.cat([self.up(b), a], 1))))


class FlaxUNet(fnn.Module):
    @fnn.compact
    def __call__(self, x):
        def conv(name, n, y):
            return fnn.Conv(n, (3, 3), padding=1, name=name)(y)

        a = fnn.silu(conv("down1", 4, nhwc(x)))
        b = conv("down2", 8, fnn.max_pool(a, (2, 2), (2, 2)))
        b = fnn.silu(fnn.GroupNorm(2, epsilon=1e-5, name="norm")(b))
        b = fnn.ConvTranspose(4, (2, 2), (2, 2), "VALID", transpose_kernel=True, name="up")(b)
        h = fnn.silu(conv("last", 4, jnp.concatenate([b, a], -1)))
        return nchw(fnn.Conv(1, (1, 1), name="out")(h))


class Conv1D(nn.Module):
    """GPT-2's affine map, whose weight lies the other way round."""

    def __init__(self, made, given):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.randn(given, made) * 0.3), nn.Parameter(torch.zeros(made))

    def forward(self, x):
        return torch.addmm(self.bias, x.view(-1, x.size(-1)), self.weight).view(*x.shape[:-1], -1)


class GPT2Block(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.c_attn, self.c_proj = Conv1D(3 * d, d), Conv1D(d, d)
        self.c_fc, self.c_out = Conv1D(4 * d, d), Conv1D(d, 4 * d)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = (y.view(n, t, 4, d // 4).transpose(1, 2) for y in self.c_attn(self.ln_1(x)).split(d, 2))
        w = q @ k.mT / (d // 4) ** 0.5
        w = w.masked_fill(torch.ones(t, t).tril() == 0, torch.finfo(w.dtype).min).softmax(-1)
        x = x + self.c_proj((w @ v).transpose(1, 2).reshape(n, t, d))
        return x + self.c_out(F.gelu(self.c_fc(self.ln_2(x)), approximate="tanh"))


class GPT2(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(11, 16), nn.Embedding(6, 16)
        self.h, self.ln_f = nn.ModuleList([GPT2Block(), GPT2Block()]), nn.LayerNorm(16)

    def forward(self, tokens):
        x = self.wte(tokens) + self.wpe(torch.arange(tokens.shape[1]))
        for block in self.h:
            x = block(x)
        return self.ln_f(x) @ self.wte.weight.T


def layer_norm(p, x):
    x = x - x.mean(-1, keepdims=True)
    return x / jnp.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * p["scale"] + p["bias"]


def dense(p, x):
    return x @ p["kernel"] + p["bias"]


def gpt2(p, tokens, approximate=True):
    """``dot_product_attention`` takes its softmax in float32, whatever it is given."""
    n, t = tokens.shape
    x = p["wte"][tokens] + p["wpe"][:t]
    for b in p["h"]:
        q, k, v = (y.reshape(n, t, 4, 4) for y in jnp.split(dense(b["c_attn"], layer_norm(b["ln_1"], x)), 3, -1))
        x = x + dense(b["c_proj"], jax.nn.dot_product_attention(q, k, v, is_causal=True).reshape(n, t, 16))
        x = x + dense(b["c_out"], jax.nn.gelu(dense(b["c_fc"], layer_norm(b["ln_2"], x)), approximate))
    return layer_norm(p["ln_f"], x) @ p["wte"].T


def affine(given, made):
    return {"kernel": np.zeros((given, made)), "bias": np.zeros(made)}


def scaled():
    return {"scale": np.zeros(16), "bias": np.zeros(16)}


GPT2_MAPS = {"c_attn": (16, 48), "c_proj": (16, 16), "c_fc": (16, 64), "c_out": (64, 16)}
GPT2_BLOCK = {"ln_1": scaled(), "ln_2": scaled(), **{name: affine(*shape) for name, shape in GPT2_MAPS.items()}}
GPT2_TREE = {"wte": np.zeros((11, 16)), "wpe": np.zeros((6, 16)), "ln_f": scaled(), "h": [GPT2_BLOCK, GPT2_BLOCK]}


class BothWays(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.fc = nn.GRU(5, 7, 2, batch_first=True, bidirectional=True), nn.Linear(14, 3)

    def forward(self, x):
        return self.fc(self.rnn(x)[0][:, -1])


def gru_cell(p, h, x, flipped=False):
    r, z, n = jnp.split(x @ p["wi"].T + p["bi"], 3, -1)
    hr, hz, hn = jnp.split(h @ p["wh"].T + p["bh"], 3, -1)
    z = jax.nn.sigmoid(-(z + hz) if flipped else z + hz)
    return (1 - z) * jnp.tanh(n + jax.nn.sigmoid(r + hr) * hn) + z * h


def both_ways(turned=True, turned_back=True, flipped=False):
    def run(p, xs, second):
        xs = xs[::-1] if second and turned else xs
        start = jnp.zeros((xs.shape[1], 7), xs.dtype)
        hs = jax.lax.scan(lambda h, x: (gru_cell(p, h, x, flipped),) * 2, start, xs)[1]
        return hs[::-1] if second and turned_back else hs

    def fn(p, x):
        xs = jnp.swapaxes(x, 0, 1)
        for layer in ("l0", "l1"):
            xs = jnp.concatenate([run(p[layer][way], xs, way == "reverse") for way in ("forward", "reverse")], -1)
        return xs[-1] @ p["fc"]["w"].T + p["fc"]["b"]

    return fn


def cell(given):
    return {"wi": np.zeros((21, given)), "wh": np.zeros((21, 7)), "bi": np.zeros(21), "bh": np.zeros(21)}


BOTH_WAYS_TREE = {f"l{i}": {way: cell(n) for way in ("forward", "reverse")} for i, n in enumerate((5, 14))}
BOTH_WAYS_TREE |= {"fc": {"w": np.zeros((3, 14)), "b": np.zeros(3)}}

BY_NUMBERS = "the shapes do not say it, the numbers do"
ROUNDED = "in float64 they part in the gradient at hardsigmoid"
NARROW = "the JAX function computes in float32"
SQUARE = {name: np.zeros((8, 8)) for name in "abc"}

PORTS = (
    Port("equal widths", equal_widths, EqualWidths(), normal(4, 8)),
    Port("nameless", Nameless, nameless, normal(4, 8), SQUARE, (BY_NUMBERS,)),
    Port("registered otherwise", Registered, nameless, normal(4, 8), SQUARE, (BY_NUMBERS,)),
    Port("vision transformer", VisionTransformer, FlaxVisionTransformer(), normal(2, 3, 8, 8)),
    Port(
        "inverted residual",
        lambda: InvertedResidual().eval(),
        FlaxInvertedResidual(),
        normal(2, 4, 5, 5),
        notes=(ROUNDED,),
    ),
    Port("u-net", UNet, FlaxUNet(), normal(2, 1, 6, 6)),
    Port("gpt-2", GPT2, gpt2, lambda rng: (rng.integers(0, 11, (2, 6)),), GPT2_TREE, (BY_NUMBERS, NARROW, "as if in")),
    Port("both ways", BothWays, both_ways(), normal(3, 4, 5), BOTH_WAYS_TREE),
)
