"""What a framework computes for a row: the value, reverse mode, forward mode, the derivative of reverse mode."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pytest_dualfw import Framework

from .points import Floats
from .row import Row
from .tensors import TensorPoint, TensorRow, weights

VALUE = "value"


class Measure:
    """Compiles a row of numbers once for each length."""

    def __init__(self, row: Row, fw: Framework) -> None:
        f = row.function(fw.name)
        compiled = fw.jit if fw.name == "jax" else lambda f: f
        self._row, self._fw, self._value = row, fw, fw.compile(f)
        self._reverse, self._forward = compiled(_reverse(fw, f)), compiled(_forward(fw, f))

    def at(self, columns: Sequence[Floats], *, deep: bool = False) -> dict[str, Floats]:
        """By name: ``value``, ``d/dx`` and so on (reverse mode), ``forward d/dx``; with ``deep`` those of DEEP too."""
        row, fw = self._row, self._fw
        xs = [fw.asarray(c) for c in columns]
        found = {VALUE: self._value(*xs)}
        if row.differentiable:
            found |= dict(zip((f"d/d{n}" for n in row.arguments), self._reverse(*xs), strict=True))
            found["forward d/dx"] = _tried(lambda row, fw, xs: self._forward(*xs), row, fw, xs)
        if deep:
            found |= {name: _tried(of, row, fw, xs) for name, of in DEEP.items()}
        there = {name: fw.to_numpy(y) for name, y in found.items() if y is not None}
        return {name: np.broadcast_to(y, columns[0].shape).astype(np.float64) for name, y in there.items()}


def _reverse(fw: Framework, f: Callable[..., Any]) -> Callable[..., Any]:
    def reverse(*xs: Any) -> Any:
        y, pullback = fw.vjp(f, *xs)
        return pullback(fw.xp.ones_like(y))

    return reverse


def _forward(fw: Framework, f: Callable[..., Any]) -> Callable[..., Any]:
    """In the first argument."""

    def forward(*xs: Any) -> Any:
        ones = [fw.xp.ones_like(x) if i == 0 else fw.xp.zeros_like(x) for i, x in enumerate(xs)]
        return fw.jvp(f, xs, ones)[1]

    return forward


def _tried(of: Callable[[Row, Framework, list[Any]], Any], row: Row, fw: Framework, xs: list[Any]) -> Any:
    """None where the framework has no such thing for this op."""
    try:
        return of(row, fw, xs)
    except (NotImplementedError, RuntimeError, TypeError, ValueError):
        return None


def _second_order(row: Row, fw: Framework, xs: list[Any]) -> Any:
    """Reverse over reverse, of ops of one argument."""
    if len(xs) > 1 or not row.differentiable:
        return None
    reverse = _reverse(fw, row.function(fw.name))
    twice = _reverse(fw, lambda x: reverse(x)[0])
    return (fw.jit if fw.name == "jax" else lambda f: f)(twice)(*xs)[0]


def _mapped(row: Row, fw: Framework, xs: list[Any]) -> Any:
    return fw.vmap(row.function(fw.name))(*xs)


def _other_mode(row: Row, fw: Framework, xs: list[Any]) -> Any:
    f = row.function(fw.name)
    return f(*xs) if fw.mode == "jit" else fw.jit(f)(*xs)


def _strided(row: Row, fw: Framework, xs: list[Any]) -> Any:
    return row.function(fw.name)(*(fw.laid_out(x, "strided") for x in xs))


SECOND = "second d/dx"
# What is asked once more in another way, and of which quantity it is.
DEEP = {SECOND: _second_order, "vmap of value": _mapped, "other mode of value": _other_mode, "strided value": _strided}


class TensorMeasure:
    """Compiles a row of arrays once for each shape."""

    def __init__(self, row: TensorRow, fw: Framework) -> None:
        f = row.function(fw.name)

        def reverse(*xs: Any) -> Any:
            y, pullback = fw.vjp(f, *xs)
            return pullback(fw.asarray(weights(tuple(y.shape))))

        self._row, self._fw, self._value = row, fw, fw.compile(f)
        self._reverse = fw.jit(reverse) if fw.name == "jax" else reverse

    def at(self, point: TensorPoint) -> dict[str, Floats]:
        """By name: ``value``, and the gradients of sum(g f(x)); in float64."""
        fw, xs = self._fw, [self._fw.asarray(x) for x in point.arrays]
        found = {VALUE: fw.to_numpy(self._value(*xs))}
        if point.gradients:
            grads = zip(self._row.arguments, self._reverse(*xs), strict=True)
            found |= {f"d/d{name}": fw.to_numpy(g) for name, g in grads}
        return {name: y.astype(np.float64) for name, y in found.items()}
