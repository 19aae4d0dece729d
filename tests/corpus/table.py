"""A case of the corpus: one function on one or both frameworks, and how it is to be called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Rng = np.random.Generator
Function = Callable[..., Any]


@dataclass(frozen=True)
class Case:
    """``make`` draws the arguments in NumPy; ``torch`` and ``jax`` are the same function on either framework, None
    where a framework cannot have it. ``options`` go to check_grads. ``cells`` are the dtypes and modes it runs in.
    """

    name: str
    family: str
    make: Callable[[Rng], tuple[Any, ...]]
    torch: Function | None
    jax: Function | None
    options: Mapping[str, Any] = field(default_factory=dict)
    cells: tuple[str, ...] = ("float64-eager",)

    def __str__(self) -> str:
        return self.name

    def on(self, framework: str) -> Function | None:
        return self.torch if framework == "torch" else self.jax
