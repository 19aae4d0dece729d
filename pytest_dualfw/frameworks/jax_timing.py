"""Kernels in JAX under the clock."""

from collections.abc import Sequence
from itertools import pairwise
from time import perf_counter
from typing import Any

import jax
import numpy as np
import optree

from ..kernels.model import Compilation
from .base import SilentFallback
from .jax import Jax, _setting
from .jax_profiler import busy
from .jax_program import UNTRACEABLE
from .program import Array, Arrays, Function, leaf_names
from .timing import Given, Kernel, Result, Timer

COMPILED = "/jax/core/compile/backend_compile_duration"
CACHE_HIT = "/jax/compilation_cache/cache_hits"

# What XLA counts right, and what it does not, as StableHLO spells them.
PRODUCTS = ("stablehlo.dot_general", "stablehlo.convolution")
UNCOUNTED = ("stablehlo.while", "stablehlo.custom_call")

# An NVIDIA B200 has 126 MB.
LARGE_CACHE = 128 * 2**20

_seen = {COMPILED: 0, CACHE_HIT: 0}


def _note_event(event: str, **_: str | int) -> None:
    if event in _seen:
        _seen[event] += 1


def _note_duration(event: str, duration_secs: float, **_: str | int) -> None:
    _note_event(event)


# Once for the process: JAX keeps listeners until all are cleared.
jax.monitoring.register_event_listener(_note_event)
jax.monitoring.register_event_duration_secs_listener(_note_duration)


class JaxTimer(Timer):
    """Waits with block_until_ready, without which a call is over before it has computed."""

    def __init__(self, fw: Jax) -> None:
        self._fw = fw
        if fw.device != "cpu":  # waiting for the device takes some 10 us: a batch makes little of them
            self.single = self.batch = 2e-3

    def seconds(self, call: Function, sets: Sequence[Given]) -> float:
        """On a CPU each call is waited for: queued ones would run side by side. Elsewhere the last one is, and the
        device works through the queue.
        """
        if self._fw.device == "cpu":
            return super().seconds(call, sets)
        start = perf_counter()
        outs = [call(*given) for given in sets]
        self.wait(outs)
        return perf_counter() - start

    def busy(self, call: Function, sets: Sequence[Given]) -> float | None:
        """By the profiler, of the same calls as the clock's. On a CPU the wall clock tells it."""
        if self._fw.device == "cpu":
            return None
        found = busy(lambda: self.seconds(call, sets))
        return None if found is None else found / len(sets)

    def eager(self, kernel: Kernel) -> Function:
        return _pulled(kernel) if kernel.backward else kernel.what.f

    def jit(self, kernel: Kernel) -> Function:
        run, donate = self.eager(kernel), () if kernel.backward else kernel.donate

        def fresh(*args: Any) -> Any:
            return run(*args)

        compiled: Function = jax.jit(fresh, donate_argnums=donate)
        return compiled

    def give(self, kernel: Kernel, leaves: Arrays, cotangents: Arrays) -> Given:
        arrays = [self._fw.asarray(x) for x in leaves]
        made: Any = optree.tree_unflatten(kernel.what.tree, arrays)
        given: Given = tuple(made)
        if kernel.backward:
            given = (*kernel.what.split(arrays), [self._fw._put(np.array(c)) for c in cotangents])
        return tuple(self.wait(given))

    def compile(self, call: Function, given: Given) -> Compilation:
        if _setting("jax_disable_jit"):
            raise SilentFallback(f"the kernel ran eagerly on {self._fw.target} although it was compiled; "
                                 "look for jax.disable_jit")  # fmt: skip
        before = dict(_seen)
        times = [perf_counter()]
        traced = call.trace(*given)  # type: ignore[attr-defined]
        times.append(perf_counter())
        lowered = traced.lower()
        times.append(perf_counter())
        lowered.compile()
        times.append(perf_counter())
        self.wait(call(*given))
        times.append(perf_counter())
        trace, lower, built, run = (b - a for a, b in pairwise(times))
        phases = {"trace": trace, "lower": lower, "compile": built, "first run": run}
        return Compilation(times[-1] - times[0], phases, _cache(before))

    def wait(self, out: Any) -> Any:
        own = getattr(out, "block_until_ready", None)  # of one array: six times as fast as the function for trees
        return own() if own else jax.block_until_ready(out)  # type: ignore[no-untyped-call]

    def compilations(self) -> int:
        return _seen[COMPILED]

    def result(self, out: Any, *, backward: bool) -> Result:
        value, grads = out if backward else (out, [])
        leaves, tree = optree.tree_flatten(value)
        for leaf in leaves:
            self._fw.expect_own(leaf)
        gradients: list[Array | None] = [self._fw._get(d) for d in grads]
        return Result([self._fw._get(x) for x in leaves], tree, leaf_names(value, "out"), gradients)

    def changed(self, given: Given, leaves: Arrays) -> bool:
        """JAX arrays change in one way only: they are given away."""
        tree: Any = given
        return any(x.is_deleted() for x in optree.tree_leaves(tree))

    def peak_bytes(self, call: Function, given: Given) -> int | None:
        """What XLA plans for a compiled kernel, its results included. Nothing counts the operations of an eager one."""
        if not hasattr(call, "lower"):
            return None
        plan = call.lower(*given).compile().memory_analysis()
        return None if plan is None else int(plan.temp_size_in_bytes + plan.output_size_in_bytes)

    def flops(self, call: Function, given: Given) -> tuple[float, str] | None:
        """By XLA, of the program before it is optimised. It counts the body of a loop once, and no call of a library:
        where there is either, or no product at all, there is no count.
        """
        try:
            lowered = jax.jit(lambda *args: call(*args)).lower(*given)
        except UNTRACEABLE:
            return None
        text, cost = lowered.as_text(), lowered.cost_analysis()
        if not any(op in text for op in PRODUCTS) or any(op in text for op in UNCOUNTED) or not cost:
            return None
        return float(cost["flops"]), "XLA's cost analysis"

    def folded(self, call: Function, given: Given) -> int:
        held = call.trace(*given).jaxpr.consts  # type: ignore[attr-defined]
        return sum(int(getattr(x, "nbytes", 0)) for x in held)

    def cache_bytes(self) -> int | None:
        """JAX does not tell the size of a GPU's cache: larger than any there is."""
        return None if self._fw.device == "cpu" else LARGE_CACHE

    def environment(self) -> dict[str, Any]:
        return {"jax": jax.__version__, "compile_backend": "XLA"}


def _pulled(kernel: Kernel) -> Function:
    """``(differentiated leaves, other leaves, cotangents) -> (value, gradients)``."""
    what = kernel.what

    def run(diff: list[Any], rest: list[Any], cotangents: list[Any]) -> tuple[Any, list[Any]]:
        def ends(d: list[Any]) -> tuple[list[Any], Any]:
            value = what.f(*what.args(d, rest))
            leaves: list[Any] = optree.tree_leaves(value)
            return [y for y in leaves if jax.numpy.issubdtype(y.dtype, jax.numpy.inexact)], value

        _, pullback, value = jax.vjp(ends, diff, has_aux=True)
        (grads,) = pullback(cotangents)
        return value, grads

    return run


def _cache(before: dict[str, int]) -> str:
    if _seen[CACHE_HIT] > before[CACHE_HIT]:
        return "warm: JAX's compilation cache on disk"
    return "cold" if _seen[COMPILED] > before[COMPILED] else "warm: compiled earlier in this process"
