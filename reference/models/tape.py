"""A model written down while it runs, layer by layer, and read backwards: reverse accumulation by hand-derived vjps.

Source: A. Griewank, A. Walther, Evaluating Derivatives (2nd edition, 2008), section 3.2 (the incremental reverse form).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..arrays import Array
from .plumbing import identity

Op = Callable[..., Any]


@dataclass(frozen=True)
class Seen:
    """What another implementation of the model had at the named places: values, and gradients of the loss there."""

    activations: Mapping[str, Array]
    cotangents: Mapping[str, Array]


@dataclass(frozen=True)
class _Step:
    """One application: ``primals`` as they were given, ``read`` as the op read them."""

    op: Op
    primals: tuple[Any, ...]
    read: tuple[Any, ...]
    options: Mapping[str, Any]
    places: tuple[str, ...]
    outs: tuple[Array, ...]

    @property
    def name(self) -> str:
        """A layer with several outputs is one layer, also where each is an op of its own."""
        return self.places[0].partition("[")[0]

    @property
    def vjp(self) -> Op:
        op: Any = self.op
        found: Op = op.__globals__[f"{op.__name__}_vjp"]
        return found


def _exactly(x: Array) -> Array:
    return x


@dataclass
class Tape:
    """Applies references and remembers them: ``h = t("fc1", linear, x, w, b)``, at the end ``t.backward(loss)``.

    The backward pass of ``op`` is the function ``op_vjp`` of its module. The outputs of an op with several are kept as
    ``name[0]``, ``name[1]``, ...; without a name nothing is kept. Arrays are told apart by identity.

    ``seen`` anchors the run: behind each named place it goes on with the value found there and, backwards, with the
    gradient. So what is expected at a place follows from what was found around it: a fault shows where it is made and
    nowhere else, and all branch alike at a kink. ``disturb`` moves each primal as an op reads it and each cotangent
    as its vjp reads it: a model of rounding. Where ``disturbed`` names ops, the others read exactly.
    """

    seen: Seen | None = None
    disturb: Callable[[Array], Array] = _exactly
    disturbed: Collection[str] = ()
    activations: dict[str, Array] = field(default_factory=dict)
    cotangents: dict[str, Array] = field(default_factory=dict)
    _steps: list[_Step] = field(default_factory=list)
    _gradients: dict[int, Array] = field(default_factory=dict)
    _readers: dict[int, list[str]] = field(default_factory=dict)

    def __call__(self, name: str, op: Op, *primals: Any, **options: Any) -> Any:
        """``op(*primals, **options)``, kept under ``name``."""
        read = tuple(self._read(op, p) for p in primals)
        result = op(*read, **options)
        several = isinstance(result, tuple)
        places = _places(name, len(result)) if several else (name,)
        outs = tuple(self._out(place, y) for place, y in zip(places, result if several else (result,), strict=True))
        self._steps.append(_Step(op, primals, read, options, places, outs))
        return outs if several else outs[0]

    def tap(self, name: str, x: Array) -> Array:
        """``x``, kept under a name: the output of a block, which the last layer in it has kept already."""
        out: Array = self(name, identity, x)
        return out

    def backward(self, loss: Array) -> None:
        """Fill ``cotangents`` with the gradients of ``loss`` at the places, and have ``gradient`` know the others."""
        self._gradients = {id(loss): np.ones_like(loss)}
        self._readers = {}
        for step in reversed(self._steps):
            gs = tuple(self._cotangent(place, y) for place, y in zip(step.places, step.outs, strict=True))
            given = tuple(self._read(step.op, g) for g in gs)
            back = step.vjp(given if len(given) > 1 else given[0], *step.read, **step.options)
            for primal, dx in zip(step.primals, back, strict=True):
                if dx is not None and primal is not None:
                    self._gradients[id(primal)] = self._gradients.get(id(primal), 0) + dx
            self._note(step)

    def gradient(self, x: Array) -> Array:
        """The gradient of the loss with respect to an array that was read; zeros where the loss does not see it."""
        return np.asarray(self._gradients.get(id(x), np.zeros_like(x)))

    def readers(self, x: Array) -> list[str]:
        """The named ops that read ``x``, directly or through unnamed ones: they make its gradient. Else the loss.

        Known after ``backward``; nobody where nothing reads it.
        """
        return self._readers.get(id(x), ["nobody"])

    def places(self) -> dict[str, Array]:
        """The arrays that stand behind the named places."""
        return {place: y for step in self._steps for place, y in zip(step.places, step.outs, strict=True) if place}

    def _read(self, op: Op, x: Any) -> Any:
        moves = _differentiable(x) and (not self.disturbed or op.__name__ in self.disturbed)
        return self.disturb(x) if moves else x

    def _note(self, step: _Step) -> None:
        """Who reads what this step reads, where it is known who reads what the step makes."""
        through = [name for y in step.outs for name in self._readers.get(id(y), [])]
        names = [step.name] if step.name else through or ["the loss"]
        for primal in step.primals:
            self._readers[id(primal)] = list(dict.fromkeys(names + self._readers.get(id(primal), [])))

    def _out(self, place: str, y: Array) -> Array:
        """A new array, so that no two places share an identity."""
        if place:
            self.activations[place] = np.asarray(y)
        found = self.seen.activations.get(place) if self.seen else None
        return np.array(y if found is None else found)

    def _cotangent(self, place: str, y: Array) -> Array:
        g = self.gradient(y)
        if place:
            self.cotangents[place] = g
        found = self.seen.cotangents.get(place) if self.seen else None
        return g if found is None else found


def _places(name: str, count: int) -> tuple[str, ...]:
    return tuple(f"{name}[{i}]" if name else "" for i in range(count))


def _differentiable(p: Any) -> bool:
    return isinstance(p, np.ndarray) and p.dtype.kind in "fc"
