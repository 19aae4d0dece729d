"""Scaled losses: torch.amp.GradScaler, and a gradient through float16."""

from collections.abc import Callable
from typing import Any

import torch

DEVICES = {"gpu": "cuda", "cpu": "cpu"}


def trainer(fw: Any, start: Any, settings: Any) -> Callable[[Any], Any]:
    """Steps of gradient descent as torch documents them: scale, unscale, clip, step, update."""
    w = fw.asarray(start).requires_grad_()
    descent = torch.optim.SGD([w], lr=settings.lr)
    rule = settings.rule
    scaler = torch.amp.GradScaler(
        DEVICES[fw.device],
        init_scale=settings.scale,
        growth_factor=rule.growth,
        backoff_factor=rule.backoff,
        growth_interval=rule.interval,
    )

    def step(c: Any) -> Any:
        descent.zero_grad()
        # The gradient of the product is in float16, as under autocast.
        (scaler.scale((w.to(torch.float16) * fw.asarray(c, dtype="float16")).float().sum())).backward()
        scaler.unscale_(descent)
        torch.nn.utils.clip_grad_norm_([w], settings.longest)
        scaler.step(descent)
        scaler.update()
        return fw.to_numpy(w), scaler.get_scale()

    return step


def gradient(w: Any, c: Any, scale: Any) -> Any:
    """Of sum c w by a loss that is ``scale`` times as large, w and its gradient in float16."""

    def scaled(narrow: Any) -> Any:
        return (narrow.to(torch.float32) * c).sum() * scale

    return torch.func.grad(scaled)(w.to(torch.float16)).to(torch.float32) / scale
