"""Discrete Fourier transforms of real and complex numbers, the latter as a pair of parts."""

from functools import lru_cache
from typing import Any

import mpmath as mp
import numpy as np

from ..tensors import Exact, Exacts
from .arrays import along, zeros

Pair = tuple[Exacts, Exacts]


@lru_cache(maxsize=256)
def _waves(n: int, digits: int) -> Pair:
    """Cosine and sine of 2 pi j k / n. They depend on the digits in force, which a cache must know."""
    angles = [[mp.mpf(2 * (j * k % n)) / n for j in range(n)] for k in range(n)]
    return np.array([[mp.cospi(a) for a in row] for row in angles]), np.array(
        [[mp.sinpi(a) for a in row] for row in angles]
    )


def cut_or_padded(x: Exacts, n: int, axis: int = -1) -> Exacts:
    """With zeros at the end."""
    x = np.moveaxis(x, axis, -1)[..., :n]
    rest = zeros((*x.shape[:-1], n - x.shape[-1]))
    return np.moveaxis(np.concatenate([x, rest], -1), -1, axis)


def fourier(re: Exacts, im: Exacts, axis: int = -1, sign: int = -1) -> Pair:
    """Sums of x_j exp(sign 2 pi i j k / n), not scaled."""
    c, s = _waves(re.shape[axis], mp.mp.dps)
    return (
        along(re, c, axis) - sign * along(im, s, axis),
        along(im, c, axis) + sign * along(re, s, axis),
    )


def _transformed(re: Exacts, im: Exacts, axes: tuple[int, ...], sign: int, scale: Any) -> Pair:
    for axis in axes:
        re, im = fourier(re, im, axis, sign)
    return re * scale, im * scale


def forward(part: int, axes: tuple[int, ...] = (-1,), norm: str = "backward", n: int | None = None) -> Exact:
    """Real (0) or imaginary part (1) of the transform of real numbers."""

    def at(x: Exacts) -> Exacts:
        x = x if n is None else cut_or_padded(x, n)
        return _transformed(x, 0 * x, axes, -1, _scale(x, axes, norm))[part]

    return at


def backward(part: int, axes: tuple[int, ...] = (-1,), norm: str = "backward", n: int | None = None) -> Exact:
    """The same of the inverse transform of complex numbers."""
    opposite = {"backward": "forward", "forward": "backward", "ortho": "ortho"}[norm]

    def at(x: Exacts, y: Exacts) -> Exacts:
        x, y = (v if n is None else cut_or_padded(v, n) for v in (x, y))
        return _transformed(x, y, axes, 1, _scale(x, axes, opposite))[part]

    return at


def _scale(x: Exacts, axes: tuple[int, ...], norm: str) -> Any:
    size = mp.mpf(int(np.prod([x.shape[axis] for axis in axes])))
    return {"backward": mp.mpf(1), "ortho": 1 / mp.sqrt(size), "forward": 1 / size}[norm]


def half(f: Exact) -> Exact:
    """The frequencies that a transform of real numbers keeps."""
    return lambda x: (lambda y: y[..., : y.shape[-1] // 2 + 1])(f(x))


def real_backward(x: Exacts, y: Exacts, n: int, sign: int = 1, scale: Any = None) -> Exacts:
    """From half of a Hermitian spectrum along the last axis; the imaginary parts of its real entries do not count."""
    x, y = cut_or_padded(x, n // 2 + 1), cut_or_padded(y, n // 2 + 1)
    c, s = _waves(n, mp.mp.dps)
    total = 0
    for k in range(n // 2 + 1):
        if k == 0 or 2 * k == n:
            total = total + x[..., k : k + 1] * c[k]
        else:
            total = total + 2 * (x[..., k : k + 1] * c[k] - sign * y[..., k : k + 1] * s[k])
    return total * (mp.mpf(1) / n if scale is None else scale)


def real_backward_2d(x: Exacts, y: Exacts, n: int) -> Exacts:
    re, im = _transformed(x, y, (0,), 1, mp.mpf(1) / x.shape[0])
    return real_backward(re, im, n)
