"""A loss multiplied by a scale, so that gradients do not vanish in a narrow range, and the rule that moves the scale.

Source: P. Micikevicius et al., Mixed Precision Training (ICLR 2018), section 3.2; the rule and its names as documented
for torch.amp.GradScaler.
"""

from dataclasses import dataclass

import numpy as np

from ..arrays import Array


@dataclass(frozen=True)
class Rule:
    """After a step with an infinity or a NaN in a gradient the scale is multiplied by ``backoff``; after ``interval``
    steps in a row without, by ``growth``.
    """

    growth: float = 2.0
    backoff: float = 0.5
    interval: int = 2000

    def after(self, scale: float, good: int, finite: bool) -> tuple[float, int]:
        """The next scale, and how many good steps it has seen."""
        if not finite:
            return scale * self.backoff, 0
        return (scale * self.growth, 0) if good + 1 == self.interval else (scale, good + 1)


def clipped_to_norm(gradients: list[Array], longest: float) -> list[Array]:
    """All gradients times min(1, longest / (their common 2-norm + 1e-6))."""
    norm = np.sqrt(sum(float(np.sum(g * g)) for g in gradients))
    return [g * min(1.0, longest / (norm + 1e-6)) for g in gradients]


def scaled_step(
    params: list[Array], gradients: list[Array], scale: float, *, lr: float, longest: float = np.inf
) -> tuple[list[Array], bool]:
    """A step of gradient descent by ``gradients`` of the scaled loss: unscaled, then clipped, then applied.

    Returns the parameters, and whether every gradient was finite; where one was not, they are the same arrays.
    """
    if not all(np.all(np.isfinite(g)) for g in gradients):
        return params, False
    true = clipped_to_norm([g / scale for g in gradients], longest)
    return [p - lr * g for p, g in zip(params, true, strict=True)], True
