"""A row of the kernels, its sizes, and where its three spellings are found.

A kernel has one name in three places: ``in_torch`` and ``in_jax``, as a user of that framework would write it, and
``in_numpy``, with ``<name>_vjp`` beside it where the kernel is differentiated. A new kernel is one row and one function
in each.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

import numpy as np

from pytest_dualfw import Target, Tolerance
from pytest_dualfw.kernels.model import Work
from pytest_dualfw.tolerance import UNIT_ROUNDOFF

from ..table import named

Rng = np.random.Generator
Dims = Mapping[str, int]

# Tiny is bound by dispatch, large by the device.
SIZES = TINY, MEDIUM, LARGE = "tiny", "medium", "large"
ITEM_BYTES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}

# n rounded sums of entries of size 1 that cancel drift by about n u / sqrt(2); the largest of many by 5 times that.
# Source: N. Higham, Accuracy and Stability of Numerical Algorithms, section 4.2.
SUM_FACTOR = 8.0
SUMMED_IN_OWN_DTYPE = ("float64", "float32")

# An index has 8 bytes in torch, 4 in JAX without 64-bit types; the floor counts what both must read.
INDEX_BYTES = 4


@dataclass(frozen=True)
class Sizes:
    """What each length is called, and its values at the three sizes: on the CPU, and on a GPU or TPU."""

    names: str
    cpu: Sequence[Sequence[int]]
    gpu: Sequence[Sequence[int]]

    def dims(self, device: str, size: str) -> dict[str, int]:
        """``{"n": 32}``: the lengths of ``size`` that fit the device."""
        table = self.cpu if device == "cpu" else self.gpu
        return dict(zip(self.names.split(), table[SIZES.index(size)], strict=True))


@dataclass(frozen=True)
class Cost:
    """What the mathematics asks of one call forward. ``flops``: one for each sum, product, comparison or elementary
    function. ``floats``: those in the target's dtype that are read or written at least once; ``other``: bytes beside.
    """

    flops: float
    floats: float
    other: float = 0.0


@dataclass(frozen=True)
class KernelSpec:
    """One kernel: ``family`` is its module in the three places.

    ``inputs(rng, **dims)`` draws the arguments in NumPy, as the kernel would meet them; ``cost(**dims)`` is what one
    call asks. ``options`` go to all three spellings; ``numerics`` (``tf32``) are settings of the framework around it.
    ``backward`` says whether it is differentiated. ``donate`` are the positions of the arguments that it may overwrite.
    At the ``referenced`` sizes NumPy is the judge; it is too slow or too big at the others, where the other mode and
    the float64 rerun judge. ``unsupported`` and ``tolerance`` map the start of a target's id to a reason and to a
    tolerance that is set by hand. ``terms(**dims)`` is the length of the longest sum of entries of size 1, where that
    is what limits accuracy beyond the tiny size; ``turnover(**dims)`` is how far an entry moves where rounding turns
    one ReLU or maximum over, of the millions there are at the large size. What is ``slow_to_compile`` even when tiny is
    no part of the quick profile.
    """

    name: str
    family: str
    sizes: Sizes
    inputs: Callable[..., tuple[Any, ...]]
    cost: Callable[..., Cost]
    options: Mapping[str, Any] = field(default_factory=dict)
    numerics: Mapping[str, Any] = field(default_factory=dict)
    backward: bool = True
    donate: tuple[int, ...] = ()
    referenced: tuple[str, ...] = (TINY, MEDIUM)
    unsupported: Mapping[str, str] = field(default_factory=dict)
    tolerance: Mapping[str, Tolerance] = field(default_factory=dict)
    terms: Callable[..., int] | None = None
    turnover: Callable[..., float] = lambda **_: 0.0
    slow_to_compile: bool = False


@dataclass(frozen=True)
class Kernel:
    """A kernel at one size: what a test is parametrised by. ``op_name`` is its row in the verdict table."""

    spec: KernelSpec
    size: str

    def __str__(self) -> str:
        return f"{self.spec.name}-{self.size}"

    @property
    def op_name(self) -> str:
        return self.spec.name

    def at(self, size: str) -> "Kernel":
        return Kernel(self.spec, size)

    def dims(self, device: str) -> dict[str, int]:
        return self.spec.sizes.dims(device, self.size)

    def inputs(self, device: str) -> Callable[[Rng], tuple[Any, ...]]:
        """``make(rng)``, which draws the arguments."""
        return lambda rng: self.spec.inputs(rng, **self.dims(device))

    def work(self, device: str, dtype: str) -> Work:
        """What one call forward asks of the machine: operations, and bytes in ``dtype``."""
        cost = self.spec.cost(**self.dims(device))
        return Work(cost.flops, cost.floats * ITEM_BYTES[dtype] + cost.other, "row")

    def in_framework(self, name: str) -> Callable[..., Any]:
        """The kernel as the framework spells it, options bound. Imports the framework."""
        return named(getattr(self._module(name), self.spec.name), self.spec.options)

    @contextmanager
    def in_force(self, fw: Any) -> Iterator[None]:
        """The kernel's own ``numerics`` are those of the framework inside, and no others."""
        before = fw.numerics
        fw.numerics = replace(before, **self.spec.numerics)
        try:
            yield
        finally:
            fw.numerics = before

    @property
    def referenced(self) -> bool:
        return self.size in self.spec.referenced

    def reference(self) -> Callable[..., Any]:
        return named(getattr(self._module("numpy"), self.spec.name), self.spec.options)

    def reference_vjp(self) -> Callable[..., Any] | None:
        """None where the kernel is not differentiated."""
        if not self.spec.backward:
            return None
        return named(getattr(self._module("numpy"), f"{self.spec.name}_vjp"), self.spec.options)

    def unsupported(self, target: object) -> str:
        """Why the kernel does not run on this target; empty where it does."""
        return next((why for start, why in self.spec.unsupported.items() if str(target).startswith(start)), "")

    def tolerance(self, target: Target) -> Tolerance | None:
        """One that is set by hand for this target, else one for long sums; None: the bound is derived."""
        by_hand = next((t for start, t in self.spec.tolerance.items() if str(target).startswith(start)), None)
        return by_hand or self._of_long_sums(target)

    def _of_long_sums(self, target: Target) -> Tolerance | None:
        """In narrow dtypes the result's own rounding covers it: libraries sum in float32."""
        if self.spec.terms is None or self.size == TINY or target.dtype not in SUMMED_IN_OWN_DTYPE:
            return None
        dims, u = self.dims(target.device), UNIT_ROUNDOFF[target.dtype]
        terms, turnover = self.spec.terms(**dims), self.spec.turnover(**dims)
        why = f"a sum of {terms} terms, one after the other: n u in all, where the bound of conditioning is sqrt(n) u"
        why += f"; rounding may turn a maximum over, which moves an entry by up to {turnover:.0e}" if turnover else ""
        return Tolerance(rtol=SUM_FACTOR * u, atol=SUM_FACTOR * terms * u + turnover, why=why)

    def _module(self, place: str) -> Any:
        return import_module(f".in_{place}.{self.spec.family}", __package__)


def kernels(specs: Iterable[KernelSpec], sizes: Sequence[str] = SIZES) -> list[Kernel]:
    return [Kernel(spec, size) for spec in specs for size in sizes]
