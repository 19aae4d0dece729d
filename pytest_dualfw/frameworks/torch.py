"""PyTorch. With suites' own implementations the only code that imports it."""

import functools
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Self

import ml_dtypes
import numpy as np
import optree
import torch

from .base import Framework, Function, SilentFallback
from .probe import Device, Probe
from .program import Program, Pullable
from .timing import Timer

# A code object recompiles for each new shape and closure; the default of 8 is soon used up by drawn shapes.
RECOMPILE_LIMIT = 4096

_KIND = {"cuda": "gpu", "xla": "tpu"}
_DTYPES = ("float64", "float32", "bfloat16", "float16")


def _set_cudnn_tf32(on: bool) -> None:
    with warnings.catch_warnings():  # newer versions announce another spelling; this one works in all of them
        warnings.simplefilter("ignore")
        torch.backends.cudnn.allow_tf32 = on


def _set_cudnn_benchmark(on: bool) -> None:
    torch.backends.cudnn.benchmark = on


def _set_default_device(device: torch.device) -> None:
    """The CPU is the default when nothing is set; setting it by name would put a mode around every call."""
    torch.set_default_device(None if device.type == "cpu" else device)


# name -> (read, write)
_STATE: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "default dtype": (torch.get_default_dtype, torch.set_default_dtype),
    "default device": (torch.get_default_device, _set_default_device),
    "grad mode": (torch.is_grad_enabled, torch.set_grad_enabled),
    "deterministic mode": (torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode),
    "float32 matmul precision": (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
    "cuDNN TF32": (lambda: torch.backends.cudnn.allow_tf32, _set_cudnn_tf32),
    "cuDNN benchmark": (lambda: torch.backends.cudnn.benchmark, _set_cudnn_benchmark),
    "threads": (torch.get_num_threads, torch.set_num_threads),
}

# Tensors that came out of a NumPy function: NumPy calls __array_wrap__ to dress its result as a tensor again.
# By id, since tensors compare elementwise.
_from_numpy: "weakref.WeakValueDictionary[int, torch.Tensor]" = weakref.WeakValueDictionary()


def _watch_array_wrap() -> None:
    plain: Function = torch.Tensor.__array_wrap__

    @functools.wraps(plain)
    def watched(self: torch.Tensor, *args: Any) -> Any:
        out = plain(self, *args)
        _from_numpy[id(out)] = out
        return out

    torch.Tensor.__array_wrap__ = watched  # type: ignore[method-assign]


_watch_array_wrap()


