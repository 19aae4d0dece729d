"""What is to be checked: a function, its inputs rounded to the target's dtype, and which leaves are differentiated."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import optree

from ..frameworks.base import COMPLEX_OF, Framework, numpy_dtype
from ..frameworks.program import Array, Arrays, Pullable, exactly, is_inexact, leaf_names

Function = Callable[..., Any]


@dataclass(frozen=True)
class Problem:
    """``fn(*args)`` on ``fw``. ``leaves`` are NumPy arrays, floating ones already rounded to the target's dtype.

    ``layout`` is one that ``fw.laid_out`` knows, in which fn gets its floating arguments; empty: as they are made.
    """

    fw: Framework
    fn: Function
    leaves: Arrays
    names: list[str]
    tree: Any
    differentiated: tuple[bool, ...]
    layout: str = ""

    @classmethod
    def of(cls, fw: Framework, fn: Function, args: Any, wrt: tuple[int, ...] | None) -> "Problem":
        """TypeError where ``fn`` cannot be called or an argument holds something else than numbers; ValueError for a
        ``wrt`` that names no argument, or one that cannot be differentiated.
        """
        if not callable(fn):
            raise TypeError(f"fn is {fn!r} of type {type(fn).__name__}; pass a function of {fw.name} arrays first")
        chosen = range(len(args)) if wrt is None else wrt
        if any(i not in range(len(args)) for i in chosen):
            raise ValueError(f"wrt is {wrt!r}; allowed are positions of the {len(args)} arguments, from 0")
        roots = _parameters(fn, len(args))
        leaves, tree = optree.tree_flatten(args)
        names = [name for root, arg in zip(roots, args, strict=True) for name in leaf_names(arg, root)]
        owner = [i for i, arg in enumerate(args) for _ in range(optree.tree_structure(arg).num_leaves)]
        rounded = [_rounded(_array(x, name), fw.dtype) for x, name in zip(leaves, names, strict=True)]
        wanted = tuple(i in chosen and is_inexact(x.dtype) for i, x in zip(owner, rounded, strict=True))
        problem = cls(fw, fn, rounded, names, tree, wanted)
        _expect_differentiable(problem, owner, roots, wrt)
        return problem

    def args(self, leaves: Arrays) -> tuple[Any, ...]:
        made: Any = optree.tree_unflatten(self.tree, leaves)
        return tuple(made)

    def exact(self) -> Arrays:
        """The rounded leaves in double precision: what every oracle is given."""
        return exactly(self.leaves)

    def pullable(self) -> Pullable:
        fn = _laid_out(self.fw, self.fn, self.layout) if self.layout else self.fn
        return Pullable(fn, self.tree, self.differentiated)

    def gradient_names(self) -> list[str]:
        return [f"d{name}" for name, d in zip(self.names, self.differentiated, strict=True) if d]

    def differentiated_of(self, leaves: Arrays) -> Arrays:
        return [x for x, d in zip(leaves, self.differentiated, strict=True) if d]

    def moved(self, leaves: Arrays, change: list[Array | None]) -> Arrays:
        """Leaves whose differentiated ones are moved by ``change`` (None: not moved)."""
        turn = iter(change)
        steps = [next(turn) if d else None for d in self.differentiated]
        return [x if u is None else np.asarray(x + u) for x, u in zip(leaves, steps, strict=True)]

    def at(self, leaves: Arrays) -> "Problem":
        """The same function at other inputs, rounded to the target's dtype."""
        return replace(self, leaves=[_rounded(x, self.fw.dtype) for x in leaves])

    def on(self, fw: Framework) -> "Problem":
        """The same function on another target of the same framework."""
        return replace(replace(self, fw=fw), leaves=[_rounded(x, fw.dtype) for x in self.leaves])


def _laid_out(fw: Framework, fn: Function, layout: str) -> Function:
    def moved(x: Any) -> Any:
        return fw.laid_out(x, layout) if fw.dtype_of(x).startswith(("float", "bfloat", "complex")) else x

    def on_laid_out(*args: Any) -> Any:
        given: Any = args
        return fn(*optree.tree_map(moved, given))

    return on_laid_out


def _array(x: Any, name: str) -> Array:
    made = np.asarray(x)
    if made.dtype.kind not in "fciub" and not is_inexact(made.dtype):
        raise TypeError(f"{name} is of type {type(x).__name__}; allowed are NumPy arrays, numbers, and trees of them")
    return made


def _rounded(x: Array, dtype: str) -> Array:
    if x.dtype.kind == "c":
        return x.astype(COMPLEX_OF.get(dtype, "complex64"))
    return x.astype(numpy_dtype(dtype)) if is_inexact(x.dtype) else x


def _expect_differentiable(problem: Problem, owner: list[int], roots: list[str], wrt: tuple[int, ...] | None) -> None:
    if not problem.leaves:
        raise ValueError("there is no argument to differentiate; pass the function's arguments after it")
    for i in wrt or ():
        mine = [x for x, j in zip(problem.leaves, owner, strict=True) if j == i]
        if not any(is_inexact(x.dtype) for x in mine):
            kinds = ", ".join(sorted({x.dtype.name for x in mine})) or "empty"
            raise ValueError(f"wrt names argument {i} ({roots[i]}), which is {kinds}; allowed are floating arguments")
    if wrt is None and not any(problem.differentiated):
        kinds = ", ".join(f"{n} is {x.dtype.name}" for n, x in zip(problem.names, problem.leaves, strict=True))
        raise ValueError(
            f"no argument is floating ({kinds}); pass at least one that is, or wrt=() to check the value alone"
        )


def _parameters(fn: Function, count: int) -> list[str]:
    """The function's own parameter names, so that a message says dw; arg0, arg1, ... where it has none."""
    try:
        found = [
            p.name
            for p in inspect.signature(fn).parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):
        found = []
    return [found[i] if i < len(found) else f"arg{i}" for i in range(count)]
