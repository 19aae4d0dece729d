"""The contract between the engine and a library. An adaptor implements the abstract part; the rest holds for all."""

import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import ml_dtypes
import numpy as np

from ..numerics import Numerics
from ..target import Target, listed
from .probe import Probe
from .program import Program, Pullable, is_floating
from .timing import Timer

COMPLEX_OF = {"float64": "complex128", "float32": "complex64"}

Function = Callable[..., Any]


class WrongResult(AssertionError):
    """A result of another framework, device or dtype than the target's, or one that NumPy computed."""


class SilentFallback(AssertionError):
    """A function that was to be compiled ran eagerly."""


@dataclass
class Usage:
    """What one test did with the framework: arrays handed to it and given back unchanged, and what it compiled.

    In jit mode a test that computed something but compiled nothing has not tested what it was asked to test.
    """

    handed: dict[int, Any] = field(default_factory=dict)
    returned: set[int] = field(default_factory=set)
    computed: bool = False
    compiled: int = 0

    def hand_out(self, x: Any) -> Any:
        self.handed[id(x)] = weakref.ref(x)
        return x

    def take_back(self, x: Any) -> None:
        ref = self.handed.get(id(x))
        if ref is not None and ref() is x:
            self.returned.add(id(x))
        else:
            self.computed = True

    def computed_without_compiling(self) -> bool:
        """An input that never came back as it was went into a computation."""
        return not self.compiled and (self.computed or bool(self.handed.keys() - self.returned))