@functools.cache
def _load_forward_mode() -> None:
    """The first jvp loads rules that torch scripts, and scripting warns: not the test's warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.func.jvp(torch.neg, (torch.zeros(()),), (torch.zeros(()),))


class Torch(Framework):
    """torch tensors; ``torch.autograd`` for gradients, ``torch.func`` to transform, ``torch.compile`` for jit."""

    name = "torch"

    @property
    def xp(self) -> Any:
        import array_api_compat.torch as xp

        return xp

    @classmethod
    def probe(cls) -> Probe:
        cuda = torch.version.cuda or torch.version.hip
        build = f"built for {'CUDA' if torch.version.cuda else 'ROCm'} {cuda}" if cuda else "a CPU-only build"
        gpus = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
        found = [Device("gpu", p.name, p.total_memory / 2**30) for p in gpus]
        kinds = {d.kind: _DTYPES for d in (Device("cpu", "cpu"), *found)}
        return Probe(torch.__version__, (Device("cpu", "cpu"), *found), build, "", kinds)

    @property
    def _device(self) -> torch.device:
        return torch.device("cuda", self.target.index or 0) if self.device == "gpu" else torch.device("cpu")

    def is_array(self, x: Any) -> bool:
        return isinstance(x, torch.Tensor)

    def dtype_of(self, x: torch.Tensor) -> str:
        return str(x.dtype).removeprefix("torch.")

    def device_of(self, x: torch.Tensor) -> str:
        return _KIND.get(x.device.type, x.device.type)

    def made_by_numpy(self, x: torch.Tensor) -> bool:
        return _from_numpy.get(id(x)) is x

    def _put(self, data: np.ndarray[Any, Any]) -> torch.Tensor:
        if data.dtype == ml_dtypes.bfloat16:  # torch takes no ml_dtypes: carry the bits over
            return torch.from_numpy(data.view(np.int16)).view(torch.bfloat16).to(self._device)
        return torch.from_numpy(data).to(self._device)

    def _get(self, x: torch.Tensor) -> np.ndarray[Any, Any]:
        here = x.detach().resolve_conj().resolve_neg().cpu()
        if here.dtype == torch.bfloat16:
            bits = here.contiguous().view(torch.int16).numpy()
            return np.array(bits.view(ml_dtypes.bfloat16))
        plain: np.ndarray[Any, Any] = np.array(here.numpy(force=True))  # forced: a zero that has no storage
        return plain

    def jit(self, f: Function) -> Function:
        import torch._dynamo

        _load_forward_mode()
        runs = 0

        def backend(graph: Any, inputs: Any) -> Function:
            compiled = torch._dynamo.lookup_backend(self.numerics.compile_backend)(graph, inputs)

            def run(*args: Any) -> Any:
                nonlocal runs
                runs += 1
                return compiled(*args)

            return run

        compiled = torch.compile(f, fullgraph=True, dynamic=False, backend=backend)

        def call(*args: Any, **kwargs: Any) -> Any:
            before = runs
            self.usage.compiled += 1
            with _compiling():
                out = compiled(*args, **kwargs)
            if runs == before and _computed(out, (args, kwargs)):
                raise SilentFallback(
                    f"{_name(f)} ran eagerly on {self.target} although it was compiled; "
                    "look for torch.compiler.disable, TORCHDYNAMO_DISABLE or a stance of torch.compiler"
                )
            return out

        return call

    def grad(self, f: Function) -> Function:
        return torch.func.grad(f)

    def value_and_grad(self, f: Function) -> Function:
        swapped = torch.func.grad_and_value(f)

        def call(*args: Any) -> tuple[Any, Any]:
            grad, value = swapped(*args)
            return value, grad

        return call

    def differentiated(self, f: Function) -> Function:
        compiled = self.compile(f)

        def call(leaves: Any, *rest: Any) -> tuple[Any, Any, Any]:
            tracked = optree.tree_map(lambda x: x.detach().clone().requires_grad_(), leaves)
            value, aux = compiled(tracked, *rest)
            flat, tree = optree.tree_flatten(tracked)
            found = torch.autograd.grad(value, flat, allow_unused=True, materialize_grads=True)
            return value.detach(), optree.tree_map(_detached, aux), optree.tree_unflatten(tree, found)

        return call

    def functional(self, module: torch.nn.Module) -> Function:
        from .torch_modules import functional

        return functional(module)

    def vjp(self, f: Function, *primals: Any) -> tuple[Any, Function]:
        out, pullback = torch.func.vjp(f, *primals)[:2]
        return out, pullback

    def jvp(self, f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        if not torch.compiler.is_compiling():
            _load_forward_mode()
        out, tangent = torch.func.jvp(f, tuple(primals), tuple(tangents))[:2]
        return out, tangent

    def vmap(self, f: Function, in_axes: Any = 0) -> Function:
        return torch.func.vmap(f, in_dims=in_axes)

    @property
    def in_double(self) -> Self:
        """Eager: a function that is judged once is not worth compiling."""
        return self if (self.dtype, self.mode) == ("float64", "eager") else self.at(dtype="float64", mode="eager")

    @property
    def twice_differentiable(self) -> Self:
        """Eager: the backward pass of a compiled function cannot be differentiated."""
        return self if self.mode == "eager" else self.at(mode="eager")

    def cannot_trace(self, error: Exception) -> bool:
        import torch._dynamo

        return isinstance(error, (torch._dynamo.exc.Unsupported, torch._dynamo.exc.UserError))

    def synchronize(self, x: Any = None) -> Any:
        if self.device == "gpu":
            torch.cuda.synchronize(self._device)
        return x

    def program(self, what: Pullable) -> Program:
        from .torch_program import TorchProgram

        return TorchProgram(self, what)

    def timer(self) -> Timer:
        from .torch_timing import TorchTimer

        return TorchTimer(self)

    def laid_out(self, x: torch.Tensor, layout: str) -> torch.Tensor:
        if layout == "strided":
            return torch.stack([x, x], dim=-1)[..., 0] if x.dim() else x
        return x.mT.contiguous().mT if x.dim() > 1 else x

    def scope(self) -> AbstractContextManager[Any]:
        return _default_dtype(torch.float64 if self.dtype == "float64" else torch.float32)

    def state(self) -> dict[str, Any]:
        return {name: read() for name, (read, _) in _STATE.items()}

    def wanted_state(self) -> dict[str, Any]:
        return {
            "default dtype": torch.float64 if self.dtype == "float64" else torch.float32,
            "grad mode": True,
            # 1 warns where an op has no deterministic form, 2 would raise in the user's own test
            "deterministic mode": 1 if self.numerics.deterministic else 0,
            "float32 matmul precision": "high" if self.numerics.tf32 else "highest",
            "cuDNN TF32": self.numerics.tf32,
            "cuDNN benchmark": False,
            "threads": self.numerics.threads,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            read, write = _STATE[name]
            if read() != value:
                write(value)

    def seed(self, seed: int) -> None:
        torch.default_generator.manual_seed(seed)  # torch.manual_seed also walks the stack: 0.5 ms a call
        if self.device == "gpu":
            torch.cuda.manual_seed_all(seed)

    def generator_state(self) -> Any:
        on_gpu = torch.cuda.get_rng_state(self._device) if self.device == "gpu" else None
        return torch.default_generator.get_state(), on_gpu

    def set_generator_state(self, state: Any) -> None:
        on_cpu, on_gpu = state
        torch.default_generator.set_state(on_cpu)
        if on_gpu is not None:
            torch.cuda.set_rng_state(on_gpu, self._device)

    def reset(self) -> None:
        if self.mode == "jit":
            torch.compiler.reset()


@contextmanager
def _default_dtype(dtype: torch.dtype) -> Iterator[None]:
    """New tensors take the target's precision, as they do inside a test."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@functools.cache
