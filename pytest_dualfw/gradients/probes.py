"""Probes: the random numbers of a check. All come from its seed, and a run with another seed draws others.

An entry of a direction is +-(0.5 + U[0, 1)): none is near zero, so a single wrong entry moves every probe, which
Gaussian and uniform laws do not promise. Its signs are then turned, in a few blocks, so that the gradient that is
judged has a large product with it: an error that is the same fraction of every entry cannot hide behind cancellation.
"""

from itertools import pairwise
from typing import Any

import numpy as np

from ..frameworks.program import Array

BLOCKS = 16

# A fallback unit for leaves whose entries differ by orders of magnitude: |x_i| + 1e-3 rms.
RELATIVE_FLOOR = 1e-3


def signs(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """+-(0.5 + U[0, 1))."""
    drawn = np.asarray(rng.uniform(-1.0, 1.0, size=shape))
    drawn += np.copysign(0.5, drawn)
    return drawn


def cotangent(like: Array, rng: np.random.Generator) -> Array:
    """1 for a real scalar, as if it were a loss; else a draw of :func:`signs`, complex where the output is."""
    if like.ndim == 0 and like.dtype.kind != "c":
        return np.ones_like(like)
    return _draw(like, rng).astype(like.dtype)


def unit(x: Array) -> Any:
    """The length in which a leaf is measured: its root mean square, 1 for a leaf of zeros."""
    if not x.size:
        return 1.0
    return float(np.sqrt(np.vdot(x, x).real / x.size)) or 1.0


def relative_unit(x: Array) -> Any:
    return np.abs(x) + RELATIVE_FLOOR * unit(x)


def toward(dx: Array, x: Array, scale: Any, rng: np.random.Generator) -> Array:
    """A direction of the leaf ``x`` in units of ``scale``, its blocks turned so that <dx, u> does not cancel."""
    u = np.asarray(_draw(x, rng) * scale, order="C")
    d, flat = dx.reshape(-1), u.reshape(-1)
    blocks = min(BLOCKS, u.size)
    for start, stop in pairwise(k * u.size // blocks for k in range(blocks + 1) if blocks):
        if np.vdot(d[start:stop], flat[start:stop]).real < 0:
            flat[start:stop] *= -1
    return u


def _draw(like: Array, rng: np.random.Generator) -> Array:
    real = signs(like.shape, rng)
    return real + 1j * signs(like.shape, rng) if like.dtype.kind == "c" else real
