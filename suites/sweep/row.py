"""A row of the sweep: one op, spelled in torch, in JAX and in exact arithmetic.

An expression is kept as text, so that a reproducer can be written out. Its arguments are x, y, z.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from .exact import Scalar

ARGUMENTS = "xyz"
# What an expression may name, and the import that a reproducer writes.
NAMES = {
    "torch": {"torch": "torch", "F": "torch.nn.functional"},
    "jax": {"jax": "jax", "jnp": "jax.numpy", "lax": "jax.lax", "jsp": "jax.scipy"},
}
REAL = (-float("inf"), float("inf"))
Interval = tuple[float, float]


def modules(names: Mapping[str, str]) -> dict[str, Any]:
    """Imports the framework."""
    return {name: import_module(module) for name, module in names.items()}


@dataclass(frozen=True, eq=False)
class Row:
    """An op of one, two or three numbers, applied entry by entry.

    ``truth`` is the value in exact arithmetic. ``domain`` holds one interval for each argument, in which the value is
    defined, and whose ends are points of interest; ``points`` are further ones (for each argument).
    ``differentiable`` is False where there is no gradient. ``note`` says what is meant by the op where that is not
    plain. ``unsupported`` maps the start of a target's id to the reason why the op does not run there.
    ``of_memory`` is True where the op means places in memory, so that another layout is another question;
    ``one_axis`` where its spelling takes arrays of one axis.
    """

    name: str
    torch: str
    jax: str
    truth: Scalar
    domain: tuple[Interval, ...] = (REAL,)
    points: tuple[float, ...] = ()
    differentiable: bool = True
    note: str = ""
    unsupported: Mapping[str, str] = field(default_factory=dict)
    of_memory: bool = False
    one_axis: bool = False

    @property
    def arguments(self) -> str:
        return ARGUMENTS[: len(self.domain)]

    @property
    def entrywise(self) -> bool:
        """Whether the op is one of numbers, applied to each entry of an array."""
        return True

    @property
    def op_name(self) -> str:
        """The row's line in the verdict table."""
        return self.name

    def text(self, framework: str) -> str:
        found: str = getattr(self, framework)
        return found

    def function(self, framework: str) -> Callable[..., Any]:
        """The expression as a function. Imports the framework."""
        names = modules(NAMES[framework])
        made: Callable[..., Any] = eval(f"lambda {', '.join(self.arguments)}: {self.text(framework)}", names)
        made.__name__ = self.name
        return made

    @property
    def defaults_differ(self) -> bool:
        """Whether the row shows what an op is without options."""
        return self.name.endswith(" default")

    def why_unsupported(self, target: object) -> str:
        """Why the op does not run on this target; empty where it does."""
        return next((why for start, why in self.unsupported.items() if str(target).startswith(start)), "")
