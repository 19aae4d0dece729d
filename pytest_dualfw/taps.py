"""Looking inside a model: the value at each named place, and the gradient of the loss with respect to it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import optree

if TYPE_CHECKING:
    from .frameworks.base import Framework

Array = np.ndarray[Any, Any]
Function = Callable[..., Any]


@dataclass(frozen=True)
class Observation:
    """One run of a model, in NumPy. The dictionaries are in order of execution.

    ``cotangents[name]`` is the gradient of the loss with respect to ``activations[name]``, ``gradients`` that with
    respect to each floating parameter. ``output`` is a tree as the model returned it.
    """

    output: Any
    loss: Array
    activations: dict[str, Array]
    cotangents: dict[str, Array]
    gradients: dict[str, Array]


@dataclass
class _Watch:
    """What a run hands over. ``shifts`` are added at the places named, so that they can be differentiated there."""

    shifts: Mapping[str, Any]
    seen: dict[str, Any] = field(default_factory=dict)

    def take(self, name: str, x: Any) -> Any:
        while name in self.seen:  # a module that is called again
            name = _next(name)
        self.seen[name] = x
        return x + self.shifts[name] if name in self.shifts else x


# The innermost run that is observed. A plain list, since torch.compile traces no ContextVar.
_watches: list[_Watch] = []


def tap(name: str, x: Any) -> Any:
    """``x`` itself; where the run is observed, its value is kept under ``name``.

    ``x`` is an array or a tree of arrays, whose leaves are kept as ``name[0]``, ``name[1]``, ... A place that is
    passed again is ``name#2``. Not for the body of a loop that is traced once, such as ``jax.lax.scan``.
    """
    if not _watches:
        return x
    watch = _watches[-1]
    leaves, tree = optree.tree_flatten(x)
    if len(leaves) == 1 and leaves[0] is x:
        return watch.take(name, x)
    return optree.tree_unflatten(tree, [watch.take(f"{name}[{i}]", leaf) for i, leaf in enumerate(leaves)])


def observe(fw: "Framework", model: Function, params: Mapping[str, Any], inputs: Any, loss: Function) -> Observation:
    """Run ``loss(model(params, *inputs))`` forward and backward as the target's mode says, and keep what taps saw.

    ``params`` are NumPy arrays by name, ``inputs`` NumPy arrays; floating ones take the target's dtype. ``model`` and
    ``loss`` are the framework's; the loss is a scalar.
    """
    return Observer(fw, model, loss)(params, inputs)


@dataclass
class Observer:
    """``observe`` of one model for several calls with arrays of the same shapes: compiled at the first."""

    fw: "Framework"
    model: Function
    loss: Function
    _run: Function | None = None

    def __call__(self, params: Mapping[str, Any], inputs: Any) -> Observation:
        fw = self.fw
        given = {name: fw.asarray(p) for name, p in params.items()}
        arrays = [optree.tree_map(fw.asarray, x) for x in inputs]
        floating = {name: p for name, p in given.items() if _floats(fw, p)}
        places = _places(fw, self.model, given, arrays)
        shifts = {n: _zeros(fw, x) for n, x in places.items() if n not in given and _floats(fw, x)}
        self._run = self._run or fw.differentiated(self._watched)
        rest = {name: p for name, p in given.items() if name not in floating}
        value, (output, seen), gradients = self._run({"params": floating, "shifts": shifts}, rest, arrays)
        return Observation(
            optree.tree_map(partial(_kept, fw), output),
            _kept(fw, value),
            _numpy(fw, seen, places),
            _numpy(fw, gradients["shifts"], shifts),
            _numpy(fw, gradients["params"], floating),
        )

    def _watched(self, leaves: Any, rest: Any, arrays: Any) -> Any:
        with watching(leaves["shifts"]) as watch:
            output = self.model({**leaves["params"], **rest}, *arrays)
        return self.loss(output), (output, watch.seen)


def _numpy(fw: "Framework", arrays: Mapping[str, Any], order: Iterable[str]) -> dict[str, Array]:
    """In the order of execution, which a compiled function does not keep."""
    return {name: _kept(fw, arrays[name]) for name in order}


def _kept(fw: "Framework", x: Any) -> Array:
    """In the dtype it has: a model may compute a part of itself in another one."""
    return fw.to_numpy(x, dtype=fw.dtype_of(x))


def _zeros(fw: "Framework", like: Any) -> Any:
    return fw.asarray(np.zeros(tuple(like.shape)), dtype=fw.dtype_of(like))


def _places(fw: "Framework", model: Function, params: Any, arrays: Any) -> dict[str, Any]:
    """The places that the model passes, in order; new values of parameters among them."""
    with watching({}) as watch:
        fw.pass_through(model, params, *arrays)
    return watch.seen


def _floats(fw: "Framework", x: Any) -> bool:
    return fw.dtype_of(x).startswith(("float", "bfloat"))


@contextmanager
def watching(shifts: Mapping[str, Any]) -> Iterator[_Watch]:
    watch = _Watch(shifts)
    _watches.append(watch)
    try:
        yield watch
    finally:
        _watches.pop()


def _next(name: str) -> str:
    """``fc``, ``fc#2``, ``fc#3``."""
    base, _, count = name.rpartition("#")
    return f"{base}#{int(count) + 1}" if base and count.isdecimal() else f"{name}#2"