def _settings() -> AbstractContextManager[Any]:
    """One patch for all calls, since torch leaves a variable in the context for each that is made."""
    import torch._dynamo

    limits = dict.fromkeys(("recompile_limit", "accumulated_recompile_limit"), RECOMPILE_LIMIT)
    # A module that holds a torch.nn.LSTM is to be compiled whole too, which by default it is not.
    patch: AbstractContextManager[Any] = torch._dynamo.config.patch({**limits, "allow_rnn": True})
    return patch


@contextmanager
def _compiling() -> Iterator[None]:
    """Room for many shapes, recurrent modules too, no deprecation that torch raises against itself while it traces."""
    import torch._dynamo

    within = torch._dynamo.config.recompile_limit == RECOMPILE_LIMIT  # another call
    with warnings.catch_warnings(), nullcontext() if within else _settings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"torch\.")
        # it reads .grad of every argument, whether that is a leaf or not
        warnings.filterwarnings("ignore", message="The .grad attribute of a Tensor that is not a leaf")
        yield


def _computed(out: Any, given: Any) -> bool:
    """Whether a result holds a tensor that was not handed in: something was computed."""
    inputs = {id(x) for x in optree.tree_leaves(given)}
    return any(isinstance(x, torch.Tensor) and id(x) not in inputs for x in optree.tree_leaves(out))


def _detached(x: Any) -> Any:
    return x.detach() if isinstance(x, torch.Tensor) else x


def _name(f: Function) -> str:
    return getattr(f, "__qualname__", type(f).__name__)
