"""What is to be checked: a function, its inputs rounded to the target's dtype, and which leaves are differentiated."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import optree

from ..frameworks.base import Framework, Pull, Pullable, is_floating, leaf_names, numpy_dtype

Arrays = list[np.ndarray[Any, Any]]
Function = Callable[..., Any]


@dataclass(frozen=True)
class Problem:
    """``fn(*args)`` on ``fw``. ``leaves`` are NumPy arrays, floating ones already rounded to the target's dtype."""

    fw: Framework
    fn: Function
    leaves: Arrays
    names: list[str]
    tree: Any
    differentiated: tuple[bool, ...]

    @classmethod
    def of(cls, fw: Framework, fn: Function, args: Any, wrt: tuple[int, ...] | None) -> "Problem":
        """ValueError for a ``wrt`` that names no argument."""
        chosen = range(len(args)) if wrt is None else wrt
        if any(i not in range(len(args)) for i in chosen):
            raise ValueError(f"wrt is {wrt}; allowed are positions of the {len(args)} arguments, from 0")
        roots = _parameters(fn, len(args))
        leaves, tree = optree.tree_flatten(args)
        names = [name for root, arg in zip(roots, args, strict=True) for name in leaf_names(arg, root)]
        owner = [i for i, arg in enumerate(args) for _ in optree.tree_leaves(arg)]
        rounded = [_rounded(np.asarray(x), fw.dtype) for x in leaves]
        wanted = tuple(i in chosen and is_floating(x.dtype) for i, x in zip(owner, rounded, strict=True))
        return cls(fw, fn, rounded, names, tree, wanted)

    def args(self, leaves: Arrays) -> tuple[Any, ...]:
        made: Any = optree.tree_unflatten(self.tree, leaves)
        return tuple(made)

    def exact(self) -> Arrays:
        """The rounded leaves in float64: what every oracle is given."""
        return [x.astype(np.float64) if is_floating(x.dtype) else x for x in self.leaves]

    def puller(self, fw: Framework, cotangents: Arrays | None, rng: np.random.Generator) -> Pull:
        """Reverse mode on ``fw``; cotangents are drawn by ``rng`` unless they are given."""

        def choose(likes: Arrays) -> Arrays:
            if cotangents is not None:
                return [c.astype(like.dtype) for c, like in zip(cotangents, likes, strict=True)]
            return [draw_cotangent(like, rng) for like in likes]

        return fw.puller(Pullable(self.fn, self.tree, self.differentiated, choose))

    def on(self, fw: Framework, leaves: Arrays) -> list[Any]:
        """Leaves as arrays of ``fw``."""
        return [fw.asarray(x) for x in leaves]

    def gradient_names(self) -> list[str]:
        return [f"d{name}" for name, d in zip(self.names, self.differentiated, strict=True) if d]


def draw_cotangent(like: np.ndarray[Any, Any], rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """1 for a scalar; else +-(0.5 + U[0, 1)), a law that leaves no entry unseen."""
    if like.ndim == 0:
        return np.ones_like(like)
    return direction(like.shape, rng).astype(like.dtype)


def direction(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray[Any, Any]:
    return np.asarray(rng.choice([-1.0, 1.0], size=shape) * (0.5 + rng.random(size=shape)))


def _rounded(x: np.ndarray[Any, Any], dtype: str) -> np.ndarray[Any, Any]:
    return x.astype(numpy_dtype(dtype)) if is_floating(x.dtype) else x


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
