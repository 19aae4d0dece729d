"""What the engine asks of a library about one function: its reverse mode, its forward mode, its value along a path.

Everything goes in and comes out as NumPy. Complex numbers follow one convention on every framework: a cotangent g of
an output y stands for the real function L = Re sum(conj(g) y), and the gradient dx of a leaf x for
dL = Re sum(conj(dx) dx'), dx' a change of x. It is torch's; JAX's is its conjugate.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import ml_dtypes
import numpy as np
import optree

Array = np.ndarray[Any, Any]
Arrays = list[Array]
Function = Callable[..., Any]
Cotangents = Callable[[Arrays], Arrays]
Direction = list[Array | None]
Around = Callable[[Direction], Callable[[Sequence[float]], Array]]


class ChangedStructure(ValueError):
    """A function returned another structure than before."""


@dataclass(frozen=True)
class Pulled:
    """Outputs of a function and the pullback of cotangents through it; a gradient is None where no path leads back.

    ``rescaled`` are the gradients of the same run at the cotangents times a factor, where one was asked for.
    ``modified`` names what the function wrote to: positions of leaves, -1 for its cotangent.
    """

    outputs: Arrays
    tree: Any
    names: list[str]
    cotangents: Arrays
    gradients: list[Array | None]
    rescaled: list[Array | None] = field(default_factory=list)
    modified: list[int] = field(default_factory=list)

    def cotangent_tree(self) -> Any:
        """The cotangents in double precision, in the structure of the output; None for an output that has none."""
        turn = iter(exactly(self.cotangents))
        return optree.tree_unflatten(self.tree, [next(turn) if is_inexact(y.dtype) else None for y in self.outputs])


@dataclass(frozen=True)
class Pullable:
    """``f(*args)``: ``tree`` is the structure of args, ``differentiated`` says which of its leaves are."""

    f: Function
    tree: Any
    differentiated: tuple[bool, ...]

    def split(self, leaves: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """The differentiated leaves, and the rest."""
        pairs = list(zip(leaves, self.differentiated, strict=True))
        return [x for x, d in pairs if d], [x for x, d in pairs if not d]

    def args(self, differentiated: Sequence[Any], rest: Sequence[Any]) -> Any:
        turns = {True: iter(differentiated), False: iter(rest)}
        return optree.tree_unflatten(self.tree, [next(turns[d]) for d in self.differentiated])


@dataclass(frozen=True)
class Rounding:
    """Noise like that of rounding: each result of an operation times 1 + u xi, |xi| <= 1.

    It shows how far rounding inside a function can move its result, which a change of its inputs does not show.
    Source: D. S. Parker, Monte Carlo Arithmetic (1997).
    """

    u: float
    rng: np.random.Generator

    def factor(self, shape: Sequence[int]) -> Array:
        return np.asarray(1 + self.u * self.rng.uniform(-1, 1, size=tuple(shape)))


class Program(ABC):
    """One function on one target, compiled at most once however often it is asked.

    ``checks`` counts the inputs at which it was asked: what is asked again is worth another compilation.
    ChangedStructure is raised where the function returns another structure, or other shapes, than in the last ``pull``.
    """

    checks = 0
    _returned: tuple[Any, list[tuple[int, ...]]] | None = None

    def _expect_as_pulled(self, tree: Any, outs: Sequence[Any]) -> None:
        now = tree, [tuple(y.shape) for y in outs]
        if self._returned is not None and now != self._returned:
            raise ChangedStructure(f"{structure_of(*now)}, and {structure_of(*self._returned)} before")

    @abstractmethod
    def pull(self, leaves: Arrays, cotangents: Cotangents, factor: float | None = None) -> Pulled:
        """Outputs and gradients as the target's mode computes them; ``cotangents`` gets an array like each floating
        output and returns their cotangents. With ``factor`` the same run pulls back factor * cotangents too.
        """

    @abstractmethod
    def around(self, leaves: Arrays, cotangents: Arrays) -> Around:
        """A direction, one array (None: not moved) for each differentiated leaf, -> the function of many t that gives
        Re sum(conj(g) f(x + t u)) at each, without differentiating.
        """

    @abstractmethod
    def push(self, leaves: Arrays, tangents: Arrays) -> Arrays:
        """Tangents of the floating outputs along ``tangents``, one for each differentiated leaf: forward mode."""

    @abstractmethod
    def rounded(self, leaves: Arrays, cotangents: Arrays, rounding: Rounding) -> Pulled:
        """As pull, run eagerly with noise in each operation."""

    @abstractmethod
    def gradient(self, cotangents: Arrays) -> Function:
        """The function ``args -> gradients`` of the differentiated leaves at fixed cotangents, in the framework's
        own arrays, itself differentiable.
        """


def structure_of(tree: Any, shapes: Sequence[tuple[int, ...]]) -> str:
    """``(out(2,), out())``: what a function returned, for a person."""
    made: Any = optree.tree_unflatten(tree, [f"out{s}" for s in shapes])
    return str(made).replace("'", "")


def is_floating(dtype: np.dtype[Any]) -> bool:
    return dtype.kind == "f" or dtype == ml_dtypes.bfloat16


def is_inexact(dtype: np.dtype[Any]) -> bool:
    """Floating or complex: what can be differentiated."""
    return dtype.kind in "fc" or dtype == ml_dtypes.bfloat16


def exactly(leaves: Iterable[Array]) -> Arrays:
    """Floating and complex leaves in double precision, which holds them exactly; others as they are."""
    return [
        x.astype(np.complex128 if x.dtype.kind == "c" else np.float64) if is_inexact(x.dtype) else x for x in leaves
    ]


def leaf_names(tree: Any, root: str) -> list[str]:
    """``root``, ``root['w']``, ``root[0]``: how one would write each leaf in Python."""
    return [root + "".join(f"[{part!r}]" for part in path) for path in optree.tree_paths(tree)]
