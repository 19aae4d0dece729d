"""A JAX function seen from inside without a mark in it: the value and the cotangent of every intermediate."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..port.model import Array, JaxPoint, Narrowing, Run, Weights
from ..taps import watching
from .base import Framework
from .jax_walk import Place, first_uses, is_floating, places, walk, widened

_WIDTH = {"float64": 64, "float32": 32, "bfloat16": 16, "float16": 16}

# It runs a few times: what compiles soonest is soonest done.
QUICKLY_COMPILED = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}


class JaxTree:
    """A tree of parameters as JAX sees it. Floating leaves are the parameters; what else it holds stays as it is."""

    def __init__(self, template: Any) -> None:
        flat, self._structure = jax.tree_util.tree_flatten_with_path(template)
        self._paths = [path_of(path) for path, _ in flat]
        self._leaves = [leaf for _, leaf in flat]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {p: tuple(x.shape) for p, x in zip(self._paths, self._leaves, strict=True) if is_floating(x)}

    @property
    def values(self) -> dict[str, Array]:
        """The parameters in float64, those that are no arrays but shapes left out."""
        held = zip(self._paths, self._leaves, strict=True)
        return {
            p: np.asarray(x, dtype=np.float64)
            for p, x in held
            if is_floating(x) and not isinstance(x, jax.ShapeDtypeStruct)
        }

    def taken_up(self, fw: Framework, fn: Callable[..., Any], inputs: Sequence[Any]) -> list[str]:
        """The parameters in the order in which ``fn(params, *inputs)`` first computes with them."""
        with fw.scope():
            values = {path: fw.asarray(np.zeros(shape)) for path, shape in self.shapes.items()}
            given = [jax.tree.map(fw.asarray, x) for x in inputs]
            closed = jax.make_jaxpr(lambda leaves, xs: fn(self.filled(leaves), *xs))(values, given)
        names = sorted(values)  # as JAX flattens a dict
        return [names[i] for i in first_uses(closed.jaxpr) if i < len(names)]

    def filled(self, values: Mapping[str, Any]) -> Any:
        held = zip(self._paths, self._leaves, strict=True)
        return jax.tree.unflatten(self._structure, [values.get(p, x) for p, x in held])


def path_of(path: Sequence[Any]) -> str:
    """``params/Dense_0/kernel``: keys, attributes and indices alike."""
    return "/".join(str(next(getattr(k, a) for a in ("key", "name", "idx") if hasattr(k, a))) for k in path)


class JaxPort:
    """``fn(params, *inputs)`` on a target, for parameters of one shape.

    ``loss`` maps the output to a scalar; None stands for a fixed linear form of it. Where ``fn`` returns a pair
    whose second part has its leaves at paths of parameters, that part is their new values and no output.
    """

    def __init__(self, fw: Framework, fn: Callable[..., Any], tree: JaxTree, loss: Any, weights: Weights) -> None:
        self.fw = fw
        self._fn, self._tree, self._loss, self._weights = fn, tree, loss, weights
        self._places: list[Place] = []
        self._shifted: list[Place] = []

    def trace(self, values: Mapping[str, Array], inputs: Sequence[Any]) -> None:
        """Follow the function once. What it raises is passed on."""
        leaves, given = self._given(values, inputs)
        with self.fw.scope():
            closed, shape = jax.make_jaxpr(self._whole, return_shape=True)(leaves, given)
        self._out = jax.tree.structure(shape)
        self._follow(closed)

    def _follow(self, closed: Any) -> None:
        self._closed = closed
        self._places = [p for p in places(self._closed.jaxpr, rules=True) if is_floating(p.aval)]
        self._shifted = [p for p in places(self._closed.jaxpr, rules=False) if is_floating(p.aval)]
        self._jitted = jax.jit(self._evaluate, compiler_options=QUICKLY_COMPILED)

    def _given(self, values: Mapping[str, Array], inputs: Sequence[Any]) -> tuple[dict[str, Any], list[Any]]:
        with self.fw.scope():
            leaves = {path: self.fw.asarray(x) for path, x in values.items()}
            return leaves, [jax.tree.map(self.fw.asarray, x) for x in inputs]

    def _whole(self, leaves: Mapping[str, Any], inputs: Sequence[Any]) -> Any:
        with watching({}) as watch:
            out, state = self._split(self._fn(self._tree.filled(leaves), *inputs))
        return self._scalar(out), (jax.tree.map(jnp.asarray, out), state, dict(watch.seen))

    def _split(self, out: Any) -> tuple[Any, dict[str, Any]]:
        if isinstance(out, tuple) and len(out) == 2:
            state = {path_of(path): x for path, x in jax.tree_util.tree_flatten_with_path(out[1])[0]}
            if state and state.keys() <= self._tree.shapes.keys():
                return out[0], state
        return out, {}

    def _scalar(self, out: Any) -> Any:
        if self._loss:
            return self._loss(out)
        leaves = [x for x in jax.tree.leaves(out) if is_floating(x)]
        forms = self._weights.of([tuple(x.shape) for x in leaves])
        return sum(jnp.sum(x * w.astype(x.dtype)) for x, w in zip(leaves, forms, strict=True))

    def run(self, values: Mapping[str, Array], inputs: Sequence[Any]) -> Run:
        """One forward and one backward pass, compiled at the first."""
        leaves, given = self._given(values, inputs)
        with self.fw.scope():
            got = jax.tree.map(np.asarray, self._jitted(leaves, given))
        seen, loss, (output, state, taps), (gradients, of_inputs, cotangents) = got
        flat, structure = jax.tree_util.tree_flatten_with_path(output)
        at = {p.key: c for p, c in zip(self._shifted, cotangents, strict=True)}
        return Run(
            points=[
                JaxPoint(p.primitive, p.scope, p.line, x, at.get(p.key))
                for p, x in zip(self._places, seen, strict=True)
            ],
            output={path_of(path): x for path, x in flat},
            structure=str(structure),
            loss=loss,
            gradients=gradients,
            input_gradients=list(of_inputs),
            state=state,
            taps=taps,
        )

    def outputs(self, values: Mapping[str, Array], inputs: Sequence[Any]) -> dict[str, Array]:
        """The output alone."""
        leaves, given = self._given(values, inputs)
        forward = jax.jit(lambda *args: self._whole(*args)[1][0], compiler_options=QUICKLY_COMPILED)
        with self.fw.scope():
            flat, _ = jax.tree_util.tree_flatten_with_path(forward(leaves, given))
        return {path_of(path): np.asarray(x) for path, x in flat}

    def _evaluate(self, leaves: Any, inputs: Any) -> Any:
        seen: list[Any] = []
        walk(self._closed, _flat(leaves, inputs), lambda _, y: _kept(y, seen), rules=True)
        held, structure = jax.tree.flatten(inputs)
        floating = [x for x in held if is_floating(x)]
        shifts = [jnp.zeros(p.aval.shape, p.aval.dtype) for p in self._shifted]

        def scalar(leaves: Any, floating: list[Any], shifts: list[Any]) -> Any:
            moved = iter(floating)
            given = jax.tree.unflatten(structure, [next(moved) if is_floating(x) else x for x in held])
            by_key = {p.key: s for p, s in zip(self._shifted, shifts, strict=True)}
            outs = walk(
                self._closed, _flat(leaves, given), lambda k, y: y + by_key[k] if k in by_key else y, rules=False
            )
            return tuple(jax.tree.unflatten(self._out, outs))

        (loss, aux), gradients = jax.value_and_grad(scalar, argnums=(0, 1, 2), has_aux=True)(leaves, floating, shifts)
        return seen, loss, aux, gradients

    def widened(self) -> "JaxPort":
        """The same function, traced already, with every narrower float computed in float64."""
        other = JaxPort(self.fw, self._fn, self._tree, self._loss, self._weights)
        other._out = self._out
        with self.fw.scope():
            avals = [jnp.zeros(v.shape, v.dtype) for v in self._closed.in_avals]
            other._follow(jax.make_jaxpr(lambda *args: widened(self._closed, args))(*avals))
        return other

    @property
    def narrowings(self) -> list[Narrowing]:
        """Where a function that was given the target's dtype computes in a narrower one."""
        wide = _WIDTH[self.fw.dtype]
        consts = [
            Narrowing(str(c.dtype), f"a constant of shape {tuple(c.shape)}")
            for c in self._closed.consts
            if _WIDTH.get(str(getattr(c, "dtype", "")), wide) < wide
        ]
        steps = [p for p in self._places if _WIDTH.get(str(getattr(p.aval, "dtype", "")), wide) < wide]
        return [*consts, *(Narrowing(str(p.aval.dtype), _told(p)) for p in steps)]

    def steps_narrowly(self, values: Mapping[str, Array], trained: Sequence[str], optimiser: Any) -> bool:
        with self.fw.scope():
            mine = {n: self.fw.asarray(values[n]) for n in trained}
            return computes_narrowly(optimiser.update, mine, optimiser.init(mine), mine)

    def train(
        self, values: Mapping[str, Array], inputs: Sequence[Any], trained: Sequence[str], optimiser: Any, steps: int
    ) -> list[dict[str, Array]]:
        """The parameters after each of some steps of ``optimiser``, a pair of functions init and update as optax has
        it. New values of parameters that the function returns stand beside those that are trained.
        """
        leaves, given = self._given(values, inputs)
        path = []
        with self.fw.scope():
            held = optimiser.init({n: leaves[n] for n in trained})
            for _ in range(steps):
                _, _, (_, state, _), (gradients, _, _) = self._jitted(leaves, given)
                mine = {n: leaves[n] for n in trained}
                updates, held = optimiser.update({n: gradients[n] for n in trained}, held, mine)
                leaves = {**leaves, **state, **jax.tree.map(jnp.add, mine, updates)}
                path.append({n: np.asarray(x) for n, x in leaves.items()})
        return path


def computes_narrowly(f: Callable[..., Any], *args: Any) -> bool:
    """Whether a function of float64 arrays computes in a narrower dtype, as schedules of optax do."""
    made = places(jax.make_jaxpr(f)(*args).jaxpr, rules=True)
    return any(_WIDTH.get(str(getattr(p.aval, "dtype", "")), 64) < 64 for p in made)


def _kept(x: Any, seen: list[Any]) -> Any:
    if is_floating(x):
        seen.append(x)
    return x


def _flat(leaves: Any, inputs: Any) -> list[Any]:
    return jax.tree.leaves((leaves, inputs))


def _told(place: Place) -> str:
    return " at ".join(s for s in (place.scope or place.primitive, place.line) if s)
