"""Networks and losses: chaotic, saturated, far from the origin, confident."""

import jax
import jax.numpy as jnp
import numpy as np
import torch
import torch.nn.functional as F

from ..table import Case
from .inputs import JIT, JIT64, LOW, SINGLE, every_way, normal, twice, with_variants


def chaotic(gain, n=16):
    return lambda rng: (gain * rng.normal(size=(n, n)) / np.sqrt(n), rng.normal(size=n))


def rnn_of_60_torch(w, h):
    for _ in range(60):
        h = torch.tanh(w @ h)
    return h


def rnn_of_60_jax(w, h):
    return jax.lax.scan(lambda h, _: (jnp.tanh(w @ h), None), h, length=60)[0]


def saturated(*shapes):
    """Inputs ten times larger than the N(0, 1) state and weights."""
    return lambda rng: tuple((10 if i == 0 else 1) * rng.normal(size=shape) for i, shape in enumerate(shapes))


def rnn_torch(x, h, w, u):
    for z in x:
        h = torch.tanh(z @ w + h @ u)
    return h


def rnn_jax(x, h, w, u):
    for z in x:
        h = jnp.tanh(z @ w + h @ u)
    return h


def lstm_torch(x, h, c, w, u):
    i, f, g, o = (x @ w + h @ u).chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def lstm_jax(x, h, c, w, u):
    i, f, g, o = jnp.split(x @ w + h @ u, 4, axis=1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def tanh_mlp_torch(x, w1, b1, w2, b2):
    return torch.tanh(x @ w1 + b1) @ w2 + b2


def tanh_mlp_jax(x, w1, b1, w2, b2):
    return jnp.tanh(x @ w1 + b1) @ w2 + b2


def layer_norm_torch(x, w, b):
    return F.layer_norm(x, w.shape, w, b)


def layer_norm_jax(x, w, b):
    d = x - x.mean(1, keepdims=True)
    return d / jnp.sqrt((d**2).mean(1, keepdims=True) + 1e-5) * w + b


def batch_norm_torch(x, w, b):
    return F.batch_norm(x, None, None, w, b, training=True, eps=1e-8)


def batch_norm_jax(x, w, b):
    d = x - x.mean(0)
    return d / jnp.sqrt((d**2).mean(0) + 1e-8) * w + b


def tiny_variance(rng):
    return 3 + 1e-4 * rng.normal(size=(8, 3)), rng.normal(size=3), rng.normal(size=3)


def logits(gap):
    def make(rng):
        target = rng.integers(4, size=5)
        z = rng.normal(size=(5, 4))
        z[np.arange(5), target] += gap
        return z, target

    return make


def cross_entropy_torch(z, target):
    return F.cross_entropy(z, target)


def cross_entropy_jax(z, target):
    return -jnp.take_along_axis(jax.nn.log_softmax(z), target[:, None], axis=1).mean()


def bce_torch(z, t):
    return F.binary_cross_entropy_with_logits(z, t)


def bce_jax(z, t):
    return (jax.nn.softplus(z) - z * t).mean()


def confident_bits(rng):
    t = rng.integers(2, size=(3, 4)).astype(np.float64)
    return (2 * t - 1) * rng.uniform(20, 45, size=t.shape), t


def cosine_torch(x, y):
    return F.cosine_similarity(x, y, dim=1)


def cosine_jax(x, y):
    return (x * y).sum(1) / (jnp.linalg.norm(x, axis=1) * jnp.linalg.norm(y, axis=1))


def nearly_parallel(rng):
    x = rng.normal(size=(4, 6))
    return x, 2 * x + 1e-5 * rng.normal(size=x.shape)


def attention_torch(q, k, v):
    later = torch.ones(len(q), len(k), dtype=torch.bool).triu(1)
    a = (q @ k.T / 2).masked_fill(later, -torch.inf).softmax(dim=1)
    return a @ v


def attention_jax(q, k, v):
    later = jnp.triu(jnp.ones((len(q), len(k)), bool), 1)
    a = jax.nn.softmax(jnp.where(later, -jnp.inf, q @ k.T / 2), axis=1)
    return a @ v


def log_cosh_torch(x):
    return x.abs() + F.softplus(-2 * x.abs()) - np.log(2).item()


def log_cosh_jax(x):
    return jnp.logaddexp(x, -x) - np.log(2).item()


def row(name, make, in_torch, in_jax, cells=LOW):
    return Case(name, "nets", make, in_torch, in_jax, cells=cells)


MLP = normal((4, 5), (5, 6), (6,), (6, 3), (3,))
ATTENTION = normal((4, 4), (4, 4), (4, 3))
NORM = normal((4, 8), (8,), (8,))

CASES = (
    row("chaotic_rnn_1.5", chaotic(1.5), rnn_of_60_torch, rnn_of_60_jax, SINGLE),
    row("chaotic_rnn_2", chaotic(2.0), rnn_of_60_torch, rnn_of_60_jax, SINGLE),
    row("saturated_rnn", saturated((5, 3), (4,), (3, 4), (4, 4)), rnn_torch, rnn_jax),
    row("saturated_lstm", saturated((2, 3), (2, 4), (2, 4), (3, 16), (4, 16)), lstm_torch, lstm_jax, (*LOW, *JIT64)),
    *every_way(row("lstm", normal((2, 3), (2, 4), (2, 4), (3, 16), (4, 16)), lstm_torch, lstm_jax)),
    *every_way(row("tanh_mlp", MLP, tanh_mlp_torch, tanh_mlp_jax, (*LOW, *JIT))),
    row("variance_at_1e4", normal((4, 8), mean=1e4), lambda x: x.var(dim=1), lambda x: x.var(axis=1, ddof=1), SINGLE),
    row("std_at_1e4", normal((4, 8), mean=1e4), lambda x: x.std(dim=1), lambda x: x.std(axis=1, ddof=1), SINGLE),
    row(
        "layer_norm_at_1e4",
        lambda rng: (1e4 + rng.normal(size=(4, 8)), rng.normal(size=8), rng.normal(size=8)),
        layer_norm_torch,
        layer_norm_jax,
        SINGLE,
    ),
    *every_way(row("layer_norm", NORM, layer_norm_torch, layer_norm_jax, (*LOW, *JIT64))),
    row("batch_norm_of_tiny_variance", tiny_variance, batch_norm_torch, batch_norm_jax, SINGLE),
    row("logsumexp_at_1e5", normal((3, 5), mean=1e5), lambda x: x.logsumexp(1), lambda x: jax.nn.logsumexp(x, axis=1)),
    *with_variants(row("logsumexp", normal((3, 5)), lambda x: x.logsumexp(1), lambda x: jax.nn.logsumexp(x, axis=1))),
    row("softmax_at_1e3", normal((3, 5), scale=1e3), lambda x: x.softmax(1), lambda x: jax.nn.softmax(x, axis=1)),
    *with_variants(row("log_softmax", normal((3, 5)), lambda x: x.log_softmax(1), lambda x: jax.nn.log_softmax(x))),
    row("log_softmax_at_1e3", normal((3, 5), scale=1e3), lambda x: x.log_softmax(1), lambda x: jax.nn.log_softmax(x)),
    *every_way(row("cross_entropy", logits(0), cross_entropy_torch, cross_entropy_jax, (*LOW, *JIT64))),
    row("cross_entropy_of_confident_20", logits(20), cross_entropy_torch, cross_entropy_jax),
    row("cross_entropy_of_confident_46", logits(46), cross_entropy_torch, cross_entropy_jax),
    row("binary_cross_entropy_of_confident", confident_bits, bce_torch, bce_jax),
    row("log_cosh", normal((3, 4)), log_cosh_torch, log_cosh_jax),
    row("log_cosh_at_30", normal((3, 4), scale=30), log_cosh_torch, log_cosh_jax),
    row(
        "softplus_at_40", normal((3, 4), scale=40), lambda x: F.softplus(x, threshold=80), lambda x: jax.nn.softplus(x)
    ),
    row("sigmoid_saturated", normal((3, 4), scale=20), lambda x: x.sigmoid(), lambda x: jax.nn.sigmoid(x)),
    row("tanh_saturated", normal((3, 4), scale=10), lambda x: x.tanh(), lambda x: jnp.tanh(x)),
    row("erf_tails", normal((3, 4), scale=3), lambda x: x.erf(), lambda x: jax.lax.erf(x)),
    row("erfc_tails", normal((3, 4), scale=3), lambda x: x.erfc(), lambda x: jax.lax.erfc(x), SINGLE),
    *twice(row("gelu", normal((3, 4)), lambda x: F.gelu(x), lambda x: jax.nn.gelu(x, approximate=False))),
    row("gelu_by_tanh", normal((3, 4), scale=4), lambda x: F.gelu(x, approximate="tanh"), lambda x: jax.nn.gelu(x)),
    *with_variants(row("silu", normal((3, 4), scale=5), lambda x: F.silu(x), lambda x: jax.nn.silu(x), (*LOW, *JIT))),
    *twice(row("cosine", normal((4, 6), (4, 6)), cosine_torch, cosine_jax)),
    row("cosine_of_nearly_parallel", nearly_parallel, cosine_torch, cosine_jax, SINGLE),
    *every_way(row("attention_with_mask", ATTENTION, attention_torch, attention_jax, (*LOW, *JIT64))),
    row("attention_saturated", normal((4, 4), (4, 4), (4, 3), scale=10), attention_torch, attention_jax),
)
