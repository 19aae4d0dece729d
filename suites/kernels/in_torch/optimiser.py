"""torch.optim's functional AdamW, which the class calls: it writes into the parameters and its state."""

from typing import Any

import torch
from torch.optim.adamw import adamw as functional

LR = 1e-3

State = tuple[list[Any], list[Any], list[Any], list[Any]]


def adamw(p: list[Any], g: list[Any], m: list[Any], v: list[Any], t: list[Any]) -> State:
    return _step(p, g, m, v, t, foreach=False)


def adamw_foreach(p: list[Any], g: list[Any], m: list[Any], v: list[Any], t: list[Any]) -> State:
    return _step(p, g, m, v, t, foreach=True)


def adamw_fused(p: list[Any], g: list[Any], m: list[Any], v: list[Any], t: list[Any]) -> State:
    """Compiled, the lists: torch refuses to trace its fused kernel, and the compiler is to fuse by itself."""
    fused = not torch.compiler.is_compiling()
    return _step(p, g, m, v, t, foreach=not fused, fused=fused)


def _step(p: list[Any], g: list[Any], m: list[Any], v: list[Any], t: list[Any], **implementation: Any) -> State:
    """``capturable`` keeps the count of steps on the device, where the kernel got it: no wait for the GPU."""
    functional(
        p, g, m, v, [], t,
        capturable=not implementation.get("fused") and (p[0].is_cuda or torch.compiler.is_compiling()),
        amsgrad=False, beta1=0.9, beta2=0.999, lr=LR, weight_decay=1e-2, eps=1e-8, maximize=False,
        **implementation,
    )  # fmt: skip
    return p, m, v, t
