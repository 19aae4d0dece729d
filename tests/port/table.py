"""A planted mistake: a model in torch, its port to JAX with one slip, the layer and the cause to be named."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Rng = np.random.Generator


@dataclass(frozen=True)
class Model:
    """``port(**slip)`` is the JAX function, right where nothing is said. ``inputs(rng)`` are NumPy arrays."""

    name: str
    module: Callable[[], Any]
    port: Callable[..., Callable[..., Any]]
    inputs: Callable[[Rng], tuple[Any, ...]]
    params_map: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Slip:
    """``layer`` is the torch module that parts; ``cause`` words that the report's cause has to hold."""

    name: str
    model: Model
    slip: Mapping[str, Any]
    layer: str
    cause: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name
