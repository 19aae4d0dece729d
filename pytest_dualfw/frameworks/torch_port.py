"""A torch module run call by call: value, cotangent and origin of every intermediate; calls can be replaced."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import optree
import torch
from torch.overrides import TorchFunctionMode

from ..port.model import Array, Call, Edit, Point, Run, Trained, Weights
from ..port.rules import settings_of
from .base import Framework
from .torch_decomposed import DECOMPOSED


@dataclass
class _Seen:
    """One tensor that a call returned, as it was then."""

    call: Call
    index: int
    module: str
    tensor: torch.Tensor
    value: torch.Tensor
    version: int
    parents: tuple[int, ...]
    closes: list[str] = field(default_factory=list)


class _Tracing(TorchFunctionMode):
    """Counts and keeps the calls that return tensors; runs an edit in the place of a call where there is one."""

    def __init__(self, edits: Mapping[int, Edit], look: bool) -> None:
        super().__init__()
        self.edits, self._look = edits, look
        self.modules: list[str] = [""]
        self.seen: list[_Seen] = []
        self._producer: dict[int, int] = {}
        self._calls = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        call = Call(_name(func), func, tuple(args), dict(kwargs or {}))
        if call.name in DECOMPOSED:
            with self:
                return DECOMPOSED[call.name](call)
        index, self._calls = self._calls, self._calls + 1
        out = self.edits[index](call) if index in self.edits else func(*args, **call.kwargs)
        if not self._look:
            return out
        parents = tuple(sorted({self._producer[id(t)] for t in call.tensors if id(t) in self._producer}))
        for tensor in optree.tree_leaves(out):
            if isinstance(tensor, torch.Tensor):
                self._producer[id(tensor)] = len(self.seen)
                value = tensor.detach().clone()
                kept = _Seen(call, index, self.modules[-1], tensor, value, tensor._version, parents)
                self.seen.append(kept)
        return out

    def enter(self, name: str) -> None:
        self.modules.append(name)

    def leave(self, name: str, output: Any) -> None:
        self.modules.pop()
        for tensor in optree.tree_leaves(output):
            if id(tensor) in self._producer:
                self.seen[self._producer[id(tensor)]].closes.append(name)

    def produced(self, tensor: Any) -> int | None:
        return self._producer.get(id(tensor))


def _name(func: Any) -> str:
    """``softmax`` of the function and of the method, ``add`` of ``+``, ``mT`` of the property."""
    name = str(getattr(func, "__name__", func))
    if name in ("__get__", "__set__"):
        return str(getattr(func.__self__, "__name__", name))
    return name.strip("_") if name.startswith("__") else name.removesuffix("_")


class TorchPort:
    """``module`` on a target, as a function of its parameters and buffers. The module itself stays as it is.

    ``loss`` maps the output to a scalar; None stands for a fixed linear form of it.
    """

    def __init__(self, fw: Framework, module: torch.nn.Module, loss: Callable[[Any], Any] | None = None) -> None:
        self.fw = fw
        dtype: torch.dtype = getattr(torch, fw.dtype)
        self._module = copy.deepcopy(module).to("cpu", dtype)
        self._loss = loss
        self.parameters = dict(self._module.named_parameters())
        self.trained = {n for n, p in self.parameters.items() if p.requires_grad}
        self.buffers = {n: b for n, b in self._module.named_buffers() if b.is_floating_point()}
        self._counters = {n: b for n, b in self._module.named_buffers() if not b.is_floating_point()}
        self._at_rest = {n: b.clone() for n, b in self._counters.items()}
        self._trace: _Tracing | None = None
        self.drew = False
        for name, inner in self._module.named_modules():
            if name:
                self._watch(name, inner)

    @property
    def values(self) -> dict[str, Array]:
        """Parameters and floating buffers as the module holds them."""
        return {name: self._kept(x) for name, x in {**self.parameters, **self.buffers}.items()}

    @property
    def kinds(self) -> dict[str, str]:
        """The class of the module that each of them belongs to."""
        return {n: type(self._module.get_submodule(n.rpartition(".")[0])).__name__ for n in self.values}

    def taken_up(self, inputs: Sequence[Any]) -> list[str]:
        """The parameters and buffers in the order in which the module first computes with them."""
        names = {id(x): name for name, x in {**self.parameters, **self.buffers}.items()}
        with self._tracing({}, look=True) as trace, torch.no_grad():
            self._module(*[optree.tree_map(self._input, x) for x in inputs])
        used = [names[id(t)] for s in trace.seen for t in s.call.tensors if id(t) in names]
        return list(dict.fromkeys(used))

    def _watch(self, name: str, module: torch.nn.Module) -> None:
        def before(_: Any, args: Any) -> None:
            if self._trace is not None:
                self._trace.enter(name)

        def after(_: Any, args: Any, output: Any) -> None:
            if self._trace is not None:
                self._trace.leave(name, output)

        module.register_forward_pre_hook(before)
        module.register_forward_hook(after, always_call=True)

    def load(self, values: Mapping[str, Array]) -> None:
        with torch.no_grad():
            for name, held in {**self.parameters, **self.buffers}.items():
                held.copy_(self.fw.asarray(values[name]))
            for name, held in self._counters.items():
                held.copy_(self._at_rest[name])

    def run(
        self,
        values: Mapping[str, Array],
        inputs: Sequence[Any],
        weights: Weights,
        edits: Mapping[int, Edit] | None = None,
        backward: bool = True,
        look: bool = True,
    ) -> Run:
        """One forward and, if asked for, one backward pass, with ``edits`` in the place of the calls they name.
        ``look``: keep the points. Afterwards ``drew`` says whether it took random numbers.
        """
        self.load(values)
        before = torch.get_rng_state()
        given = [optree.tree_map(self._input, x) for x in inputs]
        tracked = [t for x in given for t in optree.tree_leaves(x) if t.requires_grad]
        with self._tracing(edits or {}, look) as trace, torch.set_grad_enabled(backward):
            output = self._module(*[optree.tree_map(torch.clone, x) for x in given])
            flat, tree = optree.tree_flatten(output)
            self.drew = not torch.equal(before, torch.get_rng_state())
            trace.enter("loss")
            loss = self._scalar(output, weights)
        clean = {i: s.tensor for i, s in enumerate(trace.seen) if s.tensor.requires_grad and not _changed(s)}
        of_inputs = {("input", i): t for i, t in enumerate(tracked)}
        found = self._gradients(loss, {**self.parameters, **of_inputs, **clean}) if backward else {}
        return Run(
            points=[
                Point(s.call, s.index, s.module, tuple(s.closes), self._kept(s.value), s.parents, found.get(i))
                for i, s in enumerate(trace.seen)
            ],
            start=trace.produced(loss),
            output={
                "/".join(map(str, path)): self._kept(x) for path, x in zip(optree.tree_paths(output), flat, strict=True)
            },
            structure=str(tree),
            loss=self._kept(loss),
            gradients={name: found[name] for name in self.parameters if name in found},
            input_gradients=[found[i] for i in of_inputs if i in found],
            state={name: self._kept(b) for name, b in self.buffers.items()},
        )

    def _input(self, x: Any) -> torch.Tensor:
        tensor: torch.Tensor = self.fw.asarray(x)
        return tensor.requires_grad_(tensor.is_floating_point())

    def _scalar(self, output: Any, weights: Weights) -> torch.Tensor:
        if self._loss:
            made: torch.Tensor = self._loss(output)
            return made
        leaves = [x for x in optree.tree_leaves(output) if isinstance(x, torch.Tensor) and x.is_floating_point()]
        forms = weights.of([tuple(x.shape) for x in leaves])
        total: torch.Tensor = sum((x * self.fw.asarray(w)).sum() for x, w in zip(leaves, forms, strict=True))
        return total

    @contextmanager
    def _tracing(self, edits: Mapping[int, Edit], look: bool) -> Iterator[_Tracing]:
        self._trace = _Tracing(edits, look)
        try:
            with self.fw.scope(), self._trace:
                yield self._trace
        finally:
            self._trace = None

    def _gradients(self, loss: torch.Tensor, of: Mapping[Any, torch.Tensor]) -> dict[Any, Array]:
        wanted = {name: t for name, t in of.items() if t.requires_grad}
        zero = {name: np.zeros(tuple(t.shape)) for name, t in of.items()}
        if not loss.requires_grad or not wanted:
            return zero
        found = torch.autograd.grad(loss, list(wanted.values()), allow_unused=True)
        got = {name: self._kept(g) for name, g in zip(wanted, found, strict=True) if g is not None}
        return {**zero, **got}

    def _kept(self, x: torch.Tensor) -> Array:
        return self.fw.to_numpy(x, dtype=self.fw.dtype_of(x))

    def train(
        self, values: Mapping[str, Array], inputs: Sequence[Any], weights: Weights, optimiser: Any, steps: int
    ) -> Trained:
        """Some steps of an optimiser that the user makes: ``optimiser(parameters)`` returns one of ``torch.optim``, or
        a pair of one and its schedule.
        """
        self.load(values)
        made = optimiser([p for p in self.parameters.values() if p.requires_grad])
        made, schedule = made if isinstance(made, tuple) else (made, None)
        group = {name: x for name, x in made.param_groups[0].items() if name != "params"}
        path, rates = [], []
        for _ in range(steps):
            rates.append(float(made.param_groups[0]["lr"]))
            self._step(made, inputs, weights)
            if schedule is not None:
                schedule.step()
            path.append(self.values)
        rates.append(float(made.param_groups[0]["lr"]))
        kind = type(made).__name__
        return Trained(path, kind, settings_of(kind, {**group, "lr": rates[0]}), rates)

    def _step(self, optimiser: torch.optim.Optimizer, inputs: Sequence[Any], weights: Weights) -> None:
        optimiser.zero_grad()
        with self.fw.scope(), torch.enable_grad():
            output = self._module(*[optree.tree_map(self.fw.asarray, x) for x in inputs])
            self._scalar(output, weights).backward()  # type: ignore[no-untyped-call]
        optimiser.step()


def is_module(x: Any) -> bool:
    return isinstance(x, torch.nn.Module)


def _changed(seen: _Seen) -> bool:
    """Written to in place after it was kept: a gradient would be that of the later value."""
    return bool(seen.tensor._version != seen.version)
