"""One function in JAX, as the engine asks of it. In jit mode reverse mode is one compiled call; values along a path
are compiled in either mode, where the function allows it.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optree

from .jax_rounding import with_noise
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
    is_inexact,
    leaf_names,
)

if TYPE_CHECKING:
    from .jax import Jax

# What JAX raises where a function asks a traced array for its value.
UNTRACEABLE = (jax.errors.JAXTypeError, jax.errors.JAXIndexError)


# So many points of a line are evaluated in one call: those of one ladder.
AT_ONCE = 6
# More numbers than that are moved to the device once; fewer are transferred sooner by the call itself.
TRANSFERRED = 2**15
# From which input on a program of the values alone is compiled.
COMPILED_FROM = 2


class Line(NamedTuple):
    """Leaves, those that are not differentiated, a direction of the former, and the cotangents."""

    diff: list[Any]
    rest: list[Any]
    u: list[Any]
    g: list[Any]


class JaxProgram(Program):
    """Each compiled form is made at its first use."""

    def __init__(self, fw: "Jax", what: Pullable) -> None:
        self._fw, self._what = fw, what
        self._names: list[str] = []
        self._structure: Any = None
        # Compiled within the compiled forms too: the function is traced once for all of them.
        self._outputs: Function = self._flat if fw.mode == "eager" else jax.jit(self._flat)
        self._likes: Arrays | None = None
        self._traceable = True

    def _flat(self, diff: list[Any], rest: list[Any]) -> list[Any]:
        tree = self._what.f(*self._what.args(diff, rest))
        leaves, self._structure = optree.tree_flatten(tree)
        self._names = leaf_names(tree, "out")
        for leaf in leaves:
            self._fw.expect_own(leaf)
        return leaves

    def _inexact(self, diff: list[Any], rest: list[Any]) -> tuple[list[Any], list[Any]]:
        outs = self._outputs(diff, rest)
        return [o for o in outs if _differentiable(o)], outs

    def pull(self, leaves: Arrays, cotangents: Cotangents, factor: float | None = None) -> Pulled:
        return (self._pull_eagerly if self._fw.mode == "eager" else self._pull_compiled)(leaves, cotangents, factor)

    def _pull_eagerly(self, leaves: Arrays, cotangents: Cotangents, factor: float | None) -> Pulled:
        diff, rest = self._what.split([self._fw.asarray(x) for x in leaves])
        ends, pullback, outs = jax.vjp(lambda d: self._inexact(d, rest), diff, has_aux=True)
        g = cotangents([self._fw._get(o) for o in ends])
        factors = [1.0] if factor is None else [1.0, factor]
        grads = [pullback([self._cotangent(_times(c, k)) for c in g])[0] for k in factors]
        return self._pulled(outs, g, grads)

    def _pull_compiled(self, leaves: Arrays, cotangents: Cotangents, factor: float | None) -> Pulled:
        diff, rest = self._what.split(self._given(leaves))
        if self._likes is None:
            shapes = jax.eval_shape(self._outputs, diff, rest)
            self._likes = [np.zeros(s.shape, s.dtype) for s in shapes if _differentiable(s)]
        g = cotangents(self._likes)
        diff = _transferred(diff)
        outs, first = self._compiled_pull(diff, rest, [_conjugate(c) for c in g])
        grads = [first]
        if factor is not None:
            grads.append(self._compiled_pull(diff, rest, [_conjugate(_times(c, factor)) for c in g])[1])
        return self._pulled(outs, g, grads)

    def _given(self, leaves: Arrays) -> list[Any]:
        """As compiled code gets them: the same kind of array each time, else it is compiled again."""
        return [x if is_inexact(x.dtype) else self._fw.asarray(x) for x in leaves]

    def _compiles_values(self) -> bool:
        """The first input is judged by what is compiled already, though it differentiates too."""
        return self._fw.mode == "eager" or self.checks >= COMPILED_FROM

    def _pulled(self, outs: list[Any], g: Arrays, grads: list[Any]) -> Pulled:
        got: list[list[Array | None]] = [[_conjugate(self._fw._get(d)) for d in found] for found in grads]
        plain = [self._fw._get(o) for o in outs]
        self._returned = self._structure, [y.shape for y in plain]
        return Pulled(plain, self._structure, list(self._names), g, got[0], got[1] if len(got) > 1 else [])

    def _cotangent(self, c: Array) -> Any:
        return self._fw._put(_conjugate(c))

    @cached_property
    def _compiled_pull(self) -> Function:
        def pull(diff: list[Any], rest: list[Any], g: list[Any]) -> tuple[list[Any], list[Any]]:
            _, pullback, outs = jax.vjp(lambda d: self._inexact(d, rest), diff, has_aux=True)
            (grads,) = pullback(g)
            return outs, grads

        return self._fw.jit(pull)

    def around(self, leaves: Arrays, cotangents: Arrays) -> Around:
        diff, rest = self._what.split(self._given(leaves))
        g = list(cotangents)
        zeros = [np.zeros(x.shape, x.dtype) for x in diff]
        if self._compiles_values():
            diff, g = _transferred(diff), _transferred(g)

        def along(direction: Direction) -> Callable[[Sequence[float]], Array]:
            u = [z if step is None else step for z, step in zip(zeros, direction, strict=True)]
            return lambda ts: self._along(Line(diff, rest, u, g), ts)

        return along

    def _along(self, line: "Line", ts: Sequence[float]) -> Array:
        if not self._compiles_values():
            return np.array([self._by_pulling(line, t) for t in ts])
        try:
            if self._traceable:
                return np.concatenate([self._mapped(line, ts[i : i + AT_ONCE]) for i in range(0, len(ts), AT_ONCE)])
        except UNTRACEABLE:
            self._traceable = False
        return np.array([float(self._value(line, t)) for t in ts])

    def _by_pulling(self, line: "Line", t: float) -> float:
        diff = [np.asarray(x + t * u) for x, u in zip(jax.device_get(line.diff), line.u, strict=True)]
        g = jax.device_get(line.g)
        outs, _ = self._compiled_pull(diff, line.rest, [_conjugate(c) for c in g])
        ends = jax.device_get([o for o in outs if _differentiable(o)])
        return float(sum(np.vdot(c, y).real for c, y in zip(g, ends, strict=True)))

    def _mapped(self, line: "Line", ts: Sequence[float]) -> Array:
        """At most so many at once, for which it is compiled; no more are computed than asked for."""
        padded = np.array([*ts, *[0.0] * (AT_ONCE - len(ts))])
        return np.asarray(self._compiled_values(line, padded, len(ts)), dtype=np.float64)[: len(ts)]

    @cached_property
    def _compiled_values(self) -> Function:
        def values(line: "Line", ts: Any, count: Any) -> Any:
            def at(i: Any, found: Any) -> Any:
                return found.at[i].set(self._value(line, ts[i]))

            return jax.lax.fori_loop(0, count, at, jnp.zeros(AT_ONCE))

        return jax.jit(values)

    def _value(self, line: "Line", t: Any) -> Any:
        ends, outs = self._inexact([x + t * u for x, u in zip(line.diff, line.u, strict=True)], line.rest)
        self._expect_as_pulled(self._structure, outs)
        return sum((jnp.vdot(c, y).real for c, y in zip(line.g, ends, strict=True)), start=jnp.zeros(()))

    def push(self, leaves: Arrays, tangents: Arrays) -> Arrays:
        diff, rest = self._what.split([self._fw.asarray(x) for x in leaves])
        return [self._fw._get(t) for t in self._compiled_push(diff, rest, [self._fw._put(u) for u in tangents])]

    @cached_property
    def _compiled_push(self) -> Function:
        def push(diff: list[Any], rest: list[Any], tangents: list[Any]) -> list[Any]:
            found: list[Any] = jax.jvp(lambda d: self._inexact(d, rest)[0], (diff,), (tangents,))[1]
            return found

        return jax.jit(push)

    def rounded(self, leaves: Arrays, cotangents: Arrays, rounding: Rounding) -> Pulled:
        diff, rest = self._what.split([self._fw.asarray(x) for x in leaves])

        def pull(diff: list[Any], g: list[Any]) -> tuple[list[Any], list[Any]]:
            _, pullback, outs = jax.vjp(lambda d: self._inexact(d, rest), diff, has_aux=True)
            return outs, pullback(g)[0]

        outs, grads = with_noise(pull, rounding)(diff, [self._cotangent(c) for c in cotangents])
        return self._pulled(outs, cotangents, [grads])

    def gradient(self, cotangents: Arrays) -> Function:
        what = self._what

        def ends(diff: list[Any], rest: list[Any]) -> list[Any]:
            return [o for o in optree.tree_leaves(what.f(*what.args(diff, rest))) if _differentiable(o)]

        def gradient(*args: Any) -> list[Any]:
            given: Any = args
            diff, rest = what.split(optree.tree_leaves(given))
            outs, pullback = jax.vjp(lambda d: ends(d, rest), diff)
            g = [jnp.conj(jnp.asarray(c, dtype=o.dtype)) for c, o in zip(cotangents, outs, strict=True)]
            (grads,) = pullback(g)
            return [jnp.conj(d) if jnp.iscomplexobj(d) else d for d in grads]

        return gradient


def _transferred(arrays: list[Any]) -> list[Any]:
    return jax.device_put(arrays) if sum(x.size for x in arrays) > TRANSFERRED else arrays


def _conjugate(d: Array) -> Array:
    return np.conj(d) if d.dtype.kind == "c" else d


def _times(c: Array, k: float) -> Array:
    return np.asarray(c * c.dtype.type(k))


def _differentiable(x: Any) -> bool:
    return jnp.issubdtype(x.dtype, jnp.inexact)
