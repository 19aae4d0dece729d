"""Noise like that of rounding, in each operation of a traced JAX function; loops and branches are walked in Python."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend import core

from .program import Function, Rounding

# Primitives whose results are exact: they copy, select, compare or create.
EXACT = frozenset(
    """
    abs argmax argmin bitcast_convert_type broadcast_in_dim ceil clamp complex concatenate conj convert_element_type
    copy copy_p cummax cummin device_put dynamic_slice dynamic_update_slice expand_dims floor gather imag iota max min
    neg pad random_bits random_seed random_wrap real reduce_max reduce_min reshape rev round scatter
    select_and_gather_add select_n sign slice sort squeeze stop_gradient top_k transpose
    """.split()  # noqa: SIM905
)

Values = Sequence[Any]


def with_noise(f: Function, rounding: Rounding) -> Function:
    """``f`` run operation by operation, each floating result that rounds multiplied by 1 + u xi."""

    def call(*args: Any) -> Any:
        closed, shape = jax.make_jaxpr(f, return_shape=True)(*args)
        outs = _run(closed.jaxpr, closed.consts, jax.tree.leaves(args), rounding)
        return jax.tree.unflatten(jax.tree.structure(shape), outs)

    return call


def _run(jaxpr: Any, consts: Values, args: Values, rounding: Rounding) -> list[Any]:
    known: dict[Any, Any] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*consts, *args], strict=True))

    def read(v: Any) -> Any:
        return v.val if isinstance(v, core.Literal) else known[v]

    for eqn in jaxpr.eqns:
        outs = _apply(eqn, [read(v) for v in eqn.invars], rounding)
        known.update(zip(eqn.outvars, outs, strict=True))
    return [read(v) for v in jaxpr.outvars]


def _apply(eqn: Any, args: Values, rounding: Rounding) -> list[Any]:
    name = eqn.primitive.name
    if name in _WALKED:
        return _WALKED[name](eqn.params, args, rounding)
    inner = eqn.params.get("jaxpr", eqn.params.get("call_jaxpr"))
    if inner is not None and name in _CALLS:
        return _enter(inner, args, rounding)
    found = eqn.primitive.bind(*args, **eqn.primitive.get_bind_params(eqn.params))
    outs = list(found) if eqn.primitive.multiple_results else [found]
    return outs if name in EXACT else [_noisy(y, rounding) for y in outs]


# Primitives that stand for a call of another traced function.
_CALLS = {"pjit", "jit", "closed_call", "core_call", "remat", "remat2", "checkpoint"} | {
    "custom_jvp_call",
    "custom_vjp_call",
}


def _enter(inner: Any, args: Values, rounding: Rounding) -> list[Any]:
    if hasattr(inner, "consts"):
        return _run(inner.jaxpr, inner.consts, args, rounding)
    return _run(inner, [], args, rounding)


def _scan(params: Any, args: Values, rounding: Rounding) -> list[Any]:
    nc, nk = _scan_counts(params)
    consts, carry, xs = list(args[:nc]), list(args[nc : nc + nk]), args[nc + nk :]
    order = range(params["length"])
    rows: list[list[Any]] = []
    for i in reversed(order) if params["reverse"] else order:
        outs = _enter(params["jaxpr"], [*consts, *carry, *(x[i] for x in xs)], rounding)
        carry, ys = outs[:nk], outs[nk:]
        rows.append(ys)
    rows = rows[::-1] if params["reverse"] else rows
    return [*carry, *(jnp.stack(column) for column in zip(*rows, strict=True))]


def _scan_counts(params: Any) -> tuple[int, int]:
    """How many of a scan's operands are constants, and how many are carried; jax 0.11 says it by a tree."""
    if "num_consts" in params:
        return params["num_consts"], params["num_carry"]
    consts, carry, _ = params["ft_in"].unpack()
    return len(consts), len(carry)


def _while(params: Any, args: Values, rounding: Rounding) -> list[Any]:
    nc, nb = params["cond_nconsts"], params["body_nconsts"]
    cond_consts, body_consts, carry = args[:nc], args[nc : nc + nb], list(args[nc + nb :])
    while _enter(params["cond_jaxpr"], [*cond_consts, *carry], rounding)[0]:
        carry = _enter(params["body_jaxpr"], [*body_consts, *carry], rounding)
    return carry


def _cond(params: Any, args: Values, rounding: Rounding) -> list[Any]:
    branches = params["branches"]
    return _enter(branches[min(max(int(args[0]), 0), len(branches) - 1)], args[1:], rounding)


_WALKED: dict[str, Callable[[Any, Values, Rounding], list[Any]]] = {"scan": _scan, "while": _while, "cond": _cond}


def _noisy(y: Any, rounding: Rounding) -> Any:
    if not jnp.issubdtype(y.dtype, jnp.inexact):
        return y
    return y * jnp.asarray(rounding.factor(y.shape)).astype(y.dtype)
