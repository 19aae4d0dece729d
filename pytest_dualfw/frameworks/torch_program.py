"""One function in torch, as the engine asks of it: autograd for reverse mode, dual numbers for forward mode."""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np
import optree
import torch
from torch.autograd import forward_ad

from .program import (
    Around,
    Array,
    Arrays,
    Cotangents,
    Direction,
    Function,
    Program,
    Pullable,
    Pulled,
    Rounding,
    leaf_names,
)
from .torch_rounding import RoundingNoise

if TYPE_CHECKING:
    from .torch import Torch

# A function that draws from torch's own generator draws the same at each call.
SEED = 20


class TorchProgram(Program):
    """The differentiated leaves are given as copies of graph leaves, so that a function may write to its arguments
    and be found out, where writing to a leaf itself would only raise.
    """

    def __init__(self, fw: "Torch", what: Pullable) -> None:
        self._fw, self._what = fw, what
        self._f = fw.compile(what.f)
        self._graph_needed = False

    def pull(self, leaves: Arrays, cotangents: Cotangents, factor: float | None = None) -> Pulled:
        fw, given = self._fw, [self._fw.asarray(x) for x in leaves]
        diff, rest = self._what.split(given)
        roots = [x.requires_grad_() for x in diff]
        primals = [x.clone() for x in roots]
        fw.seed(SEED)
        tree = self._f(*self._what.args(primals, rest))
        outs, structure = optree.tree_flatten(tree)
        for out in outs:
            fw.expect_own(out)
        self._returned = structure, [tuple(y.shape) for y in outs]
        plain = [fw._get(o) for o in outs]
        g = cotangents([y for y, o in zip(plain, outs, strict=True) if _differentiable(o)])
        seeds = [fw._put(np.array(c)) for c in g]
        ends = [o for o in outs if _differentiable(o)]
        with self._buffers_kept():
            grads = _backward(ends, roots, seeds, again=factor is not None)
        modified = [-1] if any(not _equal(s, c) for s, c in zip(map(fw._get, seeds), g, strict=True)) else []
        rescaled = _backward(ends, roots, [self._again(c, factor) for c in g], again=False) if factor else []
        modified += _written(given, leaves, primals, self._what.differentiated, fw)
        got = [[None if d is None else fw._get(d) for d in found] for found in (grads, rescaled)]
        return Pulled(plain, structure, leaf_names(tree, "out"), g, got[0], got[1], modified)

    def _buffers_kept(self) -> AbstractContextManager[Any]:
        """A compiled graph gives its buffers away in its first backward pass, unless told that there is another."""
        return nullcontext() if self._fw.mode == "eager" else _keeping_buffers()

    def _again(self, c: Array, factor: float) -> torch.Tensor:
        """The cotangent times a factor, in another layout: what a broadcast or a slice further on hands back."""
        seed = self._fw._put(np.array(c)) * factor
        return self._fw.laid_out(seed, "strided") if self._fw.mode == "eager" else seed

    def around(self, leaves: Arrays, cotangents: Arrays) -> Around:
        fw = self._fw
        given = [fw._put(np.array(x)) for x in leaves]
        g = [fw._put(np.array(c)).reshape(-1) for c in cotangents]

        def along(direction: Direction) -> Callable[[Sequence[float]], Array]:
            turn = iter(direction)
            steps = [next(turn) if d else None for d in self._what.differentiated]
            u = [None if step is None else fw._put(np.array(step)) for step in steps]

            def phi(ts: Sequence[float]) -> Array:
                return torch.stack([self._value(_moved(given, u, t), g) for t in ts]).cpu().numpy()

            return phi

        return along

    def _value(self, leaves: list[Any], g: list[torch.Tensor]) -> torch.Tensor:
        try:
            outs = self._outputs(leaves)
        except RuntimeError:
            if self._graph_needed:
                raise
            self._graph_needed = True  # a function that differentiates inside itself
            outs = self._outputs(leaves)
        terms = [_real_product(c, y.detach()) for c, y in zip(g, outs, strict=True)]
        return terms[0] if len(terms) == 1 else torch.stack(terms).sum()

    def _outputs(self, leaves: list[Any]) -> list[torch.Tensor]:
        diff, rest = self._what.split(leaves)
        self._fw.seed(SEED)
        with torch.set_grad_enabled(self._graph_needed):
            diff = [x.requires_grad_() for x in diff] if self._graph_needed else diff
            outs, structure = optree.tree_flatten(self._f(*self._what.args(diff, rest)))
        self._expect_as_pulled(structure, outs)
        return [o for o in outs if _differentiable(o)]

    def push(self, leaves: Arrays, tangents: Arrays) -> Arrays:
        fw = self._fw
        diff, rest = self._what.split([fw.asarray(x) for x in leaves])
        fw.seed(SEED)
        with _forward_mode():
            duals = [_dual(x, fw._put(np.array(u))) for x, u in zip(diff, tangents, strict=True)]
            outs = [o for o in optree.tree_leaves(self._what.f(*self._what.args(duals, rest))) if _differentiable(o)]
            return [fw._get(_tangent(o)) for o in outs]

    def rounded(self, leaves: Arrays, cotangents: Arrays, rounding: Rounding) -> Pulled:
        eager = self if self._fw.mode == "eager" else TorchProgram(self._fw.twice_differentiable, self._what)
        with RoundingNoise(rounding):
            return eager.pull(leaves, lambda likes: cotangents)

    def gradient(self, cotangents: Arrays) -> Function:
        # Cotangents that ask for a gradient: else a backward that is differentiable once would be silently taken
        # for a constant, where torch can say that it is not.
        what, fixed = self._what, [self._fw._put(np.array(c)) for c in cotangents]

        def gradient(*args: Any) -> list[torch.Tensor]:
            with torch.enable_grad():  # also where only the value is asked for
                g = [c.detach().requires_grad_() for c in fixed]
                given: Any = args
                diff, rest = what.split(optree.tree_leaves(given))
                diff = [x if x.requires_grad else x.detach().requires_grad_() for x in diff]
                outs = [o for o in optree.tree_leaves(what.f(*what.args(diff, rest))) if _differentiable(o)]
                g = [c.to(o.dtype) for c, o in zip(g, outs, strict=True)]
                found = _backward(outs, diff, g, again=True, twice=True)
                _expect_twice_differentiable(found)
                return [torch.zeros_like(x) if d is None else d for x, d in zip(diff, found, strict=True)]

        return gradient


