"""What transformations of an op amount to in NumPy: vmap is a loop, value_and_grad is the reference and its vjp."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optree

from .table import Case

Function = Callable[..., Any]


@dataclass(frozen=True)
class Batch:
    """Primals with a leading batch axis where ``axes`` says 0, and without where it says None."""

    primals: list[Any]
    axes: tuple[int | None, ...]
    size: int

    @classmethod
    def of(cls, draws: Sequence[tuple[Any, ...]], batched: tuple[int, ...]) -> "Batch":
        axes = tuple(0 if i in batched else None for i in range(len(draws[0])))
        primals = [np.stack([d[i] for d in draws]) if axis == 0 else draws[0][i] for i, axis in enumerate(axes)]
        return cls(primals, axes, len(draws))

    def loop(self, f: Function) -> Function:
        """``f`` one row after the other, results stacked."""
        return lambda *primals: _stacked([f(*self._row(primals, k)) for k in range(self.size)])

    def loop_vjp(self, vjp: Function) -> Function:
        """Gradients of the rows: stacked for a batched primal, summed for one that all rows share."""

        def of(g: Any, *primals: Any) -> tuple[Any, ...]:
            rows = [vjp(optree.tree_map(lambda c, k=k: c[k], g), *self._row(primals, k)) for k in range(self.size)]
            return tuple(
                None if column[0] is None else _stacked(column) if axis == 0 else _summed(column)
                for axis, column in zip(self.axes, zip(*rows, strict=True), strict=True)
            )

        return of

    def _row(self, primals: Sequence[Any], k: int) -> list[Any]:
        return [p[k] if axis == 0 else p for p, axis in zip(primals, self.axes, strict=True)]


@dataclass(frozen=True)
class Scalar:
    """sum(g * op(primals)) as a function of the first floating primal, at fixed ``g``."""

    case: Case
    cotangents: list[Any]
    position: int

    @classmethod
    def of(cls, case: Case, primals: tuple[Any, ...], rng: np.random.Generator) -> "Scalar":
        outs = optree.tree_leaves(case.reference()(*primals))
        # Powers of two are exact in every dtype, so that rounding g adds nothing to the comparison.
        g = [rng.choice([-1.0, 0.5, 1.0, 2.0], size=np.shape(out)) for out in outs]
        return cls(case, g, next(i for i, p in enumerate(primals) if _floats(p)))

    def in_framework(self, op: Function, fw: Any) -> Function:
        def value_and_grad(*primals: Any) -> Any:
            def scalar(x: Any) -> Any:
                outs = optree.tree_leaves(op(*primals[: self.position], x, *primals[self.position + 1 :]))
                return sum((c * y).sum() for c, y in zip(g, outs, strict=True))

            return fw.value_and_grad(scalar)(primals[self.position])

        g = [fw.asarray(c) for c in self.cotangents]
        return value_and_grad

    def in_numpy(self, *primals: Any) -> Any:
        out = self.case.reference()(*primals)
        leaves, tree = optree.tree_flatten(out)
        g = optree.tree_unflatten(tree, self.cotangents)
        value = sum((c * y).sum() for c, y in zip(self.cotangents, leaves, strict=True))
        return value, self.case.reference_vjp()(g, *primals)[self.position]


def _stacked(rows: Sequence[Any]) -> Any:
    return optree.tree_map(lambda *parts: np.stack(parts), *rows)


def _summed(rows: Sequence[Any]) -> Any:
    return optree.tree_map(lambda *parts: sum(parts), *rows)


def _floats(primal: Any) -> bool:
    return any(np.asarray(x).dtype.kind == "f" for x in optree.tree_leaves(primal))
