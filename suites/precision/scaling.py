"""Scaled losses: the scale's way over steps with planted overflows, and gradients that float16 alone would lose.

The loss of a step is sum c w, w rounded to float16, so that its gradient is c, and scale c in float16 when scaled:
infinite where it leaves the range.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
from pytest_dualfw.reference.precision.scaling import Rule, scaled_step

from pytest_dualfw import Check
from pytest_dualfw.compare import compare
from pytest_dualfw.tolerance import TINY, UNIT_ROUNDOFF

Array = np.ndarray[Any, Any]
# One step of training: c to the parameters after it and the scale for the next, in NumPy.
Step = Callable[[Array], tuple[Array, float]]

STEPS, OVERFLOWS = 14, (3, 4, 9)
SIZE = 24


@dataclass(frozen=True)
class Settings:
    """How a run trains. At the first scale an ordinary gradient is finite in float16, a planted one is not."""

    rule: Rule = field(default_factory=lambda: Rule(interval=3))
    scale: float = 2.0**10
    lr: float = 0.125
    longest: float = 1.0


@dataclass(frozen=True)
class Trajectory:
    """What training did: ``params`` before the first step and after each, ``scales`` after each."""

    settings: Settings
    gradients: list[Array]
    params: list[Array]
    scales: list[float]

    @classmethod
    def of(cls, fw: Any, rng: np.random.Generator, trainer: Callable[[Array, Settings], Step] | None = None) -> Any:
        """Train by ``trainer`` (default: the framework's own scaler)."""
        here = import_module(f".in_{fw.name}.scaling", __package__)
        settings, gradients = Settings(), [_planted(k, rng) for k in range(STEPS)]
        params, scales = [np.asarray(rng.normal(size=SIZE), np.float32).astype(np.float64)], []
        step = trainer(params[0], settings) if trainer else here.trainer(fw, params[0], settings)
        for c in gradients:
            w, scale = step(c)
            params.append(w.astype(np.float64))
            scales.append(scale)
        return cls(settings, gradients, params, scales)

    def finite(self) -> list[bool]:
        """Whether the scaled gradient of each step fitted float16, by the rule in NumPy."""
        return [finite for _, _, finite in self._expected()]

    def checks(self) -> Iterator[Check]:
        """For each step the scale, exactly, and the parameters that follow from those before it."""
        u = UNIT_ROUNDOFF["float32"]
        for k, (scale, w, finite) in enumerate(self._expected()):
            moved = np.abs(w - self.params[k]) + np.abs(w)
            # The norm is a sum of SIZE squares; the quotients, the product and the sum round once each.
            bound = (SIZE + 8) * u * moved if finite else np.zeros_like(w)
            yield compare(f"scale after step {k + 1}", "rule", self.scales[k], np.asarray(scale), np.zeros(()))
            yield compare(f"parameters after step {k + 1}", "reference", self.params[k + 1], w, bound)

    def _expected(self) -> Iterator[tuple[float, Array, bool]]:
        scale, good = self.settings.scale, 0
        for c, w in zip(self.gradients, self.params, strict=False):
            (after,), finite = scaled_step(
                [w], [_float16(scale * c)], scale, lr=self.settings.lr, longest=self.settings.longest
            )
            scale, good = self.settings.rule.after(scale, good, finite)
            yield scale, after, finite


def underflow(fw: Any, scale: float, rng: np.random.Generator) -> tuple[Check, int]:
    """Gradients around 2^-24 by a scaled loss, unscaled in float32, against the true ones; and how many are zero."""
    here = import_module(f".in_{fw.name}.scaling", __package__)
    c = _float16(2.0**15 * rng.uniform(2.0**-27, 2.0**-23, SIZE)) / 2.0**15
    w = rng.normal(size=SIZE)
    found = fw.to_numpy(fw.compile(here.gradient)(*map(fw.asarray, (w, c)), fw.asarray(scale))).astype(np.float64)
    bound = UNIT_ROUNDOFF["float16"] * c + TINY["float16"] / 2**15
    return compare("gradient", f"gradient of the loss times {scale:g}", found, c, bound), int(np.sum(found == 0))


def _planted(k: int, rng: np.random.Generator) -> Array:
    """Between 1/4 and 4; in a step that overflows one entry is 2^12 times that."""
    c = 2.0 ** rng.uniform(-2, 2, SIZE) * rng.choice([-1, 1], SIZE)
    c[rng.integers(SIZE)] *= 2.0**12 if k in OVERFLOWS else 1.0
    return _float16(c)


def _float16(x: Array) -> Array:
    with np.errstate(over="ignore"):
        return x.astype(np.float16).astype(np.float64)