def _keeping_buffers() -> AbstractContextManager[Any]:
    import torch._functorch.config

    within = not torch._functorch.config.donated_buffer  # another call, or the caller's own wish
    return nullcontext() if within else _buffers_patch()


@functools.cache
def _buffers_patch() -> AbstractContextManager[Any]:
    """One patch for all calls, since torch leaves a variable in the context for each that is made."""
    import torch._functorch.config

    patch: AbstractContextManager[Any] = torch._functorch.config.patch(donated_buffer=False)
    return patch


def _dual(x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
    made: torch.Tensor = forward_ad.make_dual(x, u)  # type: ignore[no-untyped-call, unused-ignore]
    return made


def _tangent(out: torch.Tensor) -> torch.Tensor:
    tangent = forward_ad.unpack_dual(out).tangent  # type: ignore[no-untyped-call, unused-ignore]
    return torch.zeros_like(out) if tangent is None else tangent


def _moved(leaves: list[Any], u: list[Any], t: float) -> list[Any]:
    return [x if step is None else torch.add(x, step, alpha=t) for x, step in zip(leaves, u, strict=True)]


def _real_product(c: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Re sum(conj(c) y)."""
    y = y.to(c.dtype).reshape(-1)
    return torch.vdot(c, y).real if c.is_complex() else torch.dot(c, y)


def _backward(
    outs: list[Any], roots: list[Any], seeds: list[Any], *, again: bool, twice: bool = False
) -> tuple[torch.Tensor | None, ...]:
    linked = [(o, g) for o, g in zip(outs, seeds, strict=True) if o.requires_grad]
    if not linked or not roots:
        return (None,) * len(roots)
    ends, starts = zip(*linked, strict=True)
    return torch.autograd.grad(ends, roots, starts, retain_graph=again, create_graph=twice, allow_unused=True)


def _expect_twice_differentiable(grads: tuple[torch.Tensor | None, ...]) -> None:
    """A backward marked once_differentiable leaves a node that raises, on a path that leads to no argument: autograd
    would pass it by and call the second derivative zero.
    """
    waiting = [d.grad_fn for d in grads if d is not None and d.grad_fn is not None]
    seen = set(waiting)
    while waiting:
        node = waiting.pop()
        if node.name() == "torch::autograd::Error":
            raise RuntimeError("a backward in it is marked once_differentiable")
        reached = {child for child, _ in node.next_functions if child is not None} - seen
        seen |= reached
        waiting += reached


def _written(given: list[Any], leaves: Arrays, primals: list[Any], differentiated: Any, fw: "Torch") -> list[int]:
    """Positions of leaves that are no longer what they were."""
    turn = iter(primals)
    now = [next(turn) if d else x for x, d in zip(given, differentiated, strict=True)]
    return [i for i, (x, then) in enumerate(zip(now, leaves, strict=True)) if not _equal(fw._get(x), then)]


def _equal(now: Array, then: Array) -> bool:
    same = now == then.astype(now.dtype)
    return bool(np.all(same)) or bool(np.all(same | ((now != now) & (then != then))))


def _differentiable(x: torch.Tensor) -> bool:
    return x.is_floating_point() or x.is_complex()


@contextmanager
def _forward_mode() -> Iterator[None]:
    from .torch import _load_forward_mode

    _load_forward_mode()
    with forward_ad.dual_level():
        yield
