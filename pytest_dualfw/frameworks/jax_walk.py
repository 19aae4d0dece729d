"""A traced JAX function walked equation by equation: where each value comes from, and a visit to each value."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
from jax.extend import core

# Primitives that stand for a call of another traced function, whose derivative is that of what they hold.
_INLINED = {"pjit", "jit", "closed_call", "core_call", "remat", "remat2", "checkpoint"}
# Those with rules of their own: entered for their values, kept whole where they are differentiated.
_WITH_RULES = {"custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr"}

# A line in one of these is not the user's.
_LIBRARIES = tuple(f"{name}/" for name in ("jax", "jaxlib", "flax", "equinox", "optax", "haiku"))
_OURS = str(Path(__file__).parent.parent)

Key = tuple[int, ...]
Visit = Callable[[Key, Any], Any]
Frame = tuple[str, int, str]


@dataclass(frozen=True)
class Place:
    """Where a value is made. ``key`` counts equations, from the outermost call inward, then the results of one."""

    key: Key
    primitive: str
    scope: str
    frame: Frame | None
    aval: Any

    @property
    def line(self) -> str:
        return f"{Path(self.frame[0]).name}:{self.frame[1]}" if self.frame else ""


def inner_of(eqn: Any, rules: bool) -> Any:
    """The traced function that an equation calls, None where the equation is taken whole. ``rules`` enters those
    with derivatives of their own too.
    """
    if eqn.primitive.name not in (_INLINED | _WITH_RULES if rules else _INLINED):
        return None
    return next((eqn.params[n] for n in ("jaxpr", "call_jaxpr", "fun_jaxpr") if n in eqn.params), None)


def places(jaxpr: Any, rules: bool, at: Key = (), outer: Place | None = None) -> Iterator[Place]:
    """Each value in order of execution; loops are one equation."""
    for i, eqn in enumerate(jaxpr.eqns):
        here = _place((*at, i), eqn, None, outer)
        inner = inner_of(eqn, rules)
        if inner is not None:
            yield from places(getattr(inner, "jaxpr", inner), rules, (*at, i), here)
        if inner is None or eqn.primitive.name in _WITH_RULES:
            yield from (_place((*at, i, k), eqn, v.aval, outer) for k, v in enumerate(eqn.outvars))


# Primitives that hand a parameter on as it is, or laid out otherwise.
_CARRIED = {"convert_element_type", "transpose", "reshape", "squeeze", "copy", "broadcast_in_dim"}


def first_uses(jaxpr: Any) -> list[int]:
    """The positions of a traced function's arguments in the order in which it first computes with them."""
    found: list[int] = []
    _follow(jaxpr, list(range(len(jaxpr.invars))), found)
    return list(dict.fromkeys(found))


def _follow(jaxpr: Any, given: Sequence[int | None], found: list[int]) -> list[int | None]:
    """Which argument each result still is; what is computed with is added to ``found``."""
    held = dict(zip(jaxpr.invars, given, strict=True))

    def argument(v: Any) -> int | None:
        return None if isinstance(v, core.Literal) else held.get(v)

    for eqn in jaxpr.eqns:
        inner, taken = inner_of(eqn, rules=True), [argument(v) for v in eqn.invars]
        if inner is not None:
            held.update(zip(eqn.outvars, _follow(getattr(inner, "jaxpr", inner), taken, found), strict=False))
        elif eqn.primitive.name in _CARRIED:
            held[eqn.outvars[0]] = taken[0]
        else:
            found += [i for i in taken if i is not None]
    return [argument(v) for v in jaxpr.outvars]


def _place(key: Key, eqn: Any, aval: Any, outer: Place | None) -> Place:
    stack = str(eqn.source_info.name_stack)
    scope = "/".join(s for s in (outer.scope if outer else "", stack) if s)
    frame = _user_frame(eqn.source_info.traceback)
    # A library's compiled helper is traced once for several callers: the line is the caller's.
    if outer and outer.frame and (frame is None or (frame[0], frame[2]) == (outer.frame[0], outer.frame[2])):
        frame = outer.frame
    return Place(key, eqn.primitive.name, scope, frame, aval)


def _user_frame(traceback: Any) -> Frame | None:
    frames = traceback.frames if traceback else ()
    return next(((f.file_name, f.line_num, f.function_name) for f in frames if _users(f.file_name)), None)


def _users(file: str) -> bool:
    if file.startswith((_OURS, "<")):
        return False
    _, installed, rest = file.partition("site-packages/")
    return not (installed and rest.startswith(_LIBRARIES))


def walk(closed: Any, args: Sequence[Any], visit: Visit, rules: bool) -> list[Any]:
    """The results of a traced function; ``visit(key, value)`` stands for each value that an equation makes."""
    return _run(closed.jaxpr, closed.consts, args, visit, rules, ())


def _run(jaxpr: Any, consts: Sequence[Any], args: Sequence[Any], visit: Visit, rules: bool, at: Key) -> list[Any]:
    known: dict[Any, Any] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*consts, *args], strict=True))

    def read(v: Any) -> Any:
        return v.val if isinstance(v, core.Literal) else known[v]

    for i, eqn in enumerate(jaxpr.eqns):
        outs = _apply(eqn, [read(v) for v in eqn.invars], visit, rules, (*at, i))
        known.update(zip(eqn.outvars, outs, strict=True))
    return [read(v) for v in jaxpr.outvars]


def _apply(eqn: Any, args: list[Any], visit: Visit, rules: bool, at: Key) -> list[Any]:
    inner = inner_of(eqn, rules)
    if inner is not None:
        results = _run(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), args, visit, rules, at)
        own = eqn.primitive.name in _WITH_RULES  # a place where it can be differentiated, too
        return [visit((*at, k), y) for k, y in enumerate(results)] if own else results
    found = eqn.primitive.bind(*args, **eqn.primitive.get_bind_params(eqn.params))
    outs = list(found) if eqn.primitive.multiple_results else [found]
    return [visit((*at, k), y) for k, y in enumerate(outs)]


def widened(closed: Any, args: Sequence[Any]) -> list[Any]:
    """The results with every narrower float computed in float64. What a loop holds cannot be changed: TypeError."""
    return _run_wide(closed.jaxpr, closed.consts, args)


def _run_wide(jaxpr: Any, consts: Sequence[Any], args: Sequence[Any]) -> list[Any]:
    known: dict[Any, Any] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*consts, *args], strict=True))

    def read(v: Any) -> Any:
        return _wide(v.val if isinstance(v, core.Literal) else known[v])

    for eqn in jaxpr.eqns:
        inner, held = inner_of(eqn, rules=True), [read(v) for v in eqn.invars]
        if inner is not None:
            outs = _run_wide(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), held)
        else:
            params = {name: _wide_dtype(value) for name, value in eqn.params.items()}
            found = eqn.primitive.bind(*held, **eqn.primitive.get_bind_params(params))
            outs = list(found) if eqn.primitive.multiple_results else [found]
        known.update(zip(eqn.outvars, outs, strict=True))
    return [read(v) for v in jaxpr.outvars]


def _wide(x: Any) -> Any:
    return x.astype("float64") if is_floating(x) and x.dtype != "float64" else x


def _wide_dtype(value: Any) -> Any:
    narrow = ("float32", "bfloat16", "float16")
    return jax.numpy.dtype("float64") if str(getattr(value, "name", value)) in narrow else value


def is_floating(x: Any) -> bool:
    return hasattr(x, "dtype") and bool(jax.numpy.issubdtype(x.dtype, jax.numpy.floating))
