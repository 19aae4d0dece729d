"""Learning rates as functions of the number of steps taken before: t = 0 at the first step.

The schedules of torch.optim.lr_scheduler compute each rate from the one before; these are their closed forms.
"""

import math

from ._options import require_non_negative


def constant_rate(t: int, *, lr: float) -> float:
    """lr, always."""
    require_non_negative(lr=lr)
    return lr


def stepped_rate(t: int, *, lr: float, every: int, gamma: float) -> float:
    """lr gamma^floor(t / every): times gamma after every so many steps. torch.optim.lr_scheduler.StepLR."""
    require_non_negative(lr=lr, gamma=gamma)
    _require_steps(every=every)
    return float(lr * gamma ** (t // every))


def cosine_rate(t: int, *, lr: float, warmup: int, steps: int, start: float) -> float:
    """A straight line up, then half a cosine down to 0 at t = steps:

        t < warmup:  lr (start + (1 - start) t / warmup),
        else:        lr (1 + cos(pi (t - warmup) / (steps - warmup))) / 2.

    Source: I. Loshchilov and F. Hutter, arXiv:1608.03983, eq. 5, without restarts; torch's LinearLR and
    CosineAnnealingLR, joined by SequentialLR.
    """
    require_non_negative(lr=lr, start=start)
    _require_steps(warmup=warmup, steps=steps)
    if warmup >= steps:
        raise ValueError(f"warmup is {warmup!r} of {steps!r} steps; allowed are fewer than all")
    if t < warmup:
        return lr * (start + (1 - start) * t / warmup)
    return lr * (1 + math.cos(math.pi * (t - warmup) / (steps - warmup))) / 2


def _require_steps(**options: int) -> None:
    for name, value in options.items():
        if not value >= 1:
            raise ValueError(f"{name} is {value!r}; allowed are numbers of steps of at least 1")
