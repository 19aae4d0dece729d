"""What a framework computes for a row: the value, reverse mode, forward mode, the derivative of reverse mode."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pytest_dualfw import Framework

from .points import Floats
from .row import Row
from .tensors import TensorPoint, TensorRow, weights

VALUE = "value"


def measured(row: Row, fw: Framework, columns: Sequence[Floats]) -> dict[str, Floats]:
    """By name: ``value``, ``d/dx`` and so on (reverse mode), ``forward d/dx``; in float64."""
    f = row.function(fw.name)
    xs = [fw.asarray(c) for c in columns]
    found = {VALUE: fw.to_numpy(fw.compile(f)(*xs))}
    if row.differentiable:
        found |= _derivatives(row, fw, f, xs)
    return {name: np.broadcast_to(y, columns[0].shape).astype(np.float64) for name, y in found.items()}


def _derivatives(row: Row, fw: Framework, f: Callable[..., Any], xs: list[Any]) -> dict[str, Floats]:
    def reverse(*xs: Any) -> Any:
        y, pullback = fw.vjp(f, *xs)
        return pullback(fw.xp.ones_like(y))

    def forward(*xs: Any) -> Any:
        ones = [fw.xp.ones_like(x) if i == 0 else fw.xp.zeros_like(x) for i, x in enumerate(xs)]
        return fw.jvp(f, xs, ones)[1]

    compiled = fw.jit if fw.name == "jax" else lambda f: f
    grads = compiled(reverse)(*xs)
    found = {f"d/d{name}": fw.to_numpy(g) for name, g in zip(row.arguments, grads, strict=True)}
    return found | {"forward d/dx": fw.to_numpy(compiled(forward)(*xs))}


def measured_tensors(row: TensorRow, fw: Framework, point: TensorPoint) -> dict[str, Floats]:
    """By name: ``value``, the gradients of sum(g f(x)), and forward mode's sum(g Jf u); in float64."""
    f = row.function(fw.name)
    xs = [fw.asarray(x) for x in point.arrays]
    found = {VALUE: fw.to_numpy(fw.compile(f)(*xs))}
    if point.gradients:
        found |= _gradients(row, fw, f, xs)
    return {name: y.astype(np.float64) for name, y in found.items()}


def _gradients(row: TensorRow, fw: Framework, f: Callable[..., Any], xs: list[Any]) -> dict[str, Floats]:
    def reverse(*xs: Any) -> Any:
        y, pullback = fw.vjp(f, *xs)
        return pullback(fw.asarray(weights(tuple(y.shape))))

    compiled = fw.jit if fw.name == "jax" else lambda f: f
    grads = compiled(reverse)(*xs)
    return {f"d/d{name}": fw.to_numpy(g) for name, g in zip(row.arguments, grads, strict=True)}
