"""Mixed precision as torch has it: the model and its loss under torch.autocast, the backward pass outside."""

from collections.abc import Callable
from typing import Any

import torch

DEVICES = {"gpu": "cuda", "cpu": "cpu"}


def model(spec: Any, fw: Any, low: str) -> Callable[..., Any]:
    return _autocast(spec.in_framework(fw), fw, low)


def loss(spec: Any, fw: Any, low: str, target: Any) -> Callable[..., Any]:
    return _autocast(spec.loss_in_framework(fw, target), fw, low)


def _autocast(f: Callable[..., Any], fw: Any, low: str) -> Callable[..., Any]:
    def run(*args: Any) -> Any:
        with torch.autocast(DEVICES[fw.device], dtype=getattr(torch, low)):
            return f(*args)

    return run
