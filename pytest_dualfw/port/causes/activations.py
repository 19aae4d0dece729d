"""Activation functions ported wrongly."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from ..model import Call
from .cause import Alternative, Cause, cause

FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "gelu, exact (erf)": lambda x: x * 0.5 * (1 + (x / math.sqrt(2)).erf()),
    "gelu, tanh approximation": lambda x: 0.5 * x * (1 + (math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)).tanh()),
    "gelu, sigmoid approximation": lambda x: x * (1.702 * x).sigmoid(),
    "relu": lambda x: x.relu(),
    "silu": lambda x: x * x.sigmoid(),
    "tanh": lambda x: x.tanh(),
    "sigmoid": lambda x: x.sigmoid(),
    "softplus": lambda x: x.relu() + (-x.abs()).exp().log1p(),
    "elu": lambda x: x.relu() + (x.clamp_max(0).exp() - 1),
    "relu6": lambda x: x.clamp(0, 6),
    "hard sigmoid": lambda x: (x / 6 + 0.5).clamp(0, 1),
    "hard swish": lambda x: x * (x / 6 + 0.5).clamp(0, 1),
    "mish": lambda x: x * (x.relu() + (-x.abs()).exp().log1p()).tanh(),
    "squared relu": lambda x: x.relu() ** 2,
    "selu": lambda x: 1.0507009873554805 * (x.relu() + 1.6732632423543772 * (x.clamp_max(0).exp() - 1)),
    "identity": lambda x: x * 1,
}
SLOPES = (0.01, 0.1, 0.2, 0.3, 0.05, 0.25, 0.02)
OPS = "gelu relu silu tanh sigmoid leaky_relu elu celu selu softplus mish hardswish hardsigmoid relu6 hardtanh prelu"


def _other(call: Call) -> Iterator[Alternative]:
    for name, function in FUNCTIONS.items():
        yield f"{name} instead of {_told(call)}", partial(_applied, function)


def _applied(function: Callable[[Any], Any], call: Call) -> Any:
    return function(call.tensors[0])


def _told(call: Call) -> str:
    approximate = call.kwargs.get("approximate", "none")
    exact = "gelu, exact (erf)" if approximate == "none" else "gelu, tanh approximation"
    return exact if call.name == "gelu" else call.name


def _slope(call: Call) -> Iterator[Alternative]:
    name = "alpha" if call.name in ("elu", "celu") else "negative slope"
    for slope in (*SLOPES, 1.0) if call.name in ("elu", "celu") else SLOPES:
        yield f"{name} {slope:g}", partial(_sloped, slope)


def _sloped(slope: float, call: Call) -> Any:
    x = call.tensors[0]
    low = x.clamp_max(0)
    return x.relu() + slope * (low.exp() - 1 if call.name in ("elu", "celu") else low)


CAUSES: tuple[Cause, ...] = (
    cause("slope", "leaky_relu elu celu prelu relu", _slope),
    cause("activation", OPS, _other),
)