class Framework(ABC):
    """One library on one target: makes arrays, compiles and differentiates functions, gives NumPy back."""

    name: ClassVar[str]

    def __init__(self, target: Target, numerics: Numerics | None = None) -> None:
        self.target = target
        self.numerics = numerics or Numerics()
        self.usage = Usage()

    @property
    def device(self) -> str:
        return self.target.device

    @property
    def dtype(self) -> str:
        return self.target.dtype

    @property
    def mode(self) -> str:
        return self.target.mode

    def __repr__(self) -> str:
        return f"<{self.target}>"

    def begin(self) -> None:
        """A test begins: what the one before did with the framework is forgotten."""
        self.usage = Usage()

    def at(self, **changes: Any) -> Self:
        """The same framework on another target: ``fw.at(dtype="float64", mode="eager")``."""
        return type(self)(replace(self.target, **changes), self.numerics)

    def select(self, **choices: Any) -> Any:
        """The choice named like this framework: ``fw.select(torch=..., jax=...)``. KeyError where it has none."""
        if self.name not in choices:
            raise KeyError(f"select has no choice for {self.name!r}; it has {listed(sorted(choices))}")
        return choices[self.name]

    def asarray(self, x: Any, dtype: str | None = None) -> Any:
        """A NumPy array, number or list as an array of the framework on the target's device; the data is copied.

        Floating data takes the target's dtype (or ``dtype``), complex data the complex dtype of that precision,
        integers and booleans keep theirs, as far as the framework has it. WrongResult where the array that the
        framework made has another dtype than was asked for.
        """
        data = np.array(self._as_numpy(x))
        wanted = self._dtype_for(data, dtype)
        made = self._put(data.astype(wanted))
        if self.dtype_of(made) != wanted.name:
            raise WrongResult(
                f"{self.target} was asked for {wanted.name} and made {self.dtype_of(made)}; "
                "call asarray inside a test or fw.scope(), where 64-bit types are switched on"
            )
        return self.usage.hand_out(made)

    def to_numpy(self, x: Any, dtype: str | None = None) -> np.ndarray[Any, Any]:
        """An array of the framework as NumPy. WrongResult unless it lies on the target's device in its dtype.

        ``dtype`` names the floating dtype of a function that is meant to return another one.
        """
        self.expect_own(x, dtype)
        self.usage.take_back(x)
        return self._get(x)

    def expect_own(self, x: Any, dtype: str | None = None) -> None:
        """Raise WrongResult unless ``x`` is this framework's array on the target's device and in its dtype."""
        if not self.is_array(x):
            raise WrongResult(f"a result on {self.target} is {_describe(x)}; expected an array of {self.name}")
        if self.made_by_numpy(x):
            raise WrongResult(f"a result on {self.target} was computed by NumPy; compute it with {self.name}")
        if self.device_of(x) != self.device:
            raise WrongResult(f"a result on {self.target} lies on {self.device_of(x)}; expected {self.device}")
        floating = (dtype or self.dtype, COMPLEX_OF.get(dtype or self.dtype))
        got = self.dtype_of(x)
        if got.startswith(("float", "bfloat", "complex")) and got not in floating:
            raise WrongResult(
                f"a result on {self.target} is {got}; expected {floating[0]} (pass dtype= where another one is meant)"
            )

    def compile(self, f: Function) -> Function:
        """``f`` as the target's mode runs it: itself in eager mode, compiled in jit mode."""
        return f if self.mode == "eager" else self.jit(f)

    def _as_numpy(self, x: Any) -> Any:
        return self._get(x) if self.is_array(x) else x

    def _dtype_for(self, data: np.ndarray[Any, Any], asked: str | None) -> np.dtype[Any]:
        """The dtype an input takes here; extension floats (bfloat16) have NumPy kind V."""
        floating = asked or self.dtype
        if data.dtype.kind == "c":
            return np.dtype(COMPLEX_OF.get(floating, "complex64"))
        if is_floating(data.dtype):
            return numpy_dtype(floating)
        return self._integer_dtype(data) if data.dtype.kind in "iu" else data.dtype

    def _integer_dtype(self, data: np.ndarray[Any, Any]) -> np.dtype[Any]:
        kept: np.dtype[Any] = data.dtype
        return kept

    @property
    @abstractmethod
    def xp(self) -> Any:
        """The library's array-API namespace."""

    @classmethod
    @abstractmethod
    def probe(cls) -> Probe:
        """Look for devices. Runs in a process of its own, so that asking holds no device."""

    @abstractmethod
    def is_array(self, x: Any) -> bool: ...

    @abstractmethod
    def dtype_of(self, x: Any) -> str:
        """NumPy's name of the array's dtype."""

    @abstractmethod
    def device_of(self, x: Any) -> str:
        """``cpu``, ``gpu`` or ``tpu``."""

    @abstractmethod
    def _put(self, data: np.ndarray[Any, Any]) -> Any:
        """An array of the framework on the target's device, from data that nobody else holds."""

    @abstractmethod
    def _get(self, x: Any) -> np.ndarray[Any, Any]: ...

    def made_by_numpy(self, x: Any) -> bool:
        """Whether ``x`` is known to come out of a NumPy function applied to an array of the framework."""
        return False

    @abstractmethod
    def jit(self, f: Function) -> Function:
        """``f`` compiled whole, whatever the mode. A call that runs eagerly all the same raises SilentFallback."""

    @abstractmethod
    def grad(self, f: Function) -> Function:
        """The gradient of a scalar function with respect to its first argument."""

    @abstractmethod
    def value_and_grad(self, f: Function) -> Function:
        """Value and gradient of a scalar function, in this order, with respect to its first argument."""

    @abstractmethod
    def vjp(self, f: Function, *primals: Any) -> tuple[Any, Function]:
        """``(f(*primals), pullback)``; the pullback takes a cotangent and returns one gradient for each primal."""

    @abstractmethod
    def jvp(self, f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        """``(f(*primals), derivative along tangents)``."""

    @abstractmethod
    def vmap(self, f: Function, in_axes: Any = 0) -> Function:
        """``f`` over a leading batch axis of the arguments (``in_axes`` as in both libraries: None is not batched)."""

    @property
    def in_double(self) -> Self:
        """The target in float64, in the mode in which that is cheapest to evaluate many times."""
        return self if self.dtype == "float64" else self.at(dtype="float64")

    @property
    def twice_differentiable(self) -> Self:
        """The target in a mode whose gradients can be differentiated again."""
        return self

    def cannot_trace(self, error: Exception) -> bool:
        """Whether the compiler raised it because it cannot follow the function, as where a shape depends on values."""
        return False

    @abstractmethod
    def synchronize(self, x: Any = None) -> Any:
        """Wait until ``x`` (or all that was issued) is computed; returns ``x``."""

    @abstractmethod
    def program(self, what: Pullable) -> Program:
        """``what.f`` on this target, for the engine to ask."""

    def differentiated(self, f: Function) -> Function:
        """``f(leaves, *rest) -> (scalar, aux)`` as ``(scalar, aux, gradients)``, the way the library's users train.

        ``leaves`` is a tree of floating arrays and ``gradients`` a tree like it, zeros where the scalar does not
        depend on a leaf. In jit mode forward and backward are compiled. TypeError where an adaptor has no such form.
        """
        raise TypeError(
            f"{self.name} cannot differentiate a model's tree of parameters; its adaptor has no differentiated"
        )

    def pass_through(self, f: Function, *args: Any) -> None:
        """Have Python walk through ``f`` once, for what it does beside computing."""
        f(*args)

    def functional(self, module: Any) -> Function:
        """A module of the library as ``f(params, *inputs)``, tapped at its submodules. TypeError where it has none."""
        raise TypeError(f"{self.name} has no modules; pass a function of (params, *inputs) with taps")

    def timer(self) -> Timer:
        """What times kernels on this target. TypeError where an adaptor has none."""
        raise TypeError(f"{self.name} has no timer; kernel_benchmark measures frameworks whose adaptor has one")

    @abstractmethod
    def laid_out(self, x: Any, layout: str) -> Any:
        """``x`` in another layout in memory, differentiably: ``strided`` (every other element of a buffer) or
        ``transposed`` (the last two axes change places). TypeError where arrays have no layout.
        """

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """The library's global settings that change numbers."""

    @abstractmethod
    def wanted_state(self) -> dict[str, Any]:
        """Those of them that this target prescribes."""

    @abstractmethod
    def set_state(self, state: Mapping[str, Any]) -> None: ...

    @abstractmethod
    def seed(self, seed: int) -> None:
        """Seed the library's global generator, where it has one."""

    @abstractmethod
    def generator_state(self) -> Any:
        """The state of the library's global generator, None where it has none."""

    @abstractmethod
    def set_generator_state(self, state: Any) -> None: ...

    def scope(self) -> AbstractContextManager[Any]:
        """What must surround work on this target outside a test: 64-bit types, the device."""
        return nullcontext()

    @abstractmethod
    def reset(self) -> None:
        """Forget compiled code that would leak from one test into the next."""


def numpy_dtype(name: str) -> np.dtype[Any]:
    return np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name)


def _describe(x: Any) -> str:
    return f"{type(x).__module__.split('.')[0]}.{type(x).__name__}"
