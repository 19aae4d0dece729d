"""What the caller of check_grads asked for, apart from the function and its arguments."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..tolerance import Tolerance

Function = Callable[..., Any]


@dataclass(frozen=True)
class Request:
    """``wrt`` is made a tuple; ``others`` are the same function on other frameworks, by framework name."""

    reference: Function | None = None
    reference_vjp: Function | None = None
    wrt: Any = None
    order: int = 1
    variants: bool = False
    tolerance: Tolerance | None = None
    others: Mapping[str, Function] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.order not in (1, 2):
            raise ValueError(f"order is {self.order!r}; allowed are 1 and 2")
        for name in ("reference", "reference_vjp"):
            given = getattr(self, name)
            if given is not None and not callable(given):
                raise TypeError(f"{name} is {given!r} of type {type(given).__name__}; pass a function of NumPy arrays")
        if self.wrt is not None:
            object.__setattr__(self, "wrt", (self.wrt,) if isinstance(self.wrt, (int, str)) else tuple(self.wrt))
