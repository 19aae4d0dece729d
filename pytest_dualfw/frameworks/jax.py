"""JAX. With suites' own implementations the only code that imports it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .base import Framework, Function, SilentFallback
from .probe import Device, Probe
from .program import Program, Pullable
from .timing import Timer

_KIND = {"cuda": "gpu", "rocm": "gpu"}
_DTYPES = ("float64", "float32", "bfloat16", "float16")

# Settings watched for leaks; wanted_state prescribes the first three.
_STATE = (
    "jax_enable_x64",
    "jax_default_matmul_precision",
    "jax_default_device",
    "jax_disable_jit",
    "jax_debug_nans",
    "jax_numpy_dtype_promotion",
)


class Jax(Framework):
    """jax arrays, ``jax.grad`` and its kin, ``jax.jit``. 64-bit types are on for float64 targets only."""

    name = "jax"

    @property
    def xp(self) -> Any:
        return jnp

    @classmethod
    def probe(cls) -> Probe:
        devices = tuple(_described(d) for kind in ("cpu", "gpu", "tpu") for d in _devices(kind))
        dtypes = {d.kind: _DTYPES if d.kind != "tpu" else _DTYPES[1:] for d in devices}
        driver = str(jax.devices()[0].client.platform_version).splitlines()[:1]
        build = f"a build for {', '.join(dict.fromkeys(d.platform for d in jax.devices()))}"
        return Probe(jax.__version__, devices, build, driver[0] if driver else "", dtypes)

    @property
    def _device(self) -> Any:
        return jax.devices(self.device)[self.target.index or 0]

    def is_array(self, x: Any) -> bool:
        return isinstance(x, jax.Array)

    def dtype_of(self, x: Any) -> str:
        return str(x.dtype)

    def device_of(self, x: Any) -> str:
        if isinstance(x, jax.core.Tracer):  # an abstract value lies nowhere yet
            return self.device
        platform = next(iter(x.devices())).platform
        return _KIND.get(platform, str(platform))

    def _put(self, data: np.ndarray[Any, Any]) -> Any:
        return jax.device_put(data, self._device)

    def _get(self, x: Any) -> np.ndarray[Any, Any]:
        return np.array(x)

    def _integer_dtype(self, data: np.ndarray[Any, Any]) -> np.dtype[Any]:
        """Without 64-bit types an integer becomes 32-bit, if its value allows."""
        narrow: np.dtype[Any] = np.dtype(jax.dtypes.canonicalize_dtype(data.dtype))
        limits = np.iinfo(narrow)
        if data.size and (data.min() < limits.min or data.max() > limits.max):
            raise OverflowError(f"{data.dtype} data does not fit {narrow}, the widest integer of {self.target}")
        return narrow

    def jit(self, f: Function) -> Function:
        compiled = jax.jit(f)

        def call(*args: Any, **kwargs: Any) -> Any:
            if _setting("jax_disable_jit"):
                raise SilentFallback(
                    f"{_name(f)} ran eagerly on {self.target} although it was compiled; look for jax.disable_jit"
                )
            self.usage.compiled += 1
            return compiled(*args, **kwargs)

        return call

    def grad(self, f: Function) -> Function:
        return jax.grad(f)

    def value_and_grad(self, f: Function) -> Function:
        return jax.value_and_grad(f)

    def differentiated(self, f: Function) -> Function:
        compiled = self.compile(jax.value_and_grad(f, has_aux=True))

        def call(leaves: Any, *rest: Any) -> tuple[Any, Any, Any]:
            (value, aux), gradients = compiled(leaves, *rest)
            return value, aux, gradients

        return call

    def pass_through(self, f: Function, *args: Any) -> None:
        jax.eval_shape(lambda *args: f(*args), *args)  # anew: a function that JAX knows is not run

    def vjp(self, f: Function, *primals: Any) -> tuple[Any, Function]:
        out, pullback = jax.vjp(f, *primals)
        return out, pullback

    def jvp(self, f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        out, tangent = jax.jvp(f, tuple(primals), tuple(tangents))
        return out, tangent

    def vmap(self, f: Function, in_axes: Any = 0) -> Function:
        return jax.vmap(f, in_axes=in_axes)

    @property
    def in_double(self) -> "Jax":
        """Compiled, unless the target is float64 itself: operation by operation JAX is a hundred times slower."""
        return self if self.dtype == "float64" else self.at(dtype="float64", mode="jit")

    def cannot_trace(self, error: Exception) -> bool:
        from .jax_program import UNTRACEABLE

        return isinstance(error, UNTRACEABLE)

    def synchronize(self, x: Any = None) -> Any:
        if x is not None:
            return jax.block_until_ready(x)  # type: ignore[no-untyped-call]
        jax.effects_barrier()  # type: ignore[no-untyped-call]
        return None

    def program(self, what: Pullable) -> Program:
        from .jax_program import JaxProgram

        return JaxProgram(self, what)

    def timer(self) -> Timer:
        from .jax_timing import JaxTimer

        return JaxTimer(self)

    def laid_out(self, x: Any, layout: str) -> Any:
        raise TypeError("jax arrays have no layout to choose")

    def state(self) -> dict[str, Any]:
        return {name: _setting(name) for name in _STATE}

    def wanted_state(self) -> dict[str, Any]:
        return {
            "jax_enable_x64": self.dtype == "float64",
            "jax_default_matmul_precision": "tensorfloat32" if self.numerics.tf32 else "highest",
            "jax_default_device": self._device,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            if _setting(name) != value:
                jax.config.update(name, value)  # type: ignore[no-untyped-call]

    def seed(self, seed: int) -> None:
        """JAX has no global generator: keys are passed in."""

    def generator_state(self) -> Any:
        """None: keys are passed in."""
        return None

    def set_generator_state(self, state: Any) -> None:
        """Nothing to set."""

    def reset(self) -> None:
        """Compiled code is keyed by the function object: nothing leaks."""

    def scope(self) -> AbstractContextManager[Any]:
        stack = ExitStack()
        stack.enter_context(jax.enable_x64(self.dtype == "float64"))
        stack.enter_context(jax.default_device(self._device))
        stack.enter_context(jax.default_matmul_precision("highest"))
        return stack


def _setting(name: str) -> Any:
    return getattr(jax.config, name)


def _devices(kind: str) -> list[Any]:
    try:
        return list(jax.devices(kind))
    except RuntimeError:  # JAX's answer where a platform is not there
        return []


def _described(device: Any) -> Device:
    stats = device.memory_stats() or {}
    limit = stats.get("bytes_limit")
    platform = _KIND.get(device.platform, device.platform)
    return Device(platform, device.device_kind, limit / 2**30 if limit else None)


def _name(f: Function) -> str:
    return getattr(f, "__qualname__", type(f).__name__)
