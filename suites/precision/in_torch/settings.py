"""float32 products under torch's precision settings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from ...in_torch.layers import conv2d as convolution
from ...in_torch.layers import linear as product

__all__ = ["convolution", "product", "refused", "setting", "value_and_gradients"]


def refused(error: Exception) -> bool:
    """Whether the device has not what a setting asks for. torch's settings allow, and ask for nothing."""
    return False


@contextmanager
def setting(name: str) -> Iterator[None]:
    """One setting inside, what was before outside."""
    if name == "cudnn.allow_tf32":
        with torch.backends.cudnn.flags(allow_tf32=True, deterministic=True):
            yield
        return
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(name)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def value_and_gradients(op: Callable[..., Any]) -> Callable[..., Any]:
    """``(x, w, g)`` to the value and its two gradients along g."""

    def run(x: Any, w: Any, g: Any) -> Any:
        y, pullback = torch.func.vjp(op, x, w)[:2]
        return y, *pullback(g)

    return run
