"""A row of the op table, and where its three spellings are found.

An op has one name in three places: ``pytest_dualfw.reference`` (with ``<name>_vjp`` beside it), ``in_torch`` and
``in_jax``. A new op is one row, one pair of reference functions and one function for each framework.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from pytest_dualfw import Tolerance

Make = Callable[[np.random.Generator], tuple[Any, ...]]


@dataclass(frozen=True)
class Sample:
    """One concrete input: ``make(rng)`` yields the primals as NumPy arrays, ``options`` go to all three spellings.

    ``batched`` are the positions of the primals that get a leading axis under vmap, empty where vmap makes no sense.
    ``smooth`` is False where the second derivative does not exist at the input. ``wrt`` are the positions of the
    primals to differentiate, None for all floating ones; it is for primals that a framework refuses to differentiate.
    """

    name: str
    make: Make
    options: Mapping[str, Any] = field(default_factory=dict)
    batched: tuple[int, ...] = (0,)
    smooth: bool = True
    wrt: tuple[int, ...] | None = None


@dataclass(frozen=True)
class OpSpec:
    """One op: ``family`` is its module in the three places.

    ``unsupported`` maps the start of a target's id (``torch``, ``jax-cpu-float16``) to the reason why it does not run
    there, ``tolerance`` likewise to one that is set by hand and says why.
    """

    name: str
    family: str
    samples: tuple[Sample, ...]
    unsupported: Mapping[str, str] = field(default_factory=dict)
    tolerance: Mapping[str, Tolerance] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """An op at one sample: what a test is parametrised by. ``op_name`` is its row in the verdict table."""

    op: OpSpec
    sample: Sample

    def __str__(self) -> str:
        return f"{self.op.name}-{self.sample.name}"

    @property
    def op_name(self) -> str:
        return self.op.name

    def in_framework(self, name: str) -> Callable[..., Any]:
        """The framework's own op, options bound. Imports the framework."""
        module = import_module(f"..in_{name}.{self.op.family}", __name__)
        return named(getattr(module, self.op.name), self.sample.options)

    def reference(self) -> Callable[..., Any]:
        return named(getattr(self._references(), self.op.name), self.sample.options)

    def reference_vjp(self) -> Callable[..., Any]:
        return named(getattr(self._references(), f"{self.op.name}_vjp"), self.sample.options)

    def unsupported(self, target: object) -> str:
        """Why the op does not run on this target; empty where it does."""
        return next((why for start, why in self.op.unsupported.items() if str(target).startswith(start)), "")

    def tolerance(self, target: object) -> Tolerance | None:
        return next((t for start, t in self.op.tolerance.items() if str(target).startswith(start)), None)

    def _references(self) -> Any:
        return import_module(f"pytest_dualfw.reference.{self.op.family}")


def cases(ops: Iterable[OpSpec]) -> list[Case]:
    return [Case(op, sample) for op in ops for sample in op.samples]


def named(f: Callable[..., Any], options: Mapping[str, Any]) -> Callable[..., Any]:
    """``f`` with its options bound, under its own name."""
    bound = partial(f, **options)
    bound.__name__ = f.__name__  # type: ignore[attr-defined]
    return bound
