"""Arguments and results of every structure, sizes from empty to 0-d, integers and booleans among them."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import torch

from ..table import Case
from .inputs import JIT, JIT64, LOW, SINGLE, normal, with_variants


class Moments(NamedTuple):
    mean: Any
    variance: Any


def scalar(rng):
    return (np.asarray(rng.normal()),)


def two_scalars(rng):
    return np.asarray(rng.normal()), np.asarray(rng.uniform(0.5, 2))


def params(rng):
    return {"w": rng.normal(size=(4, 3)), "b": rng.normal(size=3)}, rng.normal(size=(2, 4))


def nested(rng):
    layers = [{"w": rng.normal(size=(3, 3)), "norm": (rng.normal(size=3), np.asarray(rng.normal()))} for _ in range(2)]
    return layers, rng.normal(size=(2, 3))


def nested_torch(layers, x):
    for layer in layers:
        scale, shift = layer["norm"]
        x = torch.tanh(x @ layer["w"]) * scale + shift
    return {"out": x, "parts": (x.sum(0), [x.mean()])}


def nested_jax(layers, x):
    for layer in layers:
        scale, shift = layer["norm"]
        x = jnp.tanh(x @ layer["w"]) * scale + shift
    return {"out": x, "parts": (x.sum(0), [x.mean()])}


def moments_in(rng):
    return Moments(rng.normal(size=4), rng.uniform(0.5, 2, size=4)), rng.normal(size=(3, 4))


def standardised_torch(m, x):
    z = (x - m.mean) / m.variance.sqrt()
    return Moments(z.mean(0), z.square().mean(0))


def standardised_jax(m, x):
    z = (x - m.mean) / jnp.sqrt(m.variance)
    return Moments(z.mean(0), (z**2).mean(0))


MODULE = torch.nn.Sequential(
    torch.nn.Linear(3, 5, device="meta"), torch.nn.Tanh(), torch.nn.Linear(5, 2, bias=False, device="meta")
)


def module_params(rng):
    p = {"0.weight": rng.normal(size=(5, 3)), "0.bias": rng.normal(size=5), "2.weight": rng.normal(size=(2, 5))}
    return p, rng.normal(size=(4, 3))


def module_torch(p, x):
    return torch.func.functional_call(MODULE, p, (x,))


def module_jax(p, x):
    return jnp.tanh(x @ p["0.weight"].T + p["0.bias"]) @ p["2.weight"].T


def tied_weights_torch(p, x):
    return torch.tanh(x @ p["w"] + p["b"]) @ p["w"].T


def tied_weights_jax(p, x):
    return jnp.tanh(x @ p["w"] + p["b"]) @ p["w"].T


def with_argmax_torch(x):
    return x.logsumexp(1), x.argmax(1)


def with_argmax_jax(x):
    return jax.nn.logsumexp(x, axis=1), x.argmax(1)


def with_bool_torch(x):
    return {"inside": x.abs() < 1, "value": x.sin()}


def with_bool_jax(x):
    return {"inside": jnp.abs(x) < 1, "value": jnp.sin(x)}


def selected(rng):
    return rng.normal(size=(3, 4)), rng.integers(1, 4, size=3), rng.random(size=(3, 4)) < 0.5


def selected_torch(x, power, keep):
    return torch.where(keep, x ** power[:, None], x), power, keep


def selected_jax(x, power, keep):
    return jnp.where(keep, x ** power[:, None], x), power, keep


def in_place_torch(x):
    y = x.sin()
    y[:, 0] = y[:, 1] * 2
    y.mul_(3)
    y[1:] += x[:-1]
    return y


def in_place_jax(x):
    y = jnp.sin(x)
    y = 3 * y.at[:, 0].set(y[:, 1] * 2)
    return y.at[1:].add(x[:-1])


def views_torch(x):
    y = x.T[1:, ::2].reshape(-1)
    return y * x.permute(1, 0).flatten()[: y.numel()] + x.expand(2, 3, 4)[1].t().contiguous().view(-1)[: y.numel()]


def views_jax(x):
    y = x.T[1:, ::2].reshape(-1)
    return y * x.T.flatten()[: y.size] + x.T.flatten()[: y.size]


def strided_torch(x):
    return torch.as_strided(x.contiguous(), (3, 3), (2, 1)).sin()


def strided_jax(x):
    return jnp.sin(x.flatten()[jnp.arange(3)[:, None] * 2 + jnp.arange(3)])


def first_fixed(rng):
    """The first argument stands exactly at a step: it is not to be differentiated."""
    return np.zeros(5), rng.normal(size=5)


def row(name, make, in_torch, in_jax, cells=LOW, **options):
    return Case(name, "structures", make, in_torch, in_jax, options, cells)


CASES = (
    *with_variants(row("of_scalar", scalar, lambda x: x.sin() * x, lambda x: jnp.sin(x) * x, (*LOW, *JIT))),
    row("of_two_scalars", two_scalars, lambda x, s: (-((x / s) ** 2)).exp(), lambda x, s: jnp.exp(-((x / s) ** 2))),
    row("of_one_entry", normal((1,)), lambda x: x.tanh(), lambda x: jnp.tanh(x)),
    row("of_one_by_one", normal((1, 1), (1,)), lambda x, y: (x * y).exp().sum(), lambda x, y: jnp.exp(x * y).sum()),
    row("of_empty", normal((0, 3)), lambda x: x.square().sum(), lambda x: (x**2).sum()),
    row("of_empty_to_empty", normal((0, 3)), lambda x: x.sin(), lambda x: jnp.sin(x)),
    row("of_empty_and_full", normal((0,), (3,)), lambda x, y: x.sum() + y.sin(), lambda x, y: x.sum() + jnp.sin(y)),
    row("identity", normal((3, 4)), lambda x: x * 1, lambda x: x * 1),
    row("dict_of_parameters", params, tied_weights_torch, tied_weights_jax, (*LOW, *JIT64)),
    *with_variants(row("nested_layers", nested, nested_torch, nested_jax, (*LOW, *JIT64))),
    row("namedtuple_in_and_out", moments_in, standardised_torch, standardised_jax),
    row("module_parameters", module_params, module_torch, module_jax),
    row("with_argmax", normal((3, 4)), with_argmax_torch, with_argmax_jax, (*LOW, *JIT64)),
    row("with_bool", normal((3, 4)), with_bool_torch, with_bool_jax),
    row("integers_and_booleans", selected, selected_torch, selected_jax, SINGLE),
    row("same_output_twice", normal((3,)), lambda x: (x.sin(),) * 2, lambda x: (jnp.sin(x),) * 2),
    row(
        "second_argument_only",
        first_fixed,
        lambda x, y: x.sign() + y.sin(),
        lambda x, y: jnp.sign(x) + jnp.sin(y),
        wrt=(1,),
    ),
    row("first_argument_only", normal((4,), (4,)), lambda x, y: x * y, lambda x, y: x * y, wrt=(0,)),
    *with_variants(row("in_place", normal((3, 4)), in_place_torch, in_place_jax, (*LOW, *JIT64))),
    row("views", normal((3, 4)), views_torch, views_jax),
    row("strided_overlap", normal((3, 4)), strided_torch, strided_jax),
)
