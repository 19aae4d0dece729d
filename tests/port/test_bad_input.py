"""What cannot be compared is refused in one sentence."""

import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch import nn

from pytest_dualfw import compare_port, frameworks

X = np.ones((2, 3))
MAP = {"weight": "w", "bias": "b"}
TEMPLATE = {"w": np.zeros((4, 3)), "b": np.zeros(4)}


class Twice(nn.Linear):
    def forward(self, x):
        return super().forward(x), x


class Broken(nn.Linear):
    def forward(self, x):
        raise RuntimeError("no forward today")


def linear(p, x):
    return x @ p["w"].T + p["b"]


def branching(p, x):
    return linear(p, x) if x.sum() > 0 else x


def broken(p, x):
    return x @ p["weight"]


def narrow(p, x):
    return linear(p, x)[:, :2]


def infinite():
    made = nn.Linear(3, 4)
    made.weight.data[0, :2] = torch.tensor([torch.nan, torch.inf])
    return made


def refused(error, *args, **options):
    with pytest.raises(error) as caught:
        compare_port(*args, **{"seed": 1, "steps": 0, **options})
    return str(caught.value)


def of(module=None, fn=linear, params_map=MAP, inputs=(X,), **options):
    return (module or nn.Linear(3, 4), fn, params_map, inputs), options


CASES = {
    "a name that torch has not": (
        *of(params_map={"wieght": "w"}),
        ValueError,
        "params_map names 'wieght', which the torch module has not; it has weight and bias",
    ),
    "a path that JAX has not": (
        *of(params_map={"weight": "kernel"}, template=TEMPLATE),
        ValueError,
        "params_map leads 'weight' to 'kernel', which the JAX parameters have not; they are b and w",
    ),
    "no partner": (
        *of(params_map=None, template={"w": np.zeros((4, 3))}),
        ValueError,
        "torch's 'bias' (4,) has no partner; nothing is left in JAX; name it in params_map",
    ),
    "left over in JAX": (
        *of(params_map=None, template={**TEMPLATE, "extra": np.zeros(7)}),
        ValueError,
        "JAX's 'extra' (7,) has no partner in torch; name it in params_map",
    ),
    "no layout": (
        *of(params_map=MAP, template={"w": np.zeros((5, 3)), "b": np.zeros(4)}),
        ValueError,
        "'weight' of shape (4, 3) cannot become 'w' of shape (5, 3): no layout joins them",
    ),
    "another layout": (
        *of(nn.Linear(3, 5), params_map={"weight": ("w", "transposed")}, template={**TEMPLATE, "w": np.zeros((5, 3))}),
        ValueError,
        "layout 'transposed' does not lead from 'weight' of shape (5, 3) to 'w' of shape (5, 3); layouts that do: same",
    ),
    "not finite": (
        *of(infinite()),
        ValueError,
        "parameter 'weight' holds 2 NaN or infinite entries of 12; a port is compared at finite numbers",
    ),
    "one array for a tuple": (
        *of(inputs=X),
        TypeError,
        "inputs is a ndarray; pass a tuple of NumPy arrays, one for each argument: (x,)",
    ),
    "too many inputs": (
        *of(inputs=(X, X)),
        TypeError,
        "the torch module's forward(input: torch.Tensor) -> torch.Tensor does not take 2 inputs: "
        "too many positional arguments",
    ),
    "a branch on a value": (
        *of(fn=branching),
        ValueError,
        "jax_fn does not trace: TracerBoolConversionError: Attempted boolean conversion of traced array with shape "
        "bool[]; it has to run under jax.jit, so no value may decide what is run",
    ),
    "JAX raises": (
        *of(fn=broken),
        ValueError,
        "jax_fn raised KeyError: 'weight'; it is called as jax_fn(params, *inputs)",
    ),
    "torch raises": (
        *of(Broken(3, 4)),
        ValueError,
        "the torch module raised RuntimeError: no forward today; it has to run on the inputs in float64",
    ),
    "another shape": (
        *of(fn=narrow),
        ValueError,
        "output has shape (2, 4) in torch and (2, 2) in JAX; have jax_fn return torch's axes",
    ),
    "another structure": (
        *of(Twice(3, 4)),
        ValueError,
        "the torch module returns 2 arrays (0, 1) and jax_fn one array; have jax_fn return the same tree",
    ),
    "no parameters": (
        *of(nn.ReLU()),
        ValueError,
        "the torch module ReLU has no parameters; there is no port to compare",
    ),
    "no module": (*of(linear), TypeError, "torch_module is function; pass a torch.nn.Module"),
    "a random module": (
        *of(nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5)), params_map={"0.weight": "w", "0.bias": "b"}),
        ValueError,
        "the torch module gives another output each time it runs, as dropout in train mode does; "
        "call module.eval(), or set the probability to 0",
    ),
    "both trees": (
        *of(template=TEMPLATE, jax_params=TEMPLATE),
        TypeError,
        "pass template= (a tree whose values are not looked at) or jax_params= (converted weights), not both",
    ),
    "half a loss": (
        *of(loss={"torch": None}),
        TypeError,
        "loss is a dict of one function for 'torch' and one for 'jax'; got {'torch': None}",
    ),
    "a loss of several numbers": (
        *of(loss={"torch": lambda y: y, "jax": lambda y: jnp.sum(y)}),
        ValueError,
        "loss['torch'] returned an array of shape (2, 4); it has to return a scalar",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_slip_of_the_caller_is_one_sentence(name):
    args, options, error, message = CASES[name]
    assert refused(error, *args, **options) == message


@pytest.mark.parametrize("missing", ["torch", "jax"])
def test_a_framework_that_is_missing_is_named(monkeypatch, missing):
    monkeypatch.setattr(frameworks, "is_installed", lambda name: name != missing)
    expected = f"compare_port runs torch and jax; {missing} is not installed: pip install {missing}"
    assert refused(ImportError, nn.Linear(3, 4), linear, MAP, (X,)) == expected


@pytest.mark.parametrize("seed", range(10))
def test_a_module_that_draws_is_refused_however_few_its_numbers_are(seed):
    torch.manual_seed(seed)
    module = nn.Sequential(nn.Linear(3, 1), nn.Dropout(0.5))
    with pytest.raises(ValueError, match="gives another output each time it runs"):
        compare_port(module, linear, {"0.weight": "w", "0.bias": "b"}, (np.ones((1, 3)),))
