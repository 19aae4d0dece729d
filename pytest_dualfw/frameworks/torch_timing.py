"""Kernels in torch under the clock."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from time import perf_counter
from typing import Any

import numpy as np
import optree
import torch
import torch._dynamo.utils
from torch._dynamo.utils import counters

from ..kernels.model import Compilation
from .base import SilentFallback
from .program import Array, Arrays, Function, leaf_names
from .timing import Given, Kernel, Result, Timer
from .torch import Torch, _compiling, _computed

# Larger than twice the last cache of any GPU there is, and some 50 us to write.
FLUSHED_BYTES = 256 * 2**20

# Phases of compiling among those that dynamo keeps times of, by its own names; each holds those after it that lie
# inside. Versions differ in which they have.
PHASES = (
    "_compile.compile_inner",
    "bytecode_tracing",
    "OutputGraph.call_user_compiler",
    "create_aot_dispatcher_function",
    "compile_fx_inner",
    "build_guards",
    "backward._backward_impl",
)


class TorchTimer(Timer):
    """On the CPU a call that has returned has computed; on a GPU events on the stream tell the time."""

    def __init__(self, fw: Torch) -> None:
        self._fw = fw
        self._flushed: torch.Tensor | None = None
        if fw.device == "gpu":
            self.clock = "events"
            self._flushed = torch.empty(FLUSHED_BYTES, dtype=torch.int8, device=fw._device)

    def seconds(self, call: Function, sets: Sequence[Given]) -> float:
        return super().seconds(call, sets) if self._flushed is None else self._by_events(call, sets)

    def _by_events(self, call: Function, sets: Sequence[Given]) -> float:
        """Between two events on the stream. What is queued before them fills the cache with something else, and keeps
        the device busy until the calls have been launched: their launch is not timed.
        """
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
        assert self._flushed is not None
        self._flushed.zero_()
        start.record()
        for given in sets:
            out = call(*given)
        end.record()
        end.synchronize()
        del out
        return float(start.elapsed_time(end)) / 1e3

    def scope(self) -> AbstractContextManager[Any]:
        return _compiling()

    def eager(self, kernel: Kernel) -> Function:
        return _pulled(kernel.what.f) if kernel.backward else kernel.what.f

    def jit(self, kernel: Kernel) -> Function:
        """The forward pass is what is compiled; autograd runs the backward pass that was compiled along with it."""
        fn, backend = kernel.what.f, self._fw.numerics.compile_backend

        def fresh(*args: Any) -> Any:
            return fn(*args)

        # Dynamo keeps what it compiled by code object, and looks through all of it at each call.
        fresh.__code__ = fresh.__code__.replace()
        compiled: Function = torch.compile(fresh, fullgraph=True, dynamic=False, backend=backend)
        return _pulled(compiled) if kernel.backward else compiled

    def give(self, kernel: Kernel, leaves: Arrays, cotangents: Arrays) -> Given:
        arrays = [self._fw.asarray(x) for x in leaves]
        if not kernel.backward:
            made: Any = optree.tree_unflatten(kernel.what.tree, arrays)
            self.wait(arrays)
            return tuple(made)
        diff, rest = kernel.what.split(arrays)
        roots = [x.requires_grad_() for x in diff]
        primals = [x.clone() for x in roots] if kernel.writes else roots  # a leaf may not be written to
        seeds = [self._fw._put(np.array(c)) for c in cotangents]
        self.wait(seeds)
        return tuple(kernel.what.args(primals, rest)), roots, seeds

    def compile(self, call: Function, given: Given) -> Compilation:
        graphs, before, hits = self.compilations(), _phases(), _hits()
        start = perf_counter()
        out = self.wait(call(*given))
        first = perf_counter() - start
        if self.compilations() == graphs and _computed(out, given):
            raise SilentFallback(
                f"the kernel ran eagerly on {self._fw.target} although it was compiled; "
                "look for torch.compiler.disable, TORCHDYNAMO_DISABLE or a stance of torch.compiler"
            )
        spent = {name: seconds - before.get(name, 0.0) for name, seconds in _phases().items()}
        warm = [name for name, count in _hits().items() if count > hits[name]]
        return Compilation(first, {n: s for n, s in spent.items() if s > 0}, f"warm: {warm[0]}" if warm else "cold")

    def wait(self, out: Any) -> Any:
        if self._fw.device == "gpu":
            torch.cuda.synchronize(self._fw._device)
        return out

    def compilations(self) -> int:
        return int(counters["stats"]["unique_graphs"])

    def result(self, out: Any, *, backward: bool) -> Result:
        value, grads = out if backward else (out, ())
        leaves, tree = optree.tree_flatten(value)
        for leaf in leaves:
            self._fw.expect_own(leaf)
        gradients: list[Array | None] = [None if d is None else self._fw._get(d) for d in grads]
        return Result([self._fw._get(x) for x in leaves], tree, leaf_names(value, "out"), gradients)

    def changed(self, given: Given, leaves: Arrays) -> bool:
        tree: Any = given
        now = optree.tree_leaves(tree)[: len(leaves)]
        return any(not np.array_equal(self._fw._get(x), y) for x, y in zip(now, leaves, strict=True))

    def flops(self, call: Function, given: Given) -> tuple[float, str] | None:
        """Of products, convolutions and attention; a kernel without them has no count."""
        from torch.utils.flop_counter import FlopCounterMode

        with FlopCounterMode(display=False) as counter:
            call(*given)
        total = counter.get_total_flops()
        return (float(total), "torch's FlopCounterMode") if total else None

    def peak_bytes(self, call: Function, given: Given) -> int | None:
        if self._fw.device != "gpu":
            return None
        device = self._fw._device
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        self.wait(call(*given))
        return torch.cuda.max_memory_allocated(device) - before

    def cache_bytes(self) -> int | None:
        if self._fw.device != "gpu":
            return None
        return int(torch.cuda.get_device_properties(self._fw._device).L2_cache_size)

    def environment(self) -> dict[str, Any]:
        return {"torch": str(torch.__version__), "compile_backend": self._fw.numerics.compile_backend}


def _pulled(f: Function) -> Function:
    """``(args, differentiated leaves, cotangents) -> (value, gradients)``."""

    def run(args: Given, roots: Sequence[Any], cotangents: Sequence[Any]) -> tuple[Any, Any]:
        value = f(*args)
        ends, seeds = ((value,), cotangents) if isinstance(value, torch.Tensor) else _linked(value, cotangents)
        return value, torch.autograd.grad(ends, roots, seeds, allow_unused=True)

    return run


def _linked(value: Any, cotangents: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Outputs that depend on a differentiated argument, and their cotangents."""
    floating = [y for y in optree.tree_leaves(value) if y.is_floating_point() or y.is_complex()]
    pairs = [(y, g) for y, g in zip(floating, cotangents, strict=True) if y.requires_grad]
    return [y for y, _ in pairs], [g for _, g in pairs]


def _phases() -> dict[str, float]:
    """Seconds spent so far in each phase of PHASES. Where a version keeps no such table: none."""
    kept = getattr(torch._dynamo.utils, "compilation_time_metrics", {})
    return {name: float(sum(kept[name])) for name in PHASES if name in kept}


def _hits() -> dict[str, int]:
    """How often what was compiled before was found, by which cache on disk."""
    autograd, inductor = counters["aot_autograd"], counters["inductor"]
    return {
        "AOTAutograd's cache on disk": autograd["autograd_cache_hit"],
        "inductor's cache on disk": inductor["fxgraph_cache_hit"],
    }
